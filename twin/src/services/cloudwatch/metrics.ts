// The metrics that functions print, out of their logs, which are read when somebody asks and once a minute for the
// alarms. They are added up for the pages, and kept by the minute in the store.

import { LogTail } from '../../core/log-tail.ts';
import type { Startable } from '../../core/start-in-phases.ts';
import type { AwsSeries } from './aws-series.ts';
import { type CollectedLine, Collection } from './collection.ts';
import type { Complaint } from './complaints.ts';
import type { Series } from './series.ts';
import type { MetricStore } from './store/metric-store.ts';

export type MetricsOptions = {
  /** By the label of the function. */
  readonly logFiles: Readonly<Record<string, string>>;
  readonly store: Pick<MetricStore, 'addSet'>;
  readonly aws: AwsSeries;
};

export class Metrics implements Startable {
  readonly name = 'the metrics';
  private readonly options: MetricsOptions;
  private tails: readonly (readonly [label: string, tail: LogTail])[] = [];
  private collection: Collection;

  constructor(options: MetricsOptions) {
    this.options = options;
    this.collection = new Collection(options.store);
  }

  /** Has to come before any function runs: what the logs hold by now is not looked at. */
  async start(): Promise<void> {
    this.tails = Object.entries(this.options.logFiles).map(([label, path]) => [label, new LogTail(path)]);
  }

  async end(): Promise<void> {}

  /** By namespace, name, dimensions and unit. */
  series(): readonly Series[] {
    return this.collect().series();
  }

  /** Those that AWS makes by itself. */
  awsSeries(): readonly Series[] {
    return this.options.aws.series();
  }

  complaints(): readonly Complaint[] {
    return this.collect().complaints.list();
  }

  /** The latest that hold metrics, parsed. */
  lines(): readonly CollectedLine[] {
    return this.collect().lines();
  }

  /** What was printed until now counts no more, except for alarms: what happened has happened. */
  reset(): void {
    this.collect();
    this.collection = new Collection(this.options.store);
    this.options.aws.reset();
  }

  collect(): Collection {
    for (const [label, tail] of this.tails) tail.look((line) => this.collection.take(label, line));
    return this.collection;
  }
}
