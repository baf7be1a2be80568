// Metric filters: lines of a log group that match a pattern are counted as a metric.
// https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/MonitoringLogData.html

import type { Clock } from '../../core/clock.ts';
import type { LogGroup } from '../../core/log-group.ts';
import { LogTail } from '../../core/log-tail.ts';
import type { MetricSink } from '../../core/metric-sink.ts';
import type { Startable } from '../../core/start-in-phases.ts';
import type { Resource, Template } from '../../template/template.ts';
import { filterOf, PatternNotModelled } from './filter-pattern.ts';
import { type TimeOfLine, timesIn } from './line-times.ts';

export type MetricFiltersOptions = {
  readonly template: Template;
  readonly groups: () => readonly LogGroup[];
  readonly metrics: MetricSink;
  readonly clock: Pick<Clock, 'now' | 'after'>;
  readonly report: (problem: string) => void;
};

type Counted = {
  readonly namespace: string;
  readonly name: string;
  readonly unit: string;
  readonly value: number;
};

type Filter = {
  readonly logicalId: string;
  readonly tail: LogTail;
  readonly wants: (line: string) => boolean;
  readonly timeOf: TimeOfLine;
  readonly counted: readonly Counted[];
};

/** Alarms look at whole minutes. */
const lookMs = 2000;

export class MetricFilters implements Startable {
  readonly name = 'the metric filters of logs';
  private readonly options: MetricFiltersOptions;
  private filters: readonly Filter[] = [];
  private stopWaiting: () => void = () => undefined;

  constructor(options: MetricFiltersOptions) {
    this.options = options;
  }

  /** Has to come before anything is logged: what the files hold by now is of earlier runs. */
  async start(): Promise<void> {
    this.filters = this.options.template
      .resources('AWS::Logs::MetricFilter')
      .flatMap((resource) => this.read(resource) ?? []);
    if (this.filters.length > 0) this.wait();
  }

  async end(): Promise<void> {
    this.stopWaiting();
    this.filters = [];
  }

  private wait(): void {
    this.stopWaiting = this.options.clock.after(lookMs, () => {
      for (const filter of this.filters) this.look(filter);
      this.wait();
    });
  }

  private look({ logicalId, tail, wants, timeOf, counted }: Filter): void {
    const { metrics, clock, report } = this.options;
    try {
      tail.look((line) => {
        if (!wants(line)) return;
        const timestampMs = timeOf(line) ?? clock.now();
        for (const each of counted) metrics.add({ ...each, dimensions: {}, timestampMs });
      });
    } catch (error) {
      report(`${logicalId}: its log cannot be read: ${(error as Error).message}`);
    }
  }

  private read({ logicalId, properties }: Resource): Filter | undefined {
    const { report, groups } = this.options;
    const { LogGroupName, FilterPattern, MetricTransformations } = properties;
    const group = groups().find((each) => each.name === LogGroupName);
    if (group === undefined) {
      report(`${logicalId}: no API and no function logs to ${LogGroupName}: nothing is counted.`);
      return undefined;
    }
    const counted = (MetricTransformations as readonly Record<string, unknown>[]).map(toCounted);
    if (counted.includes(undefined)) {
      report(`${logicalId}: a metric of a log has a fixed value and no dimensions here: nothing is counted.`);
      return undefined;
    }
    try {
      return {
        ...{ logicalId, tail: new LogTail(group.file), timeOf: timesIn(group) },
        wants: filterOf(String(FilterPattern)),
        counted: counted.filter((each) => each !== undefined),
      };
    } catch (error) {
      if (!(error instanceof PatternNotModelled)) throw error;
      report(`${logicalId}: nothing is counted: ${error.message}`);
      return undefined;
    }
  }
}

/** Undefined for a value of the line, for dimensions, and for a value where no line matches. */
function toCounted(transformation: Record<string, unknown>): Counted | undefined {
  const {
    MetricNamespace,
    MetricName,
    MetricValue,
    Unit = 'None',
    Dimensions,
    DefaultValue,
  } = transformation;
  const value = Number(MetricValue);
  if (Number.isNaN(value) || Dimensions !== undefined || DefaultValue !== undefined) return undefined;
  return { namespace: String(MetricNamespace), name: String(MetricName), unit: String(Unit), value };
}
