// Metrics in memory, by the hour, with the part of CloudWatch's metric math that our expressions use: numbers, ids, the four
// operations, FILL and IF.

import type { MetricQuery } from '../../domain/service-levels/indicators.ts';
import type {
  Hourly,
  Measured,
  Measurement,
  MetricReader,
  TimeRange,
} from '../../domain/service-levels/port.ts';
import { hourMs } from '../../domain/system/time.ts';

export class MemoryMetricReader implements MetricReader {
  readonly #series = new Map<string, Map<number, number>>();

  put(query: MetricQuery, atHourMs: number, value: number): void {
    const key = keyOf(query);
    const series = this.#series.get(key) ?? new Map<number, number>();
    this.#series.set(key, series.set(atHourMs, value));
  }

  async read<Name extends string>(
    measurements: readonly Measurement<Name>[],
    range: TimeRange,
  ): Promise<readonly Measured<Name>[]> {
    return measurements.map(
      ({ metrics, expressions }) =>
        Object.fromEntries(
          Object.entries<string>(expressions).map(([name, expression]) => [
            name,
            this.#evaluate(metrics, expression, range),
          ]),
        ) as Record<string, Hourly> as Measured<Name>,
    );
  }

  #evaluate(metrics: Measurement['metrics'], expression: string, { fromMs, toMs }: TimeRange) {
    const ids = Object.keys(metrics);
    const evaluate = new Function('FILL', 'IF', ...ids, `return ${expression};`);
    const hourly = new Map<number, number>();
    for (let hour = fromMs; hour < toMs; hour += hourMs) {
      const values = Object.values(metrics).map((query) => this.#series.get(keyOf(query))?.get(hour));
      const value: number | undefined = evaluate(fill, choose, ...values);
      if (value !== undefined && Number.isFinite(value)) hourly.set(hour, value);
    }
    return hourly;
  }
}

const fill = (value: number | undefined, otherwise: number): number => value ?? otherwise;
const choose = (condition: unknown, one: number, other: number): number => (condition ? one : other);

function keyOf({ namespace, name, statistic, dimensions }: MetricQuery): string {
  const sorted = Object.entries(dimensions).toSorted(([one], [other]) => (one < other ? -1 : 1));
  return JSON.stringify([namespace, name, statistic, sorted]);
}
