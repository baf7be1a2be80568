// Reads a window: past days from their folds, the rest hour by hour, and of each lane what no document has yet. It also folds
// a few of the days that have no fold, or a stale one, so that later requests read less. Of a day, a sink takes the day
// document or the hours.

import type { Logger } from '@aws-lambda-powertools/logger';
import type { HourSink } from '../../domain/counting/lane-counts.ts';
import type { DayKind, Fold, FoldedTo, StoredDay } from '../../domain/documents/day.ts';
import type { DocumentFields } from '../../domain/documents/documents.ts';
import type { Days } from '../../domain/documents/port.ts';
import { completeUntilMs } from '../../domain/reading/as-of.ts';
import {
  type Bounds,
  daysToFold,
  daysWithin,
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
import { foldedToOfLanes, readFold, storeFold } from '../counting/fold-day.ts';
import { type LaneRead, LaneReader, maxTailBytes, type ReadLaneDeps } from '../counting/read-lane.ts';
import type { Caller } from '../edge/caller.ts';
import { ProblemError } from '../edge/http.ts';
import { errorFields } from '../runtime/error-fields.ts';
import { readSent, type SentLanesDeps, type SentTo } from './sent-lanes.ts';

export type ReadWindowDeps = ReadLaneDeps &
  SentLanesDeps & {
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

/** A page of documents is 1 MB at most, and most lanes have far less. */
const lanesAtOnce = 6;
/** They share what is read of tails: what one leaves is for those that come later. Of many lanes, most leave nearly all. */
const tailsAtOnce = (lanes: number): number => Math.max(2, Math.ceil(lanes / 6));

/** So much is always read by the hour: as much as the ends of a window beside its whole days. */
const mostEndsMs = 2 * dayMs;

/** What is read goes there. */
export type WindowSink = HourSink & {
  /** Which document of a folded day it takes. */
  readonly takes: DayKind;
  /** Also of a day that only has a part in the window, if it takes the hours. */
  addDay(dayMs: number, fields: DocumentFields): void;
  /** By day: how large the hour documents are that were added. */
  readonly bytesOfDays: ReadonlyMap<number, number>;
};

export type WindowRead = Omit<SummarySources, 'counts'>;

/** The last folded run of each lane comes first: see read-lane.ts. */
export async function readWindow(
  deps: ReadWindowDeps,
  { tenant, mostSlots }: Caller,
  bounds: Bounds,
  into: WindowSink,
): Promise<WindowRead> {
  const nowMs = deps.clock.now();
  if (bounds.fromMs >= bounds.toMs) return { intakes: [], asOfMs: nowMs };
  const [sentTo, foldedTo] = await Promise.all([
    readSent(deps, tenant, nowMs),
    foldedToOfLanes(deps, tenant, mostSlots),
  ]);
  return new WindowReading(deps, { bounds, nowMs, slots: mostSlots, foldedTo, sentTo, tenant }, into).read();
}

type Asked = {
  readonly tenant: Caller['tenant'];
  readonly slots: number;
  readonly bounds: Bounds;
  readonly nowMs: number;
  readonly foldedTo: FoldedTo;
  readonly sentTo: SentTo;
};

class WindowReading {
  readonly #deps: ReadWindowDeps;
  readonly #asked: Asked;
  /** The days that are folded if they have no fold. */
  readonly #whole: Bounds;
  /** The days of which a fold is of use. */
  readonly #usable: Bounds;
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
    const whole = wholeDays(bounds, asked.nowMs);
    const isShort = bounds.toMs - bounds.fromMs <= mostEndsMs;
    this.#whole = into.takes === 'hours' && isShort ? noDays(bounds) : whole;
    this.#usable = into.takes === 'hours' ? daysWithin(bounds, asked.nowMs) : whole;
    this.#readers = foldedTo.map(
      ({ lane, to }) => new LaneReader(deps, { lane, foldedTo: to, bounds }, into),
    );
  }

  async read(): Promise<WindowRead> {
    const { bounds, nowMs, sentTo } = this.#asked;
    const usable = await this.#findFolds();
    this.#days.push(...usable.filter(({ isCurrent }) => isCurrent));
    const found = usable.filter(({ key }) => this.#isWhole(key.dayMs));
    await this.#foldNewest(found);
    const covered = [...this.#days, ...found];
    if (!(await this.#readHours(uncoveredBounds(this.#whole, covered), () => this.#mayReadOn()))) {
      // Each request folds at least one of the days, so that a later one has to read less.
      if (this.#folds === 0) await this.#foldSome();
      throw new ProblemError('summary_not_ready');
    }
    await this.#renew(found.filter(({ isCurrent }) => !isCurrent));
    await this.#readHours(endsOf(bounds, this.#whole).flatMap((end) => uncoveredBounds(end, this.#days)));
    for (const { key, fields } of this.#days) this.#into.addDay(key.dayMs, fields);
    const lanes = await this.#finish();
    await this.#foldSome((bytes) => this.#hasRoomFor(bytes));
    return {
      intakes: lanes.flatMap(({ intakes }) => [...intakes.values()]),
      asOfMs: Math.min(
        nowMs,
        ...lanes.map(({ asOfMs = nowMs }) => asOfMs),
        ...lanes.map(({ lane, decidedMs }) => completeUntilMs({ decidedMs, sent: sentTo(lane) }, nowMs)),
        ...this.#days.map(({ isCurrent, madeAtMs }) => (isCurrent ? nowMs : madeAtMs)),
      ),
    };
  }

  async #findFolds(): Promise<readonly StoredDay[]> {
    const { tenant, slots, nowMs } = this.#asked;
    const { fromMs, toMs } = this.#usable;
    if (fromMs === toMs) return [];
    const found = () => this.#deps.days.stored(this.#into.takes, tenant, slots, fromMs, toMs, nowMs);
    return (await this.#unlessUnavailable(found)) ?? [];
  }

  #isWhole(atMs: number): boolean {
    return atMs >= this.#whole.fromMs && atMs < this.#whole.toMs;
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
  async #finish(): Promise<LaneRead[]> {
    await mapBounded(this.#readers, lanesAtOnce, (reader) => reader.readIntakes());
    let left = maxTailsBytes;
    let lanesLeft = this.#readers.length;
    const atOnce = tailsAtOnce(lanesLeft);
    return mapBounded([...this.#readers.entries()], atOnce, async ([index, reader]) => {
      const days = this.#days.map(({ key, foldedTo }) => [key.dayMs, foldedTo[index] ?? ''] as const);
      const share = Math.min(maxTailBytes, left / lanesLeft);
      left -= share;
      lanesLeft -= 1;
      const read = await reader.readTail(new Map(days), share);
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

  get #readBytes(): number {
    return [...this.#into.bytesOfDays].reduce(
      (sum, [day, bytes]) => sum + (this.#isWhole(day) ? bytes : 0),
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

  async #fold(atMs: number): Promise<StoredDay | undefined> {
    const { tenant, slots, foldedTo, nowMs } = this.#asked;
    const { days } = this.#deps;
    const fold = await this.#unlessUnavailable(
      (): Promise<Fold | undefined> => readFold(days, { tenant, slots, dayMs: atMs, foldedTo }, nowMs),
    );
    if (!fold) return undefined;
    const own = fold[this.#into.takes];
    this.#folds += 1;
    this.#foldedBytes += own.hourBytes;
    await this.#unlessUnavailable(() => storeFold(days, fold));
    return { ...own, isCurrent: true };
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
