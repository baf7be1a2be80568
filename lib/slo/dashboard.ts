// The dashboard of a stage: each objective with its budget, then the signals. Each alarm draws its own threshold, so
// that graph and alarm cannot disagree.

import { Duration } from 'aws-cdk-lib';
import {
  Dashboard as CloudWatchDashboard,
  GraphWidget,
  type IMetric,
  type IWidget,
  MathExpression,
} from 'aws-cdk-lib/aws-cloudwatch';
import { Construct } from 'constructs';
import type { ApiIdentity } from '../../domain/service-levels/indicators.ts';
import { metricNames, metricNamespaceOf } from '../../domain/service-levels/metrics.ts';
import type { Objective } from '../../domain/service-levels/objectives.ts';
import { inChunks } from '../../domain/system/bounded.ts';
import type { StageSettings } from '../stage/stage-settings.ts';
import type { BurnRateAlarm } from './burn-rate-alarm.ts';
import { failuresWithoutObjective, type IndicatorMetrics, inWords } from './indicators.ts';
import type { SignalView } from './signal-alarms.ts';

export type ObjectiveView = {
  readonly objective: Objective;
  readonly indicator: IndicatorMetrics;
  readonly alarms: readonly BurnRateAlarm[];
};

export type DashboardProps = {
  readonly stage: StageSettings;
  readonly api: ApiIdentity;
  readonly views: readonly ObjectiveView[];
  readonly signals: readonly SignalView[];
};

const goodOverMinutes = 60;

export class Dashboard extends Construct {
  constructor(scope: Construct, id: string, { stage, api, views, signals }: DashboardProps) {
    super(scope, id);
    new CloudWatchDashboard(this, 'Dashboard', {
      dashboardName: `weir-${stage.name}`,
      defaultInterval: Duration.hours(24),
      widgets: [
        ...views.map(objectiveRow),
        ...inRows(signals.map(signalGraph), 2),
        [throughput(stage)],
        ...(views.length > 0 ? [[failures(api)]] : []),
      ],
    });
  }
}

/** Of methods, whose metrics a stage without objectives does not have. */
const failures = (api: ApiIdentity): IWidget =>
  graph('Failures that no objective counts', '5xx answers a minute', failuresWithoutObjective(api), []);

function objectiveRow({ objective, indicator, alarms }: ObjectiveView): IWidget[] {
  const burn = graph(
    `${objective.title}: burn rate`,
    'times the budget',
    alarms.flatMap(({ pair, long, short }) => (pair.severity === 'page' ? [long.metric, short.metric] : [])),
    alarms.map(({ long }) => long.toAnnotation()),
  );
  return [
    ...(alarms.length > 0 ? [burn] : []),
    graph(
      `${objective.title}: good over ${goodOverMinutes} minutes (target ${objective.targetPercent} % over ${inWords(objective.windowHours * 60)})`,
      'percent good',
      [indicator.goodPercent(goodOverMinutes)],
      [{ value: objective.targetPercent, label: 'target' }],
    ),
  ];
}

/** The alarm draws its own threshold. */
function signalGraph({ signal, alarm }: SignalView): IWidget {
  return graph(signal.title, signal.unit, [alarm.metric], [alarm.toAnnotation()]);
}

const inRows = (widgets: readonly IWidget[], perRow: number): IWidget[][] =>
  [...inChunks(widgets, perRow)].map((row) => [...row]);

/** Summed over all dimensions, such as the tier. */
function throughput(stage: StageSettings): IWidget {
  const lines = [metricNames.acceptedEvents, metricNames.storedEvents, metricNames.duplicateEvents].map(
    (name) =>
      new MathExpression({
        expression: `SUM(SEARCH('Namespace="${metricNamespaceOf(stage.name)}" MetricName="${name}"', 'Sum', 60))`,
        usingMetrics: {},
        period: Duration.minutes(1),
        label: name,
      }),
  );
  return graph('Throughput', 'events a minute', lines, []);
}

function graph(
  title: string,
  label: string,
  left: IMetric[],
  leftAnnotations: NonNullable<ConstructorParameters<typeof GraphWidget>[0]['leftAnnotations']>,
): IWidget {
  return new GraphWidget({
    title,
    width: 12,
    height: 6,
    left,
    leftYAxis: { label, showUnits: false },
    leftAnnotations,
  });
}
