// A receipt as it counts: it holds what its record adds to the documents. While its mode is plain, no document has it
// unless the run that lists it is folded. In mode direct, the transaction that wrote it has changed the documents.

import { type Lane, type Position, positionOf } from '../keys.ts';
import type { ReceiptChange } from '../storing/port.ts';
import type { Receipt } from '../storing/receipt.ts';

export type LaneReceipt = Receipt & {
  readonly lane: Lane;
  readonly mode: 'plain' | 'direct';
  /** What the record adds to hour documents, as bytes. A stored receipt has it while its mode is plain. */
  readonly delta?: Uint8Array;
  /** The size of the record on the stream. */
  readonly bytes: number;
};

/** On condition that the stored receipt is still `from`, in state and mode. Without it, there must be none. */
export type LaneReceiptChange = Pick<ReceiptChange, 'entry' | 'job'> & {
  readonly from?: LaneReceipt;
  readonly to: LaneReceipt;
};

export type ReceiptPlace = Pick<LaneReceipt, 'lane' | 'record' | 'receivedAtMs'>;

export const placeOf = ({ receivedAtMs, record }: Omit<ReceiptPlace, 'lane'>): Position =>
  positionOf(receivedAtMs, record);

export const isPlain = ({ state, mode }: LaneReceipt): boolean => state === 'counted' && mode === 'plain';
