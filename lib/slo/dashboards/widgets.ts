// The widgets of the dashboards. An alarm draws its own threshold, so that graph and alarm cannot disagree.

import { Aws, Duration } from 'aws-cdk-lib';
import {
  AlarmStatusWidget,
  ConcreteWidget,
  GraphWidget,
  type GraphWidgetProps,
  type IAlarm,
  type IMetric,
  type IWidget,
  MathExpression,
  type Metric,
  SingleValueWidget,
  TextWidget,
} from 'aws-cdk-lib/aws-cloudwatch';
import { type MetricName, metricNamespaceOf } from '../../../domain/service-levels/metrics.ts';
import { inChunks } from '../../../domain/system/bounded.ts';
import type { StageSettings } from '../../stage/stage-settings.ts';

export const columns = 24;
const graphHeight = 6;
/** Of on-call, which has many. */
export const graphsPerRow = 3;

/** `unit` is the label of the axis. */
export function graph(
  title: string,
  unit: string,
  left: readonly IMetric[],
  leftAnnotations: NonNullable<GraphWidgetProps['leftAnnotations']> = [],
  width = columns / 2,
): IWidget {
  return new GraphWidget({
    title,
    left: [...left],
    leftAnnotations,
    leftYAxis: { label: unit, showUnits: false },
    width,
    height: graphHeight,
  });
}

/** The last value of each, with the time that it is over in the title. */
export const values = (title: string, metrics: readonly IMetric[], width = columns): IWidget =>
  new SingleValueWidget({ title, metrics: [...metrics], width, height: 3 });

export const alarmStates = (title: string, alarms: readonly IAlarm[], height: number): IWidget =>
  new AlarmStatusWidget({ title, alarms: [...alarms], width: columns, height });

export const text = (markdown: string, height: number): IWidget =>
  new TextWidget({ markdown, width: columns, height });

export const heading = (words: string): IWidget => text(`## ${words}`, 1);

export const inRows = (widgets: readonly IWidget[], perRow: number): IWidget[][] =>
  [...inChunks(widgets, perRow)].map((row) => [...row]);

/** A metric that functions publish, over all its dimensions, a line. */
export const summed = (stage: StageSettings, name: MetricName, label: string, minutes = 1): MathExpression =>
  new MathExpression({
    expression: `SUM(SEARCH('Namespace="${metricNamespaceOf(stage.name)}" MetricName="${name}"', 'Sum', ${60 * minutes}))`,
    usingMetrics: {},
    period: Duration.minutes(minutes),
    label,
  });

/** The percentiles of a metric of one set of dimensions. */
export const percentiles = (metric: Metric): IMetric[] =>
  ['p50', 'p95', 'p99'].map((statistic) =>
    metric.with({ statistic, label: statistic.toUpperCase(), period: Duration.minutes(5) }),
  );

/** Whom a rule of Contributor Insights ranks first. */
export class Contributors extends ConcreteWidget {
  readonly #title: string;
  readonly #ruleName: string;

  constructor(title: string, ruleName: string) {
    super(columns / graphsPerRow, graphHeight);
    this.#title = title;
    this.#ruleName = ruleName;
  }

  toJson() {
    return [
      {
        type: 'metric',
        width: this.width,
        height: this.height,
        x: this.x,
        y: this.y,
        properties: {
          title: this.#title,
          view: 'timeSeries',
          region: Aws.REGION,
          period: 300,
          insightRule: { maxContributorCount: 10, orderBy: 'Sum', ruleName: this.#ruleName },
        },
      },
    ];
  }
}
