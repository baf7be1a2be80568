// The lanes of one tenant, for tests.

import { guardMs, type Receipt } from '../../domain/counting/receipt.ts';
import { deltasOf, deltasToBytes } from '../../domain/documents/delta.ts';
import type { Lane, Tenant } from '../../domain/keys.ts';
import { dayMs, hourMs } from '../../domain/system/time.ts';
import { event, nowMs } from './events.ts';

export const tenantOf = (account: string): Tenant => ({ account, environment: 'production', generation: 0 });

export const lane: Lane = { tenant: tenantOf('acme'), slot: 0, late: false };
export const lateLane: Lane = { ...lane, late: true };

/** The receipt of a record of one event by a user, two hours before the record was received. */
export function laneReceipt(record: string, overrides: Partial<Receipt> = {}): Receipt {
  const { lane: own = lane, receivedAtMs = nowMs } = overrides;
  const events = [event({ timestamp: receivedAtMs - 2 * hourMs, user_id: `user of ${record}` })];
  return {
    lane: own,
    record: `${record}.0`,
    state: 'counted',
    mode: 'plain',
    delta: new Uint8Array(deltasToBytes(deltasOf(events))),
    accepted: 1,
    stored: 1,
    duplicates: 0,
    conflicts: 0,
    bytes: 100,
    receivedAtMs,
    storedAtMs: receivedAtMs + 9,
    expiresAtMs: receivedAtMs + 30 * dayMs + guardMs,
    ...overrides,
  };
}
