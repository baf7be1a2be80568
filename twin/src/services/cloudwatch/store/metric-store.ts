// All metrics of the twin, by namespace, name and dimensions. Memory is bounded: minutes are kept for 15 days, as
// CloudWatch does, then hours; and there are at most so many series and hours.

import type { Measurement, MetricSink } from '../../../core/metric-sink.ts';
import { roundedUp, StoredSeries, type Values } from './stored-series.ts';

export type MetricIdentity = {
  readonly namespace: string;
  readonly name: string;
  readonly dimensions: Readonly<Record<string, string>>;
};

export type StoredMetric = MetricIdentity & { readonly unit: string; readonly series: StoredSeries };

/** Many values at once, as PutMetricData takes them. */
export type MeasuredSet = Omit<Measurement, 'value'> & {
  /** How often each value occurred, or what they come to. */
  readonly of: readonly (readonly [value: number, count: number])[] | Summarized;
};
export type Summarized = {
  readonly count: number;
  readonly sum: number;
  readonly min: number;
  readonly max: number;
};

export type StoreBounds = {
  readonly mostSeries: number;
  readonly hoursInMinutes: number;
  /** Over all series; the hours that began first are folded first. An hour in minutes takes about 2 KB. */
  readonly mostHoursInMinutes: number;
  readonly mostHours: number;
};

const defaultBounds: StoreBounds = {
  mostSeries: 10_000,
  hoursInMinutes: 15 * 24,
  mostHoursInMinutes: 200_000,
  mostHours: 500_000,
};

const msPerMinute = 60_000;

type KeptHour = { readonly key: string; readonly series: StoredSeries; readonly hour: number };

export class MetricStore implements MetricSink {
  private readonly bounds: StoreBounds;
  private readonly metrics = new Map<string, StoredMetric>();
  /** In the order in which they began. */
  private readonly inMinutes = new Fifo<KeptHour>();
  private readonly folded = new Fifo<KeptHour>();
  /** Counts additions, and so tells whether there was one since. */
  version = 0;
  /** Values of new series that found no room. */
  refused = 0;

  constructor(bounds: Partial<StoreBounds> = {}) {
    this.bounds = { ...defaultBounds, ...bounds };
  }

  add({ value, ...measurement }: Measurement): void {
    this.addSet({ ...measurement, of: [[value, 1]] });
  }

  addSet({ of, timestampMs, ...measured }: MeasuredSet): void {
    const values = toValues(of);
    if (!(values.count > 0)) return;
    const key = keyOf(measured);
    const metric = this.metrics.get(key) ?? this.create(key, measured);
    if (metric === undefined) return;
    this.version += 1;
    const begun = metric.series.add(Math.floor(timestampMs / msPerMinute), values);
    if (begun === undefined) return;
    this.inMinutes.push({ key, series: metric.series, hour: begun });
    this.forget(begun);
  }

  find(identity: MetricIdentity): StoredSeries | undefined {
    return this.findByKey(keyOf(identity));
  }

  /** For what asks again and again. */
  findByKey(key: string): StoredSeries | undefined {
    return this.metrics.get(key)?.series;
  }

  list(): readonly StoredMetric[] {
    return [...this.metrics].toSorted(([one], [other]) => (one < other ? -1 : 1)).map(([, metric]) => metric);
  }

  clear(): void {
    this.metrics.clear();
    this.inMinutes.clear();
    this.folded.clear();
    this.version += 1;
  }

  private create(
    key: string,
    { namespace, name, dimensions, unit }: Omit<StoredMetric, 'series'>,
  ): StoredMetric | undefined {
    if (this.metrics.size >= this.bounds.mostSeries) {
      this.refused += 1;
      return undefined;
    }
    const metric = { namespace, name, dimensions, unit, series: new StoredSeries() };
    this.metrics.set(key, metric);
    return metric;
  }

  /** Ages go by the hour that began now: the clock of the twin may have been moved back. */
  private forget(nowHour: number): void {
    const { hoursInMinutes, mostHoursInMinutes, mostHours } = this.bounds;
    const isOld = ({ hour }: KeptHour) => hour <= nowHour - hoursInMinutes;
    for (
      let oldest = this.inMinutes.first();
      oldest !== undefined && (isOld(oldest) || this.inMinutes.size > mostHoursInMinutes);
      oldest = this.inMinutes.first()
    ) {
      oldest.series.fold(oldest.hour);
      this.folded.push(oldest);
      this.inMinutes.shift();
    }
    for (
      let oldest = this.folded.first();
      oldest !== undefined && this.folded.size > mostHours;
      oldest = this.folded.first()
    ) {
      oldest.series.drop(oldest.hour);
      if (oldest.series.isEmpty) this.metrics.delete(oldest.key);
      this.folded.shift();
    }
  }
}

/** By the object, because most of what is measured comes with the same dimensions again and again. */
const dimensionKeys = new WeakMap<MetricIdentity['dimensions'], string>();

export function keyOf({ namespace, name, dimensions }: MetricIdentity): string {
  let key = dimensionKeys.get(dimensions);
  if (key === undefined) {
    key = JSON.stringify(Object.entries(dimensions).toSorted(([one], [other]) => (one < other ? -1 : 1)));
    dimensionKeys.set(dimensions, key);
  }
  return `${namespace}\n${name}\n${key}`;
}

function toValues(of: MeasuredSet['of']): Values {
  if (!('length' in of)) {
    // Of one value, or of equal ones, all are known.
    const { count, min, max } = of;
    return min === max || count === 1 ? { ...of, spread: new Map([[roundedUp(max), count]]) } : of;
  }
  const spread = new Map<number, number>();
  let [count, sum] = [0, 0];
  let [min, max] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
  for (const [value, times] of of) {
    if (!(times > 0)) continue;
    count += times;
    sum += value * times;
    min = Math.min(min, value);
    max = Math.max(max, value);
    const rounded = roundedUp(value);
    spread.set(rounded, (spread.get(rounded) ?? 0) + times);
  }
  return { count, sum, min, max, spread };
}

/** A queue whose taken items are freed in pieces, because shifting a long array costs its length. */
class Fifo<Item> {
  private items: Item[] = [];
  private taken = 0;

  get size(): number {
    return this.items.length - this.taken;
  }

  push(item: Item): void {
    this.items.push(item);
  }

  first(): Item | undefined {
    return this.items[this.taken];
  }

  shift(): void {
    this.taken += 1;
    if (this.taken < 1024 || this.taken < this.items.length / 2) return;
    this.items = this.items.slice(this.taken);
    this.taken = 0;
  }

  clear(): void {
    this.items = [];
    this.taken = 0;
  }
}
