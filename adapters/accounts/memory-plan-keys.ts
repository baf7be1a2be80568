// Keys of API Gateway in memory.

import type { PlanKey, PlanKeys } from '../../domain/accounts/port.ts';

type Stored = PlanKey & { readonly name: string; plan?: string };

export class MemoryPlanKeys implements PlanKeys {
  readonly #keys = new Map<string, Stored>();
  #made = 0;

  async find(name: string): Promise<readonly PlanKey[]> {
    return this.stored(name).map(({ id, value }) => ({ id, value }));
  }

  async create(name: string, value: string): Promise<PlanKey> {
    if ([...this.#keys.values()].some((key) => key.value === value)) throw new Error('The value is taken.');
    this.#made += 1;
    const id = `key-${this.#made}`;
    this.#keys.set(id, { id, value, name });
    return { id, value };
  }

  async planOf({ id }: PlanKey): Promise<string | undefined> {
    return this.#get(id).plan;
  }

  async attach({ id }: PlanKey, usagePlanId: string): Promise<void> {
    const key = this.#get(id);
    if (key.plan !== undefined && key.plan !== usagePlanId) throw new Error('The key is on another plan.');
    key.plan = usagePlanId;
  }

  async remove({ id }: PlanKey): Promise<void> {
    this.#keys.delete(id);
  }

  stored(name: string): readonly Stored[] {
    return [...this.#keys.values()].filter((key) => key.name === name);
  }

  #get(id: string): Stored {
    const key = this.#keys.get(id);
    if (!key) throw new Error(`There is no key ${id}.`);
    return key;
  }
}
