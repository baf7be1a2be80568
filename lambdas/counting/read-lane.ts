// Reads what a lane has counted: its documents, and the receipts that no document has yet. The order matters: the last
// folded run first, which may be stale, then the documents, then the tail. In another order a receipt that is folded in
// between would be in neither, or in both.

import { decodable } from '../../domain/counting/additions.ts';
import { type LaneCounts, laneCounts } from '../../domain/counting/lane-counts.ts';
import { addToTally, noTally, type Tally } from '../../domain/counting/next-run.ts';
import type { Lanes } from '../../domain/counting/port.ts';
import { isPlain, placeOf, type Receipt } from '../../domain/counting/receipt.ts';
import { beginning } from '../../domain/counting/runs.ts';
import type { VersionedDocument } from '../../domain/documents/documents.ts';
import type { Lane, Position } from '../../domain/keys.ts';

export type ReadLaneDeps = {
  readonly lanes: Pick<Lanes, 'lastFoldedRun' | 'documentsBetween' | 'tail'>;
};

export type Bounds = { readonly fromMs: number; readonly toMs: number };

export type LaneWindow = {
  readonly lane: Lane;
  /** As `foldedToOf` has read it, before anything else of the lane. */
  readonly foldedTo: Position;
  readonly bounds: Bounds;
  /** The parts of the window whose hour documents are to be read. */
  readonly hours: readonly Bounds[];
  /** See LaneSources. */
  readonly days: ReadonlyMap<number, Position>;
};

export type LaneRead = LaneCounts & {
  /** What it has read of the tail: what waits for the next run. */
  readonly waiting: Tally;
  /** When the oldest plain receipt of the tail was stored. Undefined if all is folded. */
  readonly waitingSinceMs?: number;
};

/**
 * What a reader reads of a tail at most. Of a lane at the bound of its shard, what no run takes yet is more: the summary is
 * then some seconds behind, and says so.
 */
const maxTailBytes = 1024 * 1024;
/** A receipt without its delta. */
const receiptBytes = 400;

export const foldedToOf = async ({ lanes }: ReadLaneDeps, lane: Lane): Promise<Position> =>
  (await lanes.lastFoldedRun(lane))?.to ?? beginning;

export async function readLane(
  { lanes }: ReadLaneDeps,
  { lane, foldedTo, bounds, hours, days }: LaneWindow,
): Promise<LaneRead> {
  const between = (kind: 'hour' | 'intake') => (part: Bounds) =>
    lanes.documentsBetween(lane, kind, part.fromMs, part.toMs);
  const documents: VersionedDocument[][] = await Promise.all([
    ...hours.map(between('hour')),
    between('intake')(bounds),
  ]);
  const { receipts, cutAfter } = await readTail(lanes, lane, foldedTo);
  const plain = receipts.filter(isPlain);
  const counts = laneCounts({
    bounds,
    documents: documents.flat(),
    foldedTo,
    days,
    tail: decodable(plain),
    ...(cutAfter !== undefined && { cutAfter }),
  });
  const waiting = receipts.reduce(addToTally, noTally);
  return { ...counts, waiting, ...(plain[0] && { waitingSinceMs: plain[0].storedAtMs }) };
}

async function readTail(lanes: Pick<Lanes, 'tail'>, lane: Lane, foldedTo: Position) {
  const receipts: Receipt[] = [];
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
