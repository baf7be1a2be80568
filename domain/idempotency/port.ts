// Idempotency keys, and the leases on the requests that they name.

import type { Tenant } from '../keys.ts';
import type { IdempotencyRecord, PackedOutcome } from './idempotency.ts';

export type IdempotencyKeys = {
  /** Writes the record if the key has none in force. Otherwise returns the one in force. */
  begin(
    tenant: Tenant,
    name: string,
    record: IdempotencyRecord,
    nowMs: number,
  ): Promise<IdempotencyRecord | undefined>;
  /** Takes over the lease. False if the record has changed since it was read. */
  takeOver(tenant: Tenant, name: string, found: IdempotencyRecord, leaseUntilMs: number): Promise<boolean>;
  /** Ends the lease. Later requests get `answer`; without one, the next request with the key tries again. */
  end(tenant: Tenant, name: string, leaseUntilMs: number, answer: PackedOutcome | undefined): Promise<void>;
};
