// The API keys that were made through the control plane or by the template, and the usage plans they are attached
// to. What was answered with success is on disk.

import { randomBytes } from 'node:crypto';
import { isDeepStrictEqual } from 'node:util';
import { StoredJson, type StoredJsonOptions } from '../../core/stored-json.ts';

export type ApiKey = {
  readonly id: string;
  readonly name: string;
  readonly value: string;
  readonly enabled: boolean;
  readonly fromTemplate?: true;
};
type PlanKey = { readonly planId: string; readonly keyId: string; readonly fromTemplate?: true };
type Contents = { readonly keys: readonly ApiKey[]; readonly planKeys: readonly PlanKey[] };

/** What a template says of its keys; one without a value is given one, and keeps it. */
export type TemplateKeys = {
  readonly keys: readonly {
    readonly id: string;
    readonly name: string;
    readonly enabled: boolean;
    readonly value?: string;
  }[];
  readonly planKeys: readonly { readonly planId: string; readonly keyId: string }[];
};

export class ControlPlaneRefusal extends Error {
  override readonly name = 'ControlPlaneRefusal';
  readonly status: number;
  readonly code: string;
  constructor(status: number, code: string, message: string) {
    super(message);
    this.status = status;
    this.code = code;
  }
}

export class ApiKeys {
  private readonly stored: StoredJson<Contents>;

  /** Without a file, keys are gone with the process. */
  constructor(file: string | undefined, marks?: StoredJsonOptions['marks']) {
    this.stored = new StoredJson<Contents>({ keys: [], planKeys: [] }, file, {
      mode: 0o600,
      ...(marks && { marks }),
    });
  }

  load(): Promise<void> {
    return this.stored.load();
  }

  private get contents(): Contents {
    return this.stored.value;
  }

  async create(input: { name?: string; value?: string; enabled?: boolean }): Promise<ApiKey> {
    const { name = '', value = newValue(), enabled = false } = input;
    if (this.find(value) !== undefined) throw keyExists();
    const key = { id: randomBytes(5).toString('hex'), name, value, enabled };
    await this.stored.replace({ ...this.contents, keys: [...this.contents.keys, key] });
    return key;
  }

  /** The caller has made sure that the plan exists. */
  async attach(planId: string, keyId: string): Promise<ApiKey> {
    const key = this.get(keyId);
    if (this.plansOf(keyId).includes(planId))
      throw new ControlPlaneRefusal(409, 'ConflictException', 'Usage Plan Key already exists');
    await this.stored.replace({ ...this.contents, planKeys: [...this.contents.planKeys, { planId, keyId }] });
    return key;
  }

  /** Makes the template's keys what it says now; those of before that it has no more are gone. */
  async deploy(template: TemplateKeys): Promise<void> {
    const before = this.contents;
    const keys = before.keys.filter(({ fromTemplate }) => !fromTemplate);
    for (const given of template.keys) {
      const value = given.value ?? before.keys.find(({ id }) => id === given.id)?.value ?? newValue();
      if (keys.some((key) => key.value === value)) throw keyExists();
      keys.push({ ...given, value, fromTemplate: true });
    }
    const planKeys: readonly PlanKey[] = [
      ...before.planKeys.filter(
        ({ keyId, fromTemplate }) => !fromTemplate && keys.some(({ id }) => id === keyId),
      ),
      ...template.planKeys.map((planKey) => ({ ...planKey, fromTemplate: true as const })),
    ];
    const after: Contents = { keys, planKeys };
    if (!isDeepStrictEqual(after, before)) await this.stored.replace(after);
  }

  /** With all that it was attached to. */
  async remove(keyId: string): Promise<void> {
    const { id } = this.get(keyId);
    await this.stored.replace({
      keys: this.contents.keys.filter((key) => key.id !== id),
      planKeys: this.contents.planKeys.filter((planKey) => planKey.keyId !== id),
    });
  }

  /** Those whose names begin so. */
  named(prefix: string): readonly ApiKey[] {
    return this.contents.keys.filter(({ name }) => name.startsWith(prefix));
  }

  get(keyId: string): ApiKey {
    const key = this.contents.keys.find(({ id }) => id === keyId);
    if (key === undefined)
      throw new ControlPlaneRefusal(404, 'NotFoundException', 'Invalid API Key identifier specified');
    return key;
  }

  find(value: string): ApiKey | undefined {
    return this.contents.keys.find((key) => key.value === value);
  }

  plansOf(keyId: string): readonly string[] {
    return this.contents.planKeys.flatMap((one) => (one.keyId === keyId ? [one.planId] : []));
  }
}

function newValue(): string {
  return randomBytes(20).toString('hex');
}

function keyExists(): ControlPlaneRefusal {
  return new ControlPlaneRefusal(409, 'ConflictException', 'API Key already exists');
}
