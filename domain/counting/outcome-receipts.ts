// The receipt of a record as it counts, from the outcome of the record.

import { deltasToBytes } from '../documents/delta.ts';
import { changeOf, type RecordOutcome, receiptOf } from '../storing/record-outcome.ts';
import type { LaneReceipt, LaneReceiptChange } from './receipt.ts';

/** Compressed. A receipt is read with each tail and each run, so a record with a large delta is counted directly. */
const maxPlainDeltaBytes = 32 * 1024;

/** `found`: the receipt of a record that was quarantined or void until now. */
export function laneChangeOf(
  outcome: RecordOutcome,
  found: LaneReceipt | undefined,
  nowMs: number,
): LaneReceiptChange {
  const { from: _, ...change } = changeOf(outcome, nowMs);
  return { ...change, ...(found && { from: found }), to: laneReceiptOf(outcome, nowMs) };
}

function laneReceiptOf(outcome: RecordOutcome, nowMs: number): LaneReceipt {
  const { header, quarantined, deltas, bytes } = outcome;
  const { tenant, slot, late } = header;
  const delta = deltas.size > 0 ? deltasToBytes(deltas) : undefined;
  const isPlain = !quarantined && (delta?.length ?? 0) <= maxPlainDeltaBytes;
  return {
    ...receiptOf(outcome, nowMs),
    lane: { tenant, slot, late },
    mode: isPlain ? 'plain' : 'direct',
    ...(delta && { delta }),
    bytes,
  };
}
