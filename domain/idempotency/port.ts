import type { Tenant } from '../keys.ts';
import type { IdempotencyRecord, PackedOutcome } from './idempotency.ts';

export type IdempotencyKeys = {
  /** Writes the record if there is none in force; else answers with the one that is. */
  begin(
    tenant: Tenant,
    name: string,
    record: IdempotencyRecord,
    nowMs: number,
  ): Promise<IdempotencyRecord | undefined>;
  /** Takes over the lease of a record. False if the record is no longer as it was read. */
  takeOver(tenant: Tenant, name: string, found: IdempotencyRecord, leaseUntilMs: number): Promise<boolean>;
  /** Ends the lease: with the answer that later requests get too, or without one, so that the next request tries again. */
  end(tenant: Tenant, name: string, leaseUntilMs: number, answer: PackedOutcome | undefined): Promise<void>;
};
