// Idempotency keys in memory.

import type { IdempotencyRecord, PackedOutcome } from '../../domain/idempotency/idempotency.ts';
import type { IdempotencyKeys } from '../../domain/idempotency/port.ts';
import { idempotencyKey, type Tenant } from '../../domain/keys.ts';

export class MemoryIdempotencyKeys implements IdempotencyKeys {
  readonly #records = new Map<string, IdempotencyRecord>();

  async begin(
    tenant: Tenant,
    name: string,
    record: IdempotencyRecord,
    nowMs: number,
  ): Promise<IdempotencyRecord | undefined> {
    const key = idempotencyKey(tenant, name);
    const found = this.#records.get(key);
    if (found && found.expiresAtMs > nowMs)
      return Buffer.compare(found.seed, record.seed) === 0 ? undefined : found;
    this.#records.set(key, record);
    return undefined;
  }

  async takeOver(
    tenant: Tenant,
    name: string,
    found: IdempotencyRecord,
    leaseUntilMs: number,
  ): Promise<boolean> {
    return this.#change(tenant, name, found.leaseUntilMs, { leaseUntilMs });
  }

  async end(
    tenant: Tenant,
    name: string,
    leaseUntilMs: number,
    answer: PackedOutcome | undefined,
  ): Promise<void> {
    this.#change(tenant, name, leaseUntilMs, { leaseUntilMs: 0, ...(answer && { answer }) });
  }

  #change(tenant: Tenant, name: string, leaseUntilMs: number, fields: Partial<IdempotencyRecord>): boolean {
    const key = idempotencyKey(tenant, name);
    const record = this.#records.get(key);
    if (!record || record.answer || record.leaseUntilMs !== leaseUntilMs) return false;
    this.#records.set(key, { ...record, ...fields });
    return true;
  }
}
