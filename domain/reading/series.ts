// The counts of an account over time: one point for each minute, hour or day, also where there was nothing. From the same
// documents as a summary, so that the points add up to its total.

import type { HourDelta } from '../documents/delta.ts';
import { type DocumentFields, fieldBytes } from '../documents/documents.ts';
import { type HourWire, hourWireOf } from '../documents/hour-wire.ts';
import { MergedNames } from '../documents/merged-names.ts';
import { type Minutes, minutesFromWire } from '../documents/minutes.ts';
import { noName, otherName } from '../documents/names.ts';
import type { Tenant } from '../keys.ts';
import { dayMs, floorTo, hourMs, iso, minuteMs } from '../system/time.ts';
import type { Bounds } from './summary.ts';

/** `most`: points of an answer. `usual`: those of a request that names no time. */
export const intervals = {
  minute: { widthMs: minuteMs, most: 1000, usual: 60 },
  hour: { widthMs: hourMs, most: 31 * 24, usual: 24 },
  day: { widthMs: dayMs, most: 31, usual: 7 },
} as const;
export type Interval = keyof typeof intervals;
export const isInterval = (text: string): text is Interval => Object.hasOwn(intervals, text);

export const groupings = ['type', 'service'] as const;
export type Grouping = (typeof groupings)[number];
export const isGrouping = (text: string): text is Grouping => groupings.some((each) => each === text);

/** Each point ends where the next one starts, and the last one at `toMs`. */
export type Points = {
  readonly interval: Interval;
  readonly timeZone: string;
  readonly starts: readonly number[];
  readonly toMs: number;
};

/** Minutes or hours, which are the same in all zones that Weir counts. */
export function pointsOf(interval: 'minute' | 'hour', { fromMs, toMs }: Bounds): Points {
  const { widthMs } = intervals[interval];
  const firstMs = floorTo(fromMs, widthMs);
  const endMs = floorTo(toMs + widthMs - 1, widthMs);
  const starts = Array.from({ length: (endMs - firstMs) / widthMs }, (_, index) => firstMs + index * widthMs);
  return { interval, timeZone: 'UTC', starts, toMs: endMs };
}

/** The last points of it, if there are more. */
export const lastPoints = (points: Points, most: number): Points => ({
  ...points,
  starts: points.starts.slice(-most),
});

/** A document has whole hours, and the fold of a day whole days. */
const isEach = (widthMs: number, { starts, toMs }: Points): boolean =>
  [...starts, toMs].every((instantMs) => instantMs % widthMs === 0);
export const isOfWholeHours = (points: Points): boolean => isEach(hourMs, points);

/** The whole hours that a reader reads for it. */
export const hoursOf = ({ starts, toMs }: Points): Bounds => ({
  fromMs: floorTo(starts[0] ?? toMs, hourMs),
  toMs: floorTo(toMs + hourMs - 1, hourMs),
});

/** Past twice as many, the names of a point are reduced to as many, and the others count in `(other)`. */
const mostNamesOfPoint = 256;

/** Takes documents and deltas as they arrive. What it holds is bounded. */
export class SeriesCounts {
  readonly #points: Points;
  readonly #grouping: Grouping | undefined;
  readonly counts: Float64Array;
  readonly #names = new Map<number, MergedNames>();
  /** Of all points. */
  readonly #allNames = new MergedNames();
  readonly takesDays: boolean;
  /** By day: how large the hour documents are that were added. */
  readonly bytesOfDays = new Map<number, number>();

  constructor(points: Points, grouping?: Grouping) {
    this.#points = points;
    this.#grouping = grouping;
    this.counts = new Float64Array(points.starts.length);
    this.takesDays = points.interval === 'day' && isEach(dayMs, points);
  }

