// What a number of printed lines come to: series, the latest lines of metrics, and complaints.

import type { JsonRecord } from '../json-record.ts';
import { Complaints } from './complaints.ts';
import { type EmbeddedMetric, readMetricLine } from './embedded-metric-format.ts';
import { Latest } from './latest.ts';
import { SeriesCollector } from './series.ts';

export type CollectedLine = { readonly function: string; readonly line: JsonRecord };
type TimedLine = CollectedLine & { readonly timestampMs: number };

const maxLines = 1000;

export class Collection {
  readonly complaints = new Complaints();
  private readonly collectors = new Map<string, SeriesCollector>();
  private readonly linesByVerb = new Map<string, Latest<TimedLine>>();

  take(verb: string, text: string): void {
    const read = readMetricLine(text);
    if (read === undefined) return;
    if ('complaint' in read) {
      this.complaints.add(verb, read.complaint, text);
      return;
    }
    const { metrics, timestampMs, root } = read;
    for (const metric of metrics) this.add(metric, timestampMs);
    this.linesOf(verb).add({ function: verb, line: root, timestampMs });
  }

  /** In the order of their names and dimensions. */
  series() {
    return [...this.collectors]
      .toSorted(([one], [other]) => (one < other ? -1 : 1))
      .map(([, collector]) => collector.read());
  }

  /** In the order of their timestamps. */
  lines(): readonly CollectedLine[] {
    return [...this.linesByVerb.values()]
      .flatMap((latest) => latest.list())
      .toSorted((one, other) => one.timestampMs - other.timestampMs)
      .slice(-maxLines)
      .map(({ function: verb, line }) => ({ function: verb, line }));
  }

  private add(metric: EmbeddedMetric, timestampMs: number): void {
    const { namespace, name, unit, dimensionSets, values } = metric;
    if (values.length === 0) return;
    for (const dimensions of dimensionSets) {
      const key = JSON.stringify([namespace, name, dimensions, unit]);
      const collector =
        this.collectors.get(key) ?? new SeriesCollector({ namespace, name, unit, dimensions });
      this.collectors.set(key, collector);
      for (const value of values) collector.add(value, timestampMs);
    }
  }

  /** As many of each function as are told of all: which are the latest of all shows only when they are merged. */
  private linesOf(verb: string): Latest<TimedLine> {
    const latest = this.linesByVerb.get(verb) ?? new Latest<TimedLine>(maxLines);
    this.linesByVerb.set(verb, latest);
    return latest;
  }
}
