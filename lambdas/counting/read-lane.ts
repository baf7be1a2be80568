// Reads what a lane has counted: its documents, and the receipts that no document has yet. The order matters: the last
// folded run first, which may be stale, then the documents, then the tail. In another order a receipt that is folded in
// between would be in neither, or in both.

import { decodable } from '../../domain/counting/additions.ts';
import { type LaneCounts, laneCounts } from '../../domain/counting/lane-counts.ts';
import { addToTally, noTally, type Tally } from '../../domain/counting/next-run.ts';
import type { Lanes } from '../../domain/counting/port.ts';
import { isPlain, type LaneReceipt, placeOf } from '../../domain/counting/receipt.ts';
import { beginning } from '../../domain/counting/runs.ts';
import type { Lane, Position } from '../../domain/keys.ts';

export type ReadLaneDeps = {
  readonly lanes: Pick<Lanes, 'lastFoldedRun' | 'documentsBetween' | 'tail'>;
};

export type ReadBounds = { readonly fromMs: number; readonly toMs: number };

/** What a reader reads of a tail at most. Runs keep tails far below it, unless they have not been folded for long. */
const maxTailBytes = 1024 * 1024;
/** A receipt without its delta. */
const receiptBytes = 400;

/** `waiting`: what it has read of the tail. If a run is due by it, the reader folds one, so that the next reads less. */
export async function readLane(
  { lanes }: ReadLaneDeps,
  lane: Lane,
  { fromMs, toMs }: ReadBounds,
): Promise<LaneCounts & { readonly waiting: Tally }> {
  const foldedTo = (await lanes.lastFoldedRun(lane))?.to ?? beginning;
  const [hours, intakes] = await Promise.all([
    lanes.documentsBetween(lane, 'hour', fromMs, toMs),
    lanes.documentsBetween(lane, 'intake', fromMs, toMs),
  ]);
  const { receipts, cutAfter } = await readTail(lanes, lane, foldedTo);
  const counts = laneCounts({
    bounds: { fromMs, toMs },
    documents: [...hours, ...intakes],
    foldedTo,
    tail: decodable(receipts.filter(isPlain)),
    ...(cutAfter !== undefined && { cutAfter }),
  });
  return { ...counts, waiting: receipts.reduce(addToTally, noTally) };
}

async function readTail(lanes: Pick<Lanes, 'tail'>, lane: Lane, foldedTo: Position) {
  const receipts: LaneReceipt[] = [];
  let bytes = 0;
  let after: Position | undefined = foldedTo;
  while (after !== undefined && bytes < maxTailBytes) {
    const page = await lanes.tail(lane, { after });
    receipts.push(...page.receipts);
    bytes += page.receipts.reduce((sum, { delta }) => sum + receiptBytes + (delta?.length ?? 0), 0);
    after = page.next;
  }
  const last = receipts.at(-1);
  return { receipts, cutAfter: after !== undefined && last ? placeOf(last) : undefined };
}
