// The outcome of one stream record: stored, with its new events, duplicates and conflicts, or quarantined. The
// change of its receipt follows from it.

import { guardMs, type Receipt, type ReceiptChange } from '../counting/receipt.ts';
import { type Deltas, deltasToBytes, noDeltas } from '../documents/delta.ts';
import {
  newJob,
  nextReplayAfterMs,
  passesByItself,
  type QuarantineEntry,
  type QuarantineReason,
} from '../quarantine/quarantine.ts';
import type { EnvelopeHeader } from '../record/envelope.ts';
import { placeOfRecord } from '../record/record-id.ts';
import { dayMs } from '../system/time.ts';

export type RecordOutcome = {
  readonly header: EnvelopeHeader;
  /** The number of new events. */
  readonly stored: number;
  /** What the new events add to hours. The events are not kept, because many outcomes wait for counting at once. */
  readonly deltas: Deltas;
  readonly duplicates: number;
  readonly conflicts: number;
  /** The size of the record on the stream. */
  readonly bytes: number;
  readonly pageWidth?: number;
  /** By index. Absent if it is the same for all events. */
  readonly verdicts?: Uint8Array;
  /** The receipt of a record that was quarantined or void until now. */
  readonly found?: Receipt;
  /** Present if the whole record is quarantined instead of stored. */
  readonly quarantined?: QuarantineCause;
};

export type QuarantineCause = { readonly reason: QuarantineReason; readonly cause?: string };

/** A quarantined record stores no events. */
export const quarantinedOutcome = (
  header: EnvelopeHeader,
  bytes: number,
  quarantined: QuarantineCause,
): RecordOutcome => ({
  header,
  stored: 0,
  deltas: noDeltas,
  duplicates: 0,
  conflicts: 0,
  bytes,
  quarantined,
});

export const eventsExpireAtMs = (header: EnvelopeHeader): number =>
  header.receivedAtMs + header.retentionDays * dayMs;
export const guardsExpireAtMs = (header: EnvelopeHeader): number => eventsExpireAtMs(header) + guardMs;

/** A dead letter may be settled when all else of its record has expired. Its receipt still guards the next try. */
const receiptExpiresAtMs = (header: EnvelopeHeader, nowMs: number): number =>
  Math.max(guardsExpireAtMs(header), nowMs + guardMs);

/** Compressed. A receipt is read with each tail and each run, so a record with a large delta is counted directly. */
const maxPlainDeltaBytes = 32 * 1024;

function receiptOf(outcome: RecordOutcome, nowMs: number): Receipt {
  const { header, stored, duplicates, conflicts, bytes, quarantined, pageWidth, verdicts, found } = outcome;
  const delta = outcome.deltas.size > 0 ? deltasToBytes(outcome.deltas) : undefined;
  const isPlain = !quarantined && (delta?.length ?? 0) <= maxPlainDeltaBytes;
  return {
    ...placeOfRecord(header),
    state: quarantined ? 'quarantined' : 'counted',
    mode: isPlain ? 'plain' : 'direct',
    ...(delta && { delta }),
    ...(quarantined && { reason: quarantined.reason }),
    accepted: header.events,
    stored,
    duplicates,
    conflicts,
    bytes,
    storedAtMs: nowMs,
    expiresAtMs: receiptExpiresAtMs(header, nowMs),
    ...(pageWidth !== undefined && { pageWidth }),
    ...(verdicts && { verdicts }),
    ...(found?.wasVoid && { wasVoid: true }),
  };
}

/** The change of the receipt and, for a quarantined record, its entry and job. */
export function changeOf(outcome: RecordOutcome, nowMs: number): ReceiptChange {
  const { header, found, quarantined } = outcome;
  const to = receiptOf(outcome, nowMs);
  return {
    ...(found && { from: found }),
    to,
    ...(quarantined && quarantineWith(header, quarantined, nowMs)),
  };
}

function quarantineWith(
  header: EnvelopeHeader,
  cause: QuarantineCause,
  nowMs: number,
): Pick<ReceiptChange, 'entry' | 'job'> {
  const { batchId, requestId, events } = header;
  const place = placeOfRecord(header);
  const entry: QuarantineEntry = {
    ...place,
    ...cause,
    batchId,
    requestId,
    events,
    quarantinedAtMs: nowMs,
    expiresAtMs: receiptExpiresAtMs(header, nowMs),
    attempts: 0,
    leaseUntilMs: 0,
  };
  const waitMs = passesByItself(cause.reason) ? nextReplayAfterMs(0) : undefined;
  return {
    entry,
    ...(waitMs !== undefined && { job: newJob('replay', place, nowMs + waitMs) }),
  };
}
