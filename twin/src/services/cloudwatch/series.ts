// One metric under one set of dimensions: what all of its values come to, and how its latest ones are spread.

import type { Dimensions } from './embedded-metric-format.ts';
import { Latest } from './latest.ts';

export type SeriesIdentity = {
  readonly namespace: string;
  readonly name: string;
  /** Part of it: CloudWatch adds up no values of different units. */
  readonly unit: string;
  readonly dimensions: Dimensions;
};

export type Series = SeriesIdentity & {
  readonly samples: number;
  readonly sum: number;
  readonly min: number;
  readonly max: number;
  /** By the clock of the twin, as the function wrote it. */
  readonly latest_at: string;
  /** The percentiles are values that occurred, by nearest rank. */
  readonly of_latest_values: {
    readonly values: number;
    readonly p50: number;
    readonly p95: number;
    readonly p99: number;
  };
};

const maxLatestValues = 1000;

export class SeriesCollector {
  private readonly identity: SeriesIdentity;
  private readonly latestValues = new Latest<number>(maxLatestValues);
  private samples = 0;
  private sum = 0;
  private min = Number.POSITIVE_INFINITY;
  private max = Number.NEGATIVE_INFINITY;
  private latestAtMs = 0;

  constructor(identity: SeriesIdentity) {
    this.identity = identity;
  }

  add(value: number, timestampMs: number): void {
    this.samples += 1;
    this.sum += value;
    this.min = Math.min(this.min, value);
    this.max = Math.max(this.max, value);
    this.latestAtMs = Math.max(this.latestAtMs, timestampMs);
    this.latestValues.add(value);
  }

  /** There has to be a value. */
  read(): Series {
    const ascending = this.latestValues.list().toSorted((one, other) => one - other);
    return {
      ...this.identity,
      samples: this.samples,
      sum: this.sum,
      min: this.min,
      max: this.max,
      latest_at: new Date(this.latestAtMs).toISOString(),
      of_latest_values: {
        values: ascending.length,
        p50: percentile(ascending, 50),
        p95: percentile(ascending, 95),
        p99: percentile(ascending, 99),
      },
    };
  }
}

function percentile(ascending: readonly number[], percent: number): number {
  return ascending[Math.ceil((ascending.length * percent) / 100) - 1] as number;
}
