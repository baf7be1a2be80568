// The counts and sums of a series, to which documents and deltas are added as they arrive. What it holds is bounded.

import type { HourSink } from '../counting/lane-counts.ts';
import type { DayKind } from '../documents/day.ts';
import { hoursOfFields } from '../documents/day-hours.ts';
import type { HourDelta } from '../documents/delta.ts';
import { type DocumentFields, fieldBytes } from '../documents/documents.ts';
import { type HourWire, hourWireOf } from '../documents/hour-wire.ts';
import { MergedNames } from '../documents/merged-names.ts';
import { type Minutes, minutesFromWire } from '../documents/minutes.ts';
import { otherName } from '../documents/names.ts';
import { addValues, type Stats, type ValueStats } from '../documents/stats.ts';
import { dayMs, floorTo, hourMs, minuteMs } from '../system/time.ts';
import { type Grouping, intervals, isOfWholeDays, isOfWholeHours, type Points } from './points.ts';

/**
 * Past twice as many, the names of a point are reduced to as many, and the others count in `(other)`. Of many points they are
 * fewer, because a name with values takes some 150 bytes.
 */
const mostNamesOfPoint = 256;
const mostNamesOfSeries = 64 * 1024;

export class SeriesCounts implements HourSink {
  readonly #points: Points;
  readonly #grouping: Grouping | undefined;
  readonly counts: Float64Array;
  /** By point. Always empty if points are not of whole hours: the values of an hour are not counted by minute. */
  readonly values = new Map<number, ValueStats>();
  readonly #hasValues: boolean;
  readonly #mostNames: number;
  readonly #names = new Map<number, MergedNames>();
  /** Of all points. */
  readonly #allNames = new MergedNames();
  readonly takes: DayKind;
  /** By day: how large the hour documents are that were added. */
  readonly bytesOfDays = new Map<number, number>();

  constructor(points: Points, grouping?: Grouping) {
    this.#points = points;
    this.#grouping = grouping;
    this.counts = new Float64Array(points.starts.length);
    // The first day may be cut: its hours are read one by one, and all others from their folds.
    const uncut = { ...points, starts: points.starts.slice(1) };
    this.takes = points.interval === 'day' && isOfWholeDays(uncut) ? 'day' : 'hours';
    this.#hasValues = isOfWholeHours(points);
    this.#mostNames = Math.min(mostNamesOfPoint, Math.floor(mostNamesOfSeries / points.starts.length));
  }

  addDocument(atMs: number, fields: DocumentFields): void {
    const day = floorTo(atMs, dayMs);
    this.bytesOfDays.set(day, (this.bytesOfDays.get(day) ?? 0) + fieldBytes(fields));
    const wire = hourWireOf(fields);
    if (wire) this.#addHour(atMs, wire);
  }

  addDay(atMs: number, fields: DocumentFields): void {
    if (this.takes === 'hours') {
      for (const [hour, wire] of hoursOfFields(fields)) this.#addHour(atMs + hour * hourMs, wire);
      return;
    }
    const wire = hourWireOf(fields);
    if (wire) this.#addWire(this.#pointAt(atMs), wire);
  }

  addDelta(atMs: number, { total, minutes, byType, byService }: HourDelta): void {
    const point = this.#pointOfHour(atMs);
    if (point === undefined) {
      this.#addMinutes(atMs, minutes);
      return;
    }
    if (!this.#add(point, total.count)) return;
    this.#addValues(point, total.values);
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

  namesAt(point: number): ReadonlyMap<string, Stats> {
    return this.#names.get(point)?.toMap() ?? new Map();
  }

  #addHour(atMs: number, wire: HourWire): void {
    const point = this.#pointOfHour(atMs);
    if (point === undefined) this.#addMinutes(atMs, minutesFromWire(wire.minutes));
    else this.#addWire(point, wire);
  }

  #addWire(point: number, { total, types, services, values }: HourWire): void {
    if (!this.#add(point, total)) return;
    const own = this.#hasValues ? values() : undefined;
    this.#addValues(point, own?.total);
    if (!this.#grouping) return;
    const names = this.#grouping === 'type' ? types : services;
    const valuesOfNames = own?.total && (this.#grouping === 'type' ? own.types : own.services);
    this.#namesAt(point).add(names, valuesOfNames);
    this.#allNames.add(names);
  }

  #addValues(point: number, values: ValueStats | undefined): void {
    const sum = this.#hasValues ? addValues(this.values.get(point), values) : undefined;
    if (sum) this.values.set(point, sum);
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
    const { interval, starts, toMs } = this.#points;
    if (atMs >= toMs) return -1;
    // Days may have different lengths.
    return interval === 'day'
      ? starts.findLastIndex((start) => start <= atMs)
      : Math.floor((atMs - (starts[0] ?? 0)) / intervals[interval].widthMs);
  }

  /** Undefined if it is not of one point. */
  #pointOfHour(atMs: number): number | undefined {
    const point = this.#pointAt(atMs);
    return point === this.#pointAt(atMs + hourMs - 1) ? point : undefined;
  }

  #namesAt(point: number): MergedNames {
    const names = this.#names.get(point) ?? new MergedNames(this.#mostNames);
    this.#names.set(point, names);
    return names;
  }
}
