// The receipt of a record guards counting (R6). The receipts of all parts make the receipt of a batch that clients
// read.

import type { Tenant } from '../keys.ts';
import type { QuarantineReason } from '../quarantine/quarantine.ts';
import type { KnownBatch } from '../record/batch-id.ts';
import type { RecordId } from '../record/record-id.ts';
import { iso } from '../system/time.ts';

/** void: the record has not come for so long that an id that it would have made was given to another one. */
export type ReceiptState = 'counted' | 'quarantined' | 'discarded' | 'void';

export type Receipt = {
  readonly tenant: Tenant;
  readonly record: RecordId;
  readonly state: ReceiptState;
  /** Why the record was quarantined. Present if it is quarantined or discarded. */
  readonly reason?: QuarantineReason;
  readonly accepted: number;
  readonly stored: number;
  readonly duplicates: number;
  readonly conflicts: number;
  readonly receivedAtMs: number;
  readonly storedAtMs: number;
  readonly expiresAtMs: number;
  /** It was void before: the ids that the record made may belong to others. Kept whatever becomes of the record. */
  readonly wasVoid?: true;
  /** Of a discarded record: the ids that it made are free for what is received later. */
  readonly freedAtMs?: number;
  /** The width of its pages in seconds. Absent if it stored nothing. */
  readonly pageWidth?: number;
  /** What became of each event, in their order. Absent if it is the same for all. */
  readonly verdicts?: Uint8Array;
};

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
