// The receipt of a batch, as clients read it: the receipts of its records, added up.

import type { Receipt } from '../counting/receipt.ts';
import type { Tenant } from '../keys.ts';
import type { KnownBatch } from '../record/batch-id.ts';
import { type RecordPlace, recordId } from '../record/record-id.ts';
import { iso } from '../system/time.ts';

/** Where the receipts of all parts are. */
export const placesOf = (
  batchId: string,
  { slot, parts, lateParts, receivedAtMs }: KnownBatch,
  tenant: Tenant,
): RecordPlace[] =>
  Array.from({ length: parts }, (_, part) => ({
    lane: { tenant, slot, late: part >= parts - lateParts },
    record: recordId(batchId, part),
    receivedAtMs,
  }));

/** The receipt of a batch as the client sees it. */
export type BatchReceipt = {
  readonly batch_id: string;
  readonly status: 'pending' | 'stored' | 'quarantined';
  readonly received_at: string;
  readonly stored_at?: string;
  readonly freshness_ms?: number;
  readonly accepted: number;
  readonly stored: number;
  readonly duplicates: number;
  readonly conflicts: number;
  readonly quarantined: number;
};

/**
 * Adds up the parts. While a part is missing, the batch is pending and its sums cover only the known parts. A
 * discarded part counts as quarantined: it was accepted and is not stored.
 */
export function batchReceipt(
  batchId: string,
  { receivedAtMs, parts, events }: Pick<KnownBatch, 'receivedAtMs' | 'parts' | 'events'>,
  all: readonly Receipt[],
): BatchReceipt {
  const receipts = all.filter(({ state }) => state !== 'void');
  const sum = (of: (receipt: Receipt) => number) =>
    receipts.reduce((total, receipt) => total + of(receipt), 0);
  const quarantined = sum((receipt) => (receipt.state === 'counted' ? 0 : receipt.accepted));
  const pending = receipts.length < parts;
  const storedAtMs = Math.max(...receipts.map((receipt) => receipt.storedAtMs));
  const isStored = !pending && quarantined === 0;
  return {
    batch_id: batchId,
    status: quarantined > 0 ? 'quarantined' : pending ? 'pending' : 'stored',
    received_at: iso(receivedAtMs),
    ...(isStored && { stored_at: iso(storedAtMs), freshness_ms: storedAtMs - receivedAtMs }),
    accepted: events,
    stored: sum((receipt) => receipt.stored),
    duplicates: sum((receipt) => receipt.duplicates),
    conflicts: sum((receipt) => receipt.conflicts),
    quarantined,
  };
}
