// Reads what a lane has counted: its documents, and the receipts that no document has yet. The order matters: the last
// folded run first, which may be stale, then the documents, then the tail. In another order a receipt that is folded in
// between would be in neither, or in both. Everything is handed on page by page, so that a reader of many lanes holds a few
// pages at a time.

import { decodable } from '../../domain/counting/additions.ts';
import { type EndsOfDays, type HourSink, LaneCounts } from '../../domain/counting/lane-counts.ts';
import { addToTally, noTally, type Tally } from '../../domain/counting/next-run.ts';
import type { Lanes } from '../../domain/counting/port.ts';
import { isPlain, placeOf, type Receipt } from '../../domain/counting/receipt.ts';
import { beginning } from '../../domain/counting/runs.ts';
import type { DocumentKey } from '../../domain/documents/documents.ts';
import type { Intake } from '../../domain/documents/intake.ts';
import { type Lane, type Position, receivedAtOfPosition } from '../../domain/keys.ts';

export type ReadLaneDeps = {
  readonly lanes: Pick<Lanes, 'lastFoldedRun' | 'documentsBetween' | 'tail'>;
};

export type Bounds = { readonly fromMs: number; readonly toMs: number };

export type LaneWindow = {
  readonly lane: Lane;
  /** As `foldedToOf` has read it, before anything else of the lane. */
  readonly foldedTo: Position;
  readonly bounds: Bounds;
};

export type LaneRead = {
  readonly lane: Lane;
  /** By the hour in which records were received. */
  readonly intakes: ReadonlyMap<number, Intake>;
  /** When the newest record was received that has a receipt. Undefined if none has. */
  readonly decidedMs?: number;
  /** If the tail was cut: what was received later is missing. */
  readonly asOfMs?: number;
  readonly tailBytes: number;
  /** What it has read of the tail: what waits for the next run. */
  readonly waiting: Tally;
  /** When the oldest plain receipt of the tail was stored. Undefined if all is folded. */
  readonly waitingSinceMs?: number;
};

/**
 * What a reader reads of a tail at most. Of a lane at the bound of its shard, what no run takes yet is more: the summary is
 * then some seconds behind, and says so.
 */
export const maxTailBytes = 1024 * 1024;
/** A receipt without its delta. */
const receiptBytes = 400;

export const foldedToOf = async ({ lanes }: ReadLaneDeps, lane: Lane): Promise<Position> =>
  (await lanes.lastFoldedRun(lane))?.to ?? beginning;

export class LaneReader {
  readonly #lanes: ReadLaneDeps['lanes'];
  readonly #window: LaneWindow;
  readonly #counts: LaneCounts;

  constructor({ lanes }: ReadLaneDeps, window: LaneWindow, into: HourSink) {
    this.#lanes = lanes;
    this.#window = window;
    this.#counts = new LaneCounts(window, into);
  }

  /** Only before the tail. False if it could not go on after a page. */
  readHours(part: Bounds, mayGoOn: () => boolean = () => true): Promise<boolean> {
    return this.#readDocuments('hour', part, mayGoOn);
  }

  /** Only before the tail. */
  async readIntakes(): Promise<void> {
    await this.#readDocuments('intake', this.#window.bounds, () => true);
  }

  async finish(days: EndsOfDays): Promise<LaneRead> {
    await this.readIntakes();
    return this.readTail(days);
  }

  async readTail(days: EndsOfDays, mostTailBytes: number = maxTailBytes): Promise<LaneRead> {
    let waiting = noTally;
    let oldest: Receipt | undefined;
    let last: Receipt | undefined;
    let bytes = 0;
    let after: Position | undefined = this.#window.foldedTo;
    while (after !== undefined && bytes < mostTailBytes) {
      const page = await this.#lanes.tail(this.#window.lane, { after });
      for (const receipt of page.receipts) {
        waiting = addToTally(waiting, receipt);
        bytes += receiptBytes + (receipt.delta?.length ?? 0);
        if (!isPlain(receipt)) continue;
        oldest ??= receipt;
        for (const addition of decodable([receipt])) this.#counts.addReceipt(addition, days);
      }
      last = page.receipts.at(-1) ?? last;
      after = page.next;
    }
    const newest = last ? placeOf(last) : this.#window.foldedTo;
    return {
      lane: this.#window.lane,
      intakes: this.#counts.intakes,
      ...(newest !== beginning && { decidedMs: receivedAtOfPosition(newest) }),
      ...{ waiting, tailBytes: bytes },
      ...(oldest && { waitingSinceMs: oldest.storedAtMs }),
      ...(after !== undefined && last && { asOfMs: receivedAtOfPosition(placeOf(last)) }),
    };
  }

  async #readDocuments(
    kind: DocumentKey['kind'],
    { fromMs, toMs }: Bounds,
    mayGoOn: () => boolean,
  ): Promise<boolean> {
    let nextMs: number | undefined = fromMs;
    while (nextMs !== undefined) {
      if (!mayGoOn()) return false;
      const page = await this.#lanes.documentsBetween(this.#window.lane, kind, nextMs, toMs);
      for (const document of page.documents) this.#counts.addDocument(document);
      nextMs = page.nextMs;
    }
    return true;
  }
}
