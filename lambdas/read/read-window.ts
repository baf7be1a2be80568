// Reads a window: past days from their folds, the rest hour by hour, and of each lane what no document has yet. It also folds
// a few of the days that have no fold, or a stale one, so that later requests read less.

import type { Logger } from '@aws-lambda-powertools/logger';
import type { HourSink } from '../../domain/counting/lane-counts.ts';
import { type DayDocument, type FoldedTo, foldDay, type StoredDay } from '../../domain/documents/day.ts';
import type { DocumentFields } from '../../domain/documents/documents.ts';
import type { Days } from '../../domain/documents/port.ts';
import { lanesOf } from '../../domain/keys.ts';
import {
  type Bounds,
  daysToFold,
  endsOf,
  noDays,
  type SummarySources,
  uncoveredBounds,
  wholeDays,
} from '../../domain/reading/summary.ts';
import { mapBounded } from '../../domain/system/bounded.ts';
import type { Clock } from '../../domain/system/port.ts';
import { dayMs, secondMs } from '../../domain/system/time.ts';
import { Unavailable } from '../../domain/system/unavailable.ts';
import {
  foldedToOf,
  type LaneRead,
  LaneReader,
  maxTailBytes,
  type ReadLaneDeps,
} from '../counting/read-lane.ts';
import type { Caller } from '../edge/caller.ts';
import { ProblemError } from '../edge/http.ts';
import { errorFields } from '../runtime/error-fields.ts';

export type ReadWindowDeps = ReadLaneDeps & {
  readonly days: Days;
  readonly clock: Pick<Clock, 'now'>;
  readonly logger: Pick<Logger, 'warn'>;
  readonly summaryLimits: SummaryLimits;
};

/** Bytes are of hour documents of whole days. Those at the ends of the window come to them: nothing else has their events. */
export type SummaryLimits = {
  /** What is read by the hour. */
  readonly readBytes: number;
  /** What is read by the hour and what is folded, together. */
  readonly workBytes: number;
  /** So long, whole days are read by the hour, and stale ones are folded again. */
  readonly workMs: number;
  /** What a request folds. A larger day is folded by itself. */
  readonly folds: { readonly days: number; readonly bytes: number };
};

const mebibyte = 1024 * 1024;
/** A full day of eight slots, live and late, is 6.5 MB: it is folded, but not read by the hour as well. */
export const summaryLimits: SummaryLimits = {
  readBytes: 3 * mebibyte,
  workBytes: 8 * mebibyte,
  workMs: 3 * secondMs,
  folds: { days: 4, bytes: 2 * mebibyte },
};

/** Of all lanes. Those that have little leave it to the others. */
const maxTailsBytes = 2 * mebibyte;

/** A page is up to 1 MB. */
const lanesAtOnce = 2;

/** So much is always read by the hour: as much as the ends of a window beside its whole days. */
export const mostEndsMs = 2 * dayMs;

/** What is read goes there. */
export type WindowSink = HourSink & {
  /** Whether the fold of a whole day will do, instead of its hours. */
  readonly takesDays: boolean;
  addDay(dayMs: number, fields: DocumentFields): void;
  /** By day: how large the hour documents are that were added. */
  readonly bytesOfDays: ReadonlyMap<number, number>;
};

export type WindowRead = Omit<SummarySources, 'counts'>;

/** A reader that takes no folds asks for more hours than one request reads. */
export class TooManyHours extends Error {
  override readonly name = 'TooManyHours';
}

/** The last folded run of each lane comes first: see read-lane.ts. */
export async function readWindow(
  deps: ReadWindowDeps,
  { tenant, mostSlots }: Caller,
  bounds: Bounds,
  into: WindowSink,
): Promise<WindowRead> {
  const nowMs = deps.clock.now();
  const foldedTo: FoldedTo = await Promise.all(
    lanesOf(tenant, mostSlots).map(async (lane) => ({ lane, to: await foldedToOf(deps, lane) })),
  );
  return new WindowReading(deps, { bounds, nowMs, slots: mostSlots, foldedTo, tenant }, into).read();
}

