// An alarm on a cause rather than on a budget. It rings before a promise to a client is broken, or where no request
// would show it. Each signal is one file beside this one and an entry in signals.ts.

import { Duration } from 'aws-cdk-lib';
import {
  type AlarmProps,
  type IMetric,
  MathExpression,
  Metric,
  type MetricOptions,
} from 'aws-cdk-lib/aws-cloudwatch';
import type { IEventSourceMapping, IFunction } from 'aws-cdk-lib/aws-lambda';
import type { Route } from '../../../domain/api/routes.ts';
import { type ApiIdentity, ofGateway } from '../../../domain/service-levels/indicators.ts';
import type { Severity } from '../../../domain/service-levels/objectives.ts';
import { type FunctionVerb, functionNameOf } from '../../../domain/system/stage-names.ts';
import type { StageSettings } from '../../stage/stage-settings.ts';
import type { Storage } from '../../stateful-stack.ts';
import { toMetric } from '../indicators.ts';

export type SignalSources = {
  readonly stage: StageSettings;
  readonly api: ApiIdentity;
  readonly storage: Storage;
  readonly consumers: Consumers;
  /** The mappings by which it reads the streams. */
  readonly tally: readonly IEventSourceMapping[];
};

/** `priority` and `late`: of the streams that a stage may leave out. What they are for is then on the other one. */
export type Consumers = { readonly live: Consumer; readonly priority?: Consumer; readonly late?: Consumer };

/** The metrics of a mapping have its id as their dimension. */
export type Consumer = { readonly function: IFunction; readonly mapping: IEventSourceMapping };

export const allOf = ({ live, priority, late }: Consumers): readonly Consumer[] =>
  [live, priority, late].filter((each) => each !== undefined);

export type Signal = {
  readonly id: string;
  /** The alarm is `weir-<stage>-<name>`, and its runbook `docs/runbooks/<name>.md`. */
  readonly name: string;
  /** Of a runbook that it shares with others. */
  readonly runbook?: string;
  /** The title of the graph. */
  readonly title: string;
  readonly unit: string;
  readonly severity: Severity;
  /** The first sentence of the alarm's description. */
  readonly what: string;
  /** Undefined if the stage has nothing to watch. */
  readonly watch: (sources: SignalSources) => Watched | undefined;
};

/** Without `comparisonOperator`, the alarm rings above the threshold. */
export type Watched = Pick<
  AlarmProps,
  | 'metric'
  | 'threshold'
  | 'evaluationPeriods'
  | 'datapointsToAlarm'
  | 'treatMissingData'
  | 'comparisonOperator'
>;

/** In so many of so many periods. */
export const inPeriods = (datapointsToAlarm: number, evaluationPeriods = datapointsToAlarm) => ({
  datapointsToAlarm,
  evaluationPeriods,
});

/** Metrics of AWS and those from logs come up to two minutes after their minute. */
const lateMinutes = 2;

/**
 * For expressions by the minute that fill what is missing. They have a value of the latest minute before its figures are
 * there, and "so many of so many" would never be: CloudWatch advises to look at more periods than must breach.
 * https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/using-metric-math.html (FILL)
 */
export const inFilledMinutes = (minutes: number) => inPeriods(minutes, minutes + lateMinutes);

/** Alarms of objectives take the metrics of methods, which cost. A stage without the one has none of the other. */
export const hasMetricsOfMethods = ({ alarms }: Pick<StageSettings, 'alarms'>): boolean => alarms === true;

/** Of all requests to the API, or of those to a route. */
export const gatewayMetric = (
  api: ApiIdentity,
  name: string,
  statistic = 'Sum',
  route?: Pick<Route, 'method' | 'path'>,
): Metric => toMetric({ ...ofGateway(api, name, route), statistic });

export const functionMetric = (
  { name }: Pick<StageSettings, 'name'>,
  verb: FunctionVerb,
  metricName: string,
  options: MetricOptions = {},
): Metric =>
  new Metric({
    namespace: 'AWS/Lambda',
    metricName,
    dimensionsMap: { FunctionName: functionNameOf(name, verb) },
    statistic: 'Sum',
    ...options,
  });

export const mathOf = (
  label: string,
  minutes: number,
  expression: string,
  usingMetrics: Readonly<Record<string, IMetric>>,
): MathExpression =>
  new MathExpression({ expression, usingMetrics, period: Duration.minutes(minutes), label });

/** 0 as long as fewer than `floor` are bad: a share of a few requests says little. */
export const percentOf = (bad: string, total: string, floor: number): string =>
  `IF(FILL(${bad}, 0) >= ${floor}, 100 * ${bad} / ${total}, 0)`;

/** In five minutes. What has no data counts as 0. */
export const sumOf = (label: string, usingMetrics: Readonly<Record<string, IMetric>>): MathExpression =>
  new MathExpression({
    expression: Object.keys(usingMetrics)
      .map((id) => `FILL(${id}, 0)`)
      .join(' + '),
    usingMetrics,
    period: Duration.minutes(5),
    label,
  });
