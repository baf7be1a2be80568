// The API keys that were made through the control plane, and the usage plans they were attached to. What was
// answered with success is on disk.

import { randomBytes } from 'node:crypto';
import { StoredJson } from '../stored-json.ts';

export type ApiKey = {
  readonly id: string;
  readonly name: string;
  readonly value: string;
  readonly enabled: boolean;
};
type Contents = {
  readonly keys: readonly ApiKey[];
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
  constructor(file: string | undefined) {
    this.stored = new StoredJson<Contents>({ keys: [], planKeys: [] }, file, 0o600);
  }

  load(): Promise<void> {
    return this.stored.load();
  }

  private get contents(): Contents {
    return this.stored.value;
  }

  async create(input: { name?: string; value?: string; enabled?: boolean }): Promise<ApiKey> {
    const { name = '', value = randomBytes(20).toString('hex'), enabled = false } = input;
    if (this.contents.keys.some((key) => key.value === value))
      throw new ControlPlaneRefusal(409, 'ConflictException', 'API Key already exists');
    const key = { id: randomBytes(5).toString('hex'), name, value, enabled };
    await this.stored.replace({ ...this.contents, keys: [...this.contents.keys, key] });
    return key;
  }

  /** The caller has made sure that the plan exists. */
  async attach(planId: string, keyId: string): Promise<ApiKey> {
    const key = this.contents.keys.find(({ id }) => id === keyId);
    if (key === undefined)
      throw new ControlPlaneRefusal(404, 'NotFoundException', 'Invalid API Key identifier specified');
    if (this.plansOf(keyId).includes(planId))
      throw new ControlPlaneRefusal(409, 'ConflictException', 'Usage Plan Key already exists');
    await this.stored.replace({ ...this.contents, planKeys: [...this.contents.planKeys, { planId, keyId }] });
    return key;
  }

  find(value: string): ApiKey | undefined {
    return this.contents.keys.find((key) => key.value === value);
  }

  plansOf(keyId: string): readonly string[] {
    return this.contents.planKeys.flatMap((one) => (one.keyId === keyId ? [one.planId] : []));
  }
}