type Asked = {
  readonly tenant: Caller['tenant'];
  readonly slots: number;
  readonly bounds: Bounds;
  readonly nowMs: number;
  readonly foldedTo: FoldedTo;
};

class WindowReading {
  readonly #deps: ReadWindowDeps;
  readonly #asked: Asked;
  readonly #whole: Bounds;
  readonly #into: WindowSink;
  readonly #readers: readonly LaneReader[];
  /** The days that are read from folds. */
  readonly #days: StoredDay[] = [];
  #folds = 0;
  #foldedBytes = 0;

  constructor(deps: ReadWindowDeps, asked: Asked, into: WindowSink) {
    const { bounds, foldedTo } = asked;
    this.#deps = deps;
    this.#asked = asked;
    this.#into = into;
    this.#whole = into.takesDays ? wholeDays(bounds, asked.nowMs) : noDays(bounds);
    this.#readers = foldedTo.map(
      ({ lane, to }) => new LaneReader(deps, { lane, foldedTo: to, bounds }, into),
    );
  }

  async read(): Promise<WindowRead> {
    const { bounds, nowMs } = this.#asked;
    const found = await this.#findFolds();
    this.#days.push(...found.filter(({ isCurrent }) => isCurrent));
    await this.#foldNewest(found);
    const covered = [...this.#days, ...found];
    if (!(await this.#readHours(uncoveredBounds(this.#whole, covered), () => this.#mayReadOn()))) {
      // Each request folds at least one of the days, so that a later one has to read less.
      if (this.#folds === 0) await this.#foldSome();
      throw new ProblemError('summary_not_ready');
    }
    await this.#renew(found.filter(({ isCurrent }) => !isCurrent));
    const ends = endsOf(bounds, this.#whole);
    if (!(await this.#readHours(ends, () => this.#mayReadEnds()))) throw new TooManyHours();
    for (const { key, fields } of this.#days) this.#into.addDay(key.dayMs, fields);
    const lanes = await this.#finish();
    await this.#foldSome((bytes) => this.#hasRoomFor(bytes));
    return {
      intakes: lanes.flatMap(({ intakes }) => [...intakes.values()]),
      asOfMs: Math.min(
        nowMs,
        ...lanes.map(({ asOfMs = nowMs }) => asOfMs),
        ...this.#days.map(({ isCurrent, madeAtMs }) => (isCurrent ? nowMs : madeAtMs)),
      ),
    };
  }

  async #findFolds(): Promise<readonly StoredDay[]> {
    const { tenant, slots, nowMs } = this.#asked;
    const { fromMs, toMs } = this.#whole;
    if (fromMs === toMs) return [];
    const found = () => this.#deps.days.stored(tenant, slots, fromMs, toMs, nowMs);
    return (await this.#unlessUnavailable(found)) ?? [];
  }

  /** If the day before it was too large to be read, the day that has just closed will be, too. */
  async #foldNewest(found: readonly StoredDay[]): Promise<void> {
    const newestMs = this.#whole.toMs - dayMs;
    const foldAt = (atMs: number) => found.find(({ key }) => key.dayMs === atMs);
    const before = foldAt(newestMs - dayMs);
    if (!before || before.hourBytes <= this.#deps.summaryLimits.readBytes || foldAt(newestMs)) return;
    const day = await this.#fold(newestMs);
    if (day) this.#days.push(day);
  }

  /** Stale days, the oldest fold first, so that none stays stale for long while events keep coming into many days. */
  async #renew(stale: readonly StoredDay[]): Promise<void> {
    const { folds } = this.#deps.summaryLimits;
    let bytes = 0;
    for (const day of stale.toSorted((a, b) => a.madeAtMs - b.madeAtMs)) {
      const isFirstOrFits = bytes === 0 || bytes + day.hourBytes <= folds.bytes;
      if (!isFirstOrFits || !this.#hasRoomFor(day.hourBytes) || !this.#hasTime()) {
        this.#days.push(day);
        continue;
      }
      bytes += day.hourBytes;
      const atMs = day.key.dayMs;
      const renewed = this.#folds < folds.days ? await this.#fold(atMs) : undefined;
      if (renewed) this.#days.push(renewed);
      else await this.#readHours([{ fromMs: atMs, toMs: atMs + dayMs }]);
    }
  }

  async #readHours(parts: readonly Bounds[], mayGoOn?: () => boolean): Promise<boolean> {
    const ends = await mapBounded(this.#readers, lanesAtOnce, async (reader) => {
      for (const part of parts) if (!(await reader.readHours(part, mayGoOn))) return false;
      return true;
    });
    return ends.every((isWhole) => isWhole);
  }

  /** Reads what no document has yet. */
  #finish(): Promise<LaneRead[]> {
    let left = maxTailsBytes;
    let lanesLeft = this.#readers.length;
    return mapBounded([...this.#readers.entries()], lanesAtOnce, async ([index, reader]) => {
      const days = this.#days.map(({ key, foldedTo }) => [key.dayMs, foldedTo[index] ?? ''] as const);
      const share = Math.min(maxTailBytes, left / lanesLeft);
      left -= share;
      lanesLeft -= 1;
      const read = await reader.finish(new Map(days), share);
      left += Math.max(0, share - read.tailBytes);
      return read;
    });
  }

  /** It stops only once it has read something that it can fold. */
  #mayReadOn(): boolean {
    const bytes = this.#readBytes;
    const isWithin = bytes <= this.#deps.summaryLimits.readBytes && this.#hasRoomFor(0);
    return bytes === 0 || (isWithin && this.#hasTime());
  }

  /** With folds, the ends are 48 hours at most, and always read. */
  #mayReadEnds(): boolean {
    const { fromMs, toMs } = this.#asked.bounds;
    if (this.#into.takesDays || toMs - fromMs <= mostEndsMs) return true;
    const bytes = [...this.#into.bytesOfDays.values()].reduce((sum, each) => sum + each, 0);
    return bytes <= this.#deps.summaryLimits.readBytes;
  }

  get #readBytes(): number {
    const { fromMs, toMs } = this.#whole;
    return [...this.#into.bytesOfDays].reduce(
      (sum, [day, bytes]) => sum + (day >= fromMs && day < toMs ? bytes : 0),
      0,
    );
  }

  #hasRoomFor(bytes: number): boolean {
    return this.#readBytes + this.#foldedBytes + bytes <= this.#deps.summaryLimits.workBytes;
  }

  #hasTime(): boolean {
    return this.#deps.clock.now() < this.#asked.nowMs + this.#deps.summaryLimits.workMs;
  }

  /** Of the days that were read by the hour. */
  async #foldSome(isWanted: (bytes: number) => boolean = () => true): Promise<void> {
    const { bytesOfDays } = this.#into;
    for (const day of daysToFold(this.#whole, bytesOfDays, this.#deps.summaryLimits.folds))
      if (isWanted(bytesOfDays.get(day) ?? 0)) await this.#fold(day);
  }

  /** Reads the hours and the mark of the day in one transaction: those of the answer are read one by one. */
  async #fold(atMs: number): Promise<StoredDay | undefined> {
    const { tenant, slots, foldedTo, nowMs } = this.#asked;
    const { days } = this.#deps;
    const key = { tenant, dayMs: atMs };
    const day = await this.#unlessUnavailable(async (): Promise<DayDocument | undefined> => {
      const found = await days.hours(key, slots);
      return found && foldDay(key, { mark: found.mark, slots }, foldedTo, found.hours, nowMs);
    });
    if (!day) return undefined;
    this.#folds += 1;
    this.#foldedBytes += day.hourBytes;
    await this.#unlessUnavailable(() => days.store(day));
    return { ...day, isCurrent: true };
  }

  /** Without folds the answer is the same and costs more reads. */
  async #unlessUnavailable<T>(work: () => Promise<T>): Promise<T | undefined> {
    try {
      return await work();
    } catch (error) {
      if (!(error instanceof Unavailable)) throw error;
      this.#deps.logger.warn('folds of days are unavailable', errorFields(error));
      return undefined;
    }
  }
}