  addDocument(atMs: number, fields: DocumentFields): void {
    const day = floorTo(atMs, dayMs);
    this.bytesOfDays.set(day, (this.bytesOfDays.get(day) ?? 0) + fieldBytes(fields));
    const wire = hourWireOf(fields);
    if (!wire) return;
    if (this.#points.interval === 'minute') this.#addMinutes(atMs, minutesFromWire(wire.minutes));
    else this.#addWire(atMs, wire);
  }

  addDay(atMs: number, fields: DocumentFields): void {
    const wire = hourWireOf(fields);
    if (wire) this.#addWire(atMs, wire);
  }

  addDelta(atMs: number, { total, minutes, byType, byService }: HourDelta): void {
    if (this.#points.interval === 'minute') {
      this.#addMinutes(atMs, minutes);
      return;
    }
    const point = this.#pointAt(atMs);
    if (!this.#add(point, total.count)) return;
    if (!this.#grouping) return;
    const names = this.#grouping === 'type' ? byType : byService;
    for (const into of [this.#namesAt(point), this.#allNames]) into.addStats(names);
  }

  greatestNames(most: number): string[] {
    return this.#allNames
      .listed(most)
      .map(([name]) => name)
      .filter((name) => name !== otherName);
  }

  namesAt(point: number): ReadonlyMap<string, { readonly count: number }> {
    return this.#names.get(point)?.toMap() ?? new Map();
  }

  #addWire(atMs: number, { total, types, services }: HourWire): void {
    const point = this.#pointAt(atMs);
    if (!this.#add(point, total)) return;
    if (!this.#grouping) return;
    const names = this.#grouping === 'type' ? types : services;
    for (const into of [this.#namesAt(point), this.#allNames]) into.add(names);
  }

  #addMinutes(atMs: number, minutes: Minutes): void {
    for (const [minute, count] of minutes.entries())
      if (count > 0) this.#add(this.#pointAt(atMs + minute * minuteMs), count);
  }

  /** False if it is no point of the series. */
  #add(point: number, count: number): boolean {
    if (point < 0 || point >= this.counts.length) return false;
    this.counts[point] = (this.counts[point] ?? 0) + count;
    return true;
  }

  #pointAt(atMs: number): number {
    const { interval, starts } = this.#points;
    // Days may have different lengths.
    return interval === 'day'
      ? starts.findLastIndex((start) => start <= atMs)
      : Math.floor((atMs - (starts[0] ?? 0)) / intervals[interval].widthMs);
  }

  #namesAt(point: number): MergedNames {
    const names = this.#names.get(point) ?? new MergedNames(mostNamesOfPoint);
    this.#names.set(point, names);
    return names;
  }
}

export type Series = {
  readonly account_id: string;
  readonly environment: string;
  readonly interval: Interval;
  readonly tz: string;
  readonly group_by?: Grouping;
  readonly from: string;
  readonly to: string;
  readonly total: number;
  readonly points: readonly { readonly from: string; readonly count: number }[];
  /** At most 20, greatest first, and then `(other)` and `(none)`. `counts` are in the order of the points. */
  readonly groups?: readonly Group[];
  readonly as_of: string;
};
export type Group = { readonly [name in Grouping]?: string } & {
  readonly count: number;
  readonly counts: readonly number[];
};

const mostGroups = 20;

export function seriesOf(
  tenant: Tenant,
  points: Points,
  { counts, grouping, asOfMs }: { counts: SeriesCounts; grouping?: Grouping | undefined; asOfMs: number },
): Series {
  const { interval, timeZone, starts, toMs } = points;
  return {
    account_id: tenant.account,
    environment: tenant.environment,
    interval,
    tz: timeZone,
    ...(grouping && { group_by: grouping }),
    from: iso(starts[0] ?? toMs),
    to: iso(toMs),
    total: sumOf(counts.counts),
    points: starts.map((start, point) => ({ from: iso(start), count: counts.counts[point] ?? 0 })),
    ...(grouping && { groups: groupsOf(counts, grouping) }),
    as_of: iso(asOfMs),
  };
}

/** In each point, the groups add up to its count. */
function groupsOf(counts: SeriesCounts, grouping: Grouping): Group[] {
  const none = () => new Array<number>(counts.counts.length).fill(0);
  const listed = new Map(counts.greatestNames(mostGroups).map((name) => [name, none()]));
  const others = none();
  const unnamed = none();
  for (const [point, total] of counts.counts.entries()) {
    let named = 0;
    for (const [name, { count }] of counts.namesAt(point)) {
      named += count;
      const own = listed.get(name) ?? others;
      own[point] = (own[point] ?? 0) + count;
    }
    unnamed[point] = total - named;
  }
  const groups = [...listed].map(([name, own]) => ({ name, count: sumOf(own), counts: own }));
  const rest = [
    { name: otherName, count: sumOf(others), counts: others },
    { name: noName, count: sumOf(unnamed), counts: unnamed },
  ].filter(({ count }) => count > 0);
  return [...groups.sort((a, b) => b.count - a.count || (a.name < b.name ? -1 : 1)), ...rest].map(
    ({ name, count, counts: own }) => ({ [grouping]: name, count, counts: own }),
  );
}

const sumOf = (counts: Iterable<number>): number => {
  let sum = 0;
  for (const count of counts) sum += count;
  return sum;
};
