// What AWS measures by itself, added up from the start of the twin: the same series as those of functions, told beside
// them, in the order of their names. It is called for each request many times, and looks a series up by the identity of
// its dimensions.

import type { Measurement, MetricSink } from '../../core/metric-sink.ts';
import { type Series, SeriesCollector } from './series.ts';

/** Each costs as many values as it keeps. The dimensions are names of the template: more are a mistake. */
const maxSeries = 2000;

export class AwsSeries implements MetricSink {
  private readonly collectors = new Map<string, SeriesCollector>();
  private byDimensions = new WeakMap<Measurement['dimensions'], Map<string, SeriesCollector>>();

  add(measurement: Measurement): void {
    const { namespace, name, dimensions, value, timestampMs } = measurement;
    const key = `${namespace} ${name}`;
    let known = this.byDimensions.get(dimensions);
    if (known === undefined) {
      known = new Map();
      this.byDimensions.set(dimensions, known);
    }
    let collector = known.get(key);
    if (collector === undefined) {
      collector = this.collectorOf(measurement);
      if (collector === undefined) return;
      known.set(key, collector);
    }
    collector.add(value, timestampMs);
  }

  series(): readonly Series[] {
    return [...this.collectors]
      .toSorted(([one], [other]) => (one < other ? -1 : 1))
      .map(([, collector]) => collector.read());
  }

  reset(): void {
    this.collectors.clear();
    this.byDimensions = new WeakMap();
  }

  private collectorOf({ namespace, name, dimensions, unit }: Measurement): SeriesCollector | undefined {
    const key = JSON.stringify([namespace, name, dimensions, unit]);
    const known = this.collectors.get(key);
    if (known !== undefined || this.collectors.size >= maxSeries) return known;
    const made = new SeriesCollector({ namespace, name, unit, dimensions });
    this.collectors.set(key, made);
    return made;
  }
}
