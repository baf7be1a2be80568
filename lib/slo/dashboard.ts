// One page for a stage: each objective with its budget, then what feeds them. Every line of a threshold is drawn by
// the alarm that has it, so that the two cannot disagree.

import { Duration } from 'aws-cdk-lib';
import {
  type Alarm,
  Dashboard as CloudWatchDashboard,
  GraphWidget,
  type IMetric,
  type IWidget,
  MathExpression,
} from 'aws-cdk-lib/aws-cloudwatch';
import { Construct } from 'constructs';
import { metricNames, metricNamespaceOf } from '../../domain/service-levels/metrics.ts';
import { type Objective, signals } from '../../domain/service-levels/objectives.ts';
import type { StageSettings } from '../stage/stage-settings.ts';
import type { BurnRateAlarm } from './burn-rate-alarm.ts';
import { type ApiIdentity, failuresWithoutObjective, type Indicator } from './indicators.ts';
import type { SignalAlarms } from './signal-alarms.ts';

export type ObjectiveView = {
  readonly objective: Objective;
  readonly indicator: Indicator;
  readonly alarms: readonly BurnRateAlarm[];
};

export type DashboardProps = {
  readonly stage: StageSettings;
  readonly api: ApiIdentity;
  readonly views: readonly ObjectiveView[];
  readonly causes: SignalAlarms;
};

const goodOverMinutes = 60;

export class Dashboard extends Construct {
  constructor(scope: Construct, id: string, { stage, api, views, causes }: DashboardProps) {
    super(scope, id);
    new CloudWatchDashboard(this, 'Dashboard', {
      dashboardName: `weir-${stage.name}`,
      defaultInterval: Duration.hours(24),
      widgets: [
        ...views.map(objectiveRow),
        [
          watched(signals.streamLag.title, 'milliseconds', causes.streamLag),
          watched(signals.consumerErrors.title, 'errors', causes.consumerErrors),
        ],
        [
          watched(signals.heldRecords.title, 'records', causes.heldRecords),
          watched(signals.parkedRecords.title, 'records', causes.parkedRecords),
        ],
        [
          watched(signals.quarantined.title, 'records', causes.quarantined),
          watched(signals.ledgerImbalance.title, 'events', causes.ledgerImbalance),
        ],
        [throughput(stage)],
        [
          graph(
            'Failures that no objective counts',
            'answers of 5xx a minute',
            failuresWithoutObjective(api),
            [],
          ),
        ],
      ],
    });
  }
}

function objectiveRow({ objective, indicator, alarms }: ObjectiveView): IWidget[] {
  return [
    graph(
      `${objective.title}: burn rate`,
      'times the budget',
      alarms.flatMap(({ long, short }) => [long.metric, short.metric]),
      alarms.map(({ long }) => long.toAnnotation()),
    ),
    graph(
      `${objective.title}: ${objective.targetPercent} % over ${objective.windowDays} days`,
      'percent good',
      [indicator.goodPercent(goodOverMinutes)],
      [{ value: objective.targetPercent, label: 'target' }],
    ),
  ];
}

function watched(title: string, unit: string, alarm: Alarm): IWidget {
  return graph(title, unit, [alarm.metric], [alarm.toAnnotation()]);
}

/** Summed over whatever dimensions the functions publish under, such as the tier. */
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
