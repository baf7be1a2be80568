// Puts what happened at one moment under each set of dimensions by which AWS tells it.

import type { MetricSink } from './metric-sink.ts';

export type Dimensions = Readonly<Record<string, string>>;

/** Of one thing that services do again and again: make it once, so that a sink may know it by its identity. */
export type MetricSource = {
  readonly namespace: string;
  readonly dimensionSets: readonly Dimensions[];
};

/** By the name of the metric; undefined where there is no value. */
export type MetricValues = Readonly<
  Record<string, readonly [value: number | undefined, unit: 'Count' | 'Milliseconds' | 'Bytes']>
>;

export function putMetrics(
  sink: MetricSink,
  { namespace, dimensionSets }: MetricSource,
  timestampMs: number,
  metrics: MetricValues,
): void {
  for (const name in metrics) {
    const [value, unit] = metrics[name] ?? [undefined, 'Count'];
    if (value === undefined) continue;
    for (const dimensions of dimensionSets)
      sink.add({ namespace, name, dimensions, unit, value, timestampMs });
  }
}
