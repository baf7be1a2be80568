// The receipt of a record guards counting (R6), says what became of the record, and counts: it holds what its record adds
// to the documents. While its mode is plain, no document has it unless the run that lists it is folded. In mode direct,
// the transaction that wrote it has changed the documents.

import { type Position, positionOf } from '../keys.ts';
import type { Job, QuarantineEntry, QuarantineReason } from '../quarantine/quarantine.ts';
import type { RecordPlace } from '../record/record-id.ts';
import { inTimeMs } from '../service-levels/objectives.ts';
import { dayMs } from '../system/time.ts';

/** void: the record has not come for so long that an id that it would have made was given to another one. */
export type ReceiptState = 'counted' | 'quarantined' | 'discarded' | 'void';

export type Receipt = RecordPlace & {
  readonly state: ReceiptState;
  readonly mode: 'plain' | 'direct';
  /** What the record adds to hour documents, as bytes. A stored receipt has it while its mode is plain. */
  readonly delta?: Uint8Array;
  /** Why the record was quarantined. Present if it is quarantined or discarded. */
  readonly reason?: QuarantineReason;
  readonly accepted: number;
  readonly stored: number;
  readonly duplicates: number;
  readonly conflicts: number;
  /** The size of the record on the stream. */
  readonly bytes: number;
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

/**
 * Writes `to` on condition that the stored receipt is still `from`: in state and mode, and not freed meanwhile. Without
 * `from`, there must be none.
 */
export type ReceiptChange = {
  readonly from?: Receipt;
  readonly to: Receipt;
  /** Put into the quarantine list. Without it, the entry of a receipt `from` that was quarantined is removed. */
  readonly entry?: QuarantineEntry;
  readonly job?: Job;
};

/** A record that is in quarantine is in no summary. */
export const isSlow = ({ state, storedAtMs, receivedAtMs }: Receipt): boolean =>
  state !== 'counted' || storedAtMs - receivedAtMs > inTimeMs.visible;

export const placeOf = ({ receivedAtMs, record }: Omit<RecordPlace, 'lane'>): Position =>
  positionOf(receivedAtMs, record);

export const isPlain = ({ state, mode }: Receipt): boolean => state === 'counted' && mode === 'plain';

/** Receipts and identities outlive events by this, so that no event is counted again when it is about to expire. */
export const guardMs = 7 * dayMs;
