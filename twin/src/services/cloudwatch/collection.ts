// What a number of printed lines come to: series, the latest lines of metrics, and complaints.

import type { JsonRecord } from '../../core/json-record.ts';
import { Complaints } from './complaints.ts';
import { type EmbeddedMetric, readMetricLine } from './embedded-metric-format.ts';
import { Latest } from './latest.ts';
import { SeriesCollector } from './series.ts';
import type { MetricStore } from './store/metric-store.ts';

export type CollectedLine = { readonly function: string; readonly line: JsonRecord };
type TimedLine = CollectedLine & { readonly timestampMs: number };

const maxLines = 1000;
/** Each costs as many values as it keeps; a dimension that takes any value would make more and more. */
const maxSeries = 1000;

export class Collection {
  readonly complaints = new Complaints();
  private readonly collectors = new Map<string, SeriesCollector>();
  private readonly linesByLabel = new Map<string, Latest<TimedLine>>();
  private readonly store: Pick<MetricStore, 'addSet'>;

  constructor(store: Pick<MetricStore, 'addSet'>) {
    this.store = store;
  }

  take(label: string, text: string): void {
    const read = readMetricLine(text);
    if (read === undefined) return;
    if ('complaint' in read) {
      this.complaints.add(label, read.complaint, text);
      return;
    }
    const { metrics, timestampMs, root } = read;
    const added = metrics.map((metric) => this.add(metric, timestampMs));
    if (added.includes(false)) this.complaints.add(label, `it begins more than ${maxSeries} series`, text);
    this.linesOf(label).add({ function: label, line: root, timestampMs });
  }

  /** In the order of their names and dimensions. */
  series() {
    return [...this.collectors]
      .toSorted(([one], [other]) => (one < other ? -1 : 1))
      .map(([, collector]) => collector.read());
  }

  /** In the order of their timestamps. */
  lines(): readonly CollectedLine[] {
    return [...this.linesByLabel.values()]
      .flatMap((latest) => latest.list())
      .toSorted((one, other) => one.timestampMs - other.timestampMs)
      .slice(-maxLines)
      .map(({ function: label, line }) => ({ function: label, line }));
  }

  /** False where some of it is not counted. */
  private add(metric: EmbeddedMetric, timestampMs: number): boolean {
    const { namespace, name, unit, dimensionSets, values } = metric;
    if (values.length === 0) return true;
    let isWhole = true;
    for (const dimensions of dimensionSets) {
      const of = values.map((value) => [value, 1] as const);
      this.store.addSet({ namespace, name, unit, dimensions, timestampMs, of });
      const key = JSON.stringify([namespace, name, dimensions, unit]);
      const known = this.collectors.get(key);
      if (known === undefined && this.collectors.size >= maxSeries) {
        isWhole = false;
        continue;
      }
      const collector = known ?? new SeriesCollector({ namespace, name, unit, dimensions });
      this.collectors.set(key, collector);
      for (const value of values) collector.add(value, timestampMs);
    }
    return isWhole;
  }

  /** As many of each function as are listed in all: the latest of all are known only when they are merged. */
  private linesOf(label: string): Latest<TimedLine> {
    const latest = this.linesByLabel.get(label) ?? new Latest<TimedLine>(maxLines);
    this.linesByLabel.set(label, latest);
    return latest;
  }
}
