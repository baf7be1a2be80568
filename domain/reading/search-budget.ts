// What one answer of a search may cost, whatever it looks for. Each call is sized so that the answer stays within it even if
// everything it reads is as large as it can be.

/** Eventually consistent reads: half a unit for each 4 KB. */
const mostUnits = 200;
const mostCalls = 50;
/** Unpacked. Objects take several times as much, and read has a heap of 96 MB. */
const mostBytes = 8 * 1024 * 1024;
/** A page is 64 KB before it is compressed, and a receipt has a delta of 32 KB at most. */
const unitsOfLargestPage = 9;
const unitsOfLargestReceipt = 4.5;
/** A query reads 1 MB at most. */
const unitsOfLargestQuery = 128;
/** Receipts are read after the pages, so that an answer shows at least the events of two records. */
const forReceipts = { units: 3 * unitsOfLargestReceipt, calls: 2 };
/** Where pages are of the size of those before. The rest is for receipts. */
const unitsForPages = 100;

const firstPages = 3;
const growth = 4;

/** How many pages of a list were read, at what cost, and how many events they had that were looked for. */
export type ReadSoFar = {
  readonly pages: number;
  readonly units: number;
  readonly found: number;
  /** By the last query. */
  readonly asked: number;
};
export const nothingRead: ReadSoFar = { pages: 0, units: 0, found: 0, asked: 0 };

const nothing = { calls: 0, units: 0 } as const;

export class SearchBudget {
  units = 0;
  calls = 0;
  bytes = 0;

  spend(units: number): void {
    this.units += units;
    this.calls += 1;
  }

  /** False if no more is to be unpacked. */
  unpack(bytes: number): boolean {
    this.bytes += bytes;
    return this.bytes < mostBytes;
  }

  /** How many pages of a list the next query may ask for, to find so many events, while others are under way. 0: none. */
  pagesToAsk(
    { pages, units, found, asked }: ReadSoFar,
    missing: number,
    underWay: Pick<SearchBudget, 'calls' | 'units'> = nothing,
  ): number {
    const calls = this.calls + underWay.calls;
    const isSpent = this.units >= unitsForPages || this.bytes >= mostBytes;
    if (isSpent || calls >= mostCalls - forReceipts.calls) return 0;
    const needed = found > 0 ? Math.ceil((missing * pages) / found) + 1 : Number.POSITIVE_INFINITY;
    // Never less than before: what was found may wait for the rest of its window.
    const more = Math.max(asked, Math.min(Math.max(firstPages, asked * growth), needed));
    const wanted = pages === 0 ? more : Math.min(more, this.#fitting(units / pages));
    const left = mostUnits - forReceipts.units - this.units - underWay.units;
    return left >= unitsOfLargestQuery ? wanted : Math.min(wanted, Math.floor(left / unitsOfLargestPage));
  }

  #fitting(unitsOfPage: number): number {
    return Math.max(1, Math.floor((unitsForPages - this.units) / unitsOfPage));
  }

  /** How many receipts the next call may read. */
  receiptsToAsk(): number {
    if (this.calls >= mostCalls) return 0;
    return Math.min(100, Math.floor((mostUnits - this.units) / unitsOfLargestReceipt));
  }
}

/** What a query of so many pages costs at most. */
export const mostUnitsOf = (pages: number): number =>
  Math.min(unitsOfLargestQuery, pages * unitsOfLargestPage);
