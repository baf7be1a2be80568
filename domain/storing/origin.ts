// The record that a made event id names, when a client sends the id again. Its receipt decides whether the id is still
// held, as a claim would.

import { shortestRetentionDays } from '../accounts/retention.ts';
import { guardMs, type Receipt } from '../counting/receipt.ts';
import type { Tenant } from '../keys.ts';
import { longestInvocationMs } from '../quarantine/quarantine.ts';
import type { MadeId } from '../record/made-id.ts';
import type { RecordPlace } from '../record/record-id.ts';
import { dayMs } from '../system/time.ts';

/** `receipt`: of the record that the id names. Undefined if there is none. */
export type Origin = { readonly id: MadeId; readonly receipt: Receipt | undefined };

/** The longest that a stream may keep records: one that is read again later would find its receipt expired. */
export const longestStreamMs = shortestRetentionDays * dayMs + guardMs;

/** A record without a receipt may still be in the stream, or about to be stored, for so long. */
const mayArriveForMs = longestStreamMs + longestInvocationMs;

/**
 * held: the event is a duplicate, or a conflict. free: the id is claimed like any other. nobody: there is no such record.
 * Its place is taken by a void receipt before the id is claimed, so that it claims its ids, too, if it arrives after all.
 * By the time of receipt, and not by the clock: the verdict of a record never changes.
 */
export function stateOfOrigin(
  { id, receipt }: Origin,
  receivedAtMs: number,
  isSame: boolean,
): 'held' | 'free' | 'nobody' {
  if (receivedAtMs > id.receivedAtMs + id.retentionDays * dayMs) return 'free';
  const isAbandoned = isSame && receivedAtMs > id.receivedAtMs + mayArriveForMs;
  if (!receipt) return isAbandoned ? 'nobody' : 'held';
  const { wasVoid, freedAtMs } = receipt;
  if (freedAtMs !== undefined && receivedAtMs > freedAtMs) return 'free';
  return wasVoid && isAbandoned ? 'free' : 'held';
}

/** Takes the place of a record that has no receipt. It counts nothing. */
export const voidReceipt = (tenant: Tenant, id: MadeId): Receipt => ({
  ...placeOfOrigin(tenant, id),
  state: 'void',
  mode: 'direct',
  wasVoid: true,
  accepted: 0,
  stored: 0,
  duplicates: 0,
  conflicts: 0,
  bytes: 0,
  storedAtMs: id.receivedAtMs,
  expiresAtMs: id.receivedAtMs + id.retentionDays * dayMs + guardMs,
});

export const placeOfOrigin = (tenant: Tenant, { slot, late, record, receivedAtMs }: MadeId): RecordPlace => ({
  lane: { tenant, slot, late },
  record,
  receivedAtMs,
});
