// For product and business: each promise with what is kept of it and what is left to fail, in words that need no glossary.

import { Duration } from 'aws-cdk-lib';
import {
  Dashboard,
  type IAlarm,
  type IWidget,
  MathExpression,
  Metric,
  Stats,
} from 'aws-cdk-lib/aws-cloudwatch';
import { Construct } from 'constructs';
import { tierNames } from '../../../domain/accounts/tiers.ts';
import { dimensionsOf } from '../../../domain/service-levels/dimensions.ts';
import type { ApiIdentity } from '../../../domain/service-levels/indicators.ts';
import { metricNamespaceOf } from '../../../domain/service-levels/metrics.ts';
import { type Objective, pairsOf } from '../../../domain/service-levels/objectives.ts';
import type { StageSettings } from '../../stage/stage-settings.ts';
import type { BurnRateAlarm } from '../burn-rate-alarm.ts';
import { type IndicatorMetrics, inWords } from '../indicators.ts';
import { alarmStates, columns, graph, inRows, percentiles, summed, text, values } from './widgets.ts';

export type ObjectiveView = {
  readonly objective: Objective;
  readonly indicator: IndicatorMetrics;
  readonly alarms: readonly BurnRateAlarm[];
};

export type ServiceLevelsDashboardProps = {
  readonly stage: StageSettings;
  readonly api: ApiIdentity;
  readonly views: readonly ObjectiveView[];
  /** While one of them is red, nothing but mends is shipped. */
  readonly freezing: readonly IAlarm[];
};

export const serviceLevelsDashboardName = (stage: string): string => `weir-${stage}-service-levels`;

const introduction = `## Ship or freeze?

**Ship** while no box in the list below is red and every budget has something left. **Freeze**, and ship nothing but repairs, \
while a box is red or a budget is at 0 or below. Grey means that there are no data, neither good nor bad.

Each promise says which share of answers or events must be good over some days. The rest may fail: that is its **budget**. \
A budget that **burns** at 1 lasts exactly as long as the promise runs; at 14 it is gone in two days.`;

const goodOverMinutes = 60;
const longestDrawnMinutes = 6 * 60;

export class ServiceLevelsDashboard extends Construct {
  constructor(scope: Construct, id: string, props: ServiceLevelsDashboardProps) {
    super(scope, id);
    const { stage, api, views, freezing } = props;
    new Dashboard(this, 'Dashboard', {
      dashboardName: serviceLevelsDashboardName(stage.name),
      defaultInterval: Duration.hours(24),
      widgets: [
        [text(introduction, 4)],
        [alarmStates('Freeze while one of these is red', freezing, 3)],
        [
          values(
            'Kept, in percent, each over the days of its promise',
            views.flatMap(ofReview(stage, 'attainmentPercent')),
          ),
        ],
        [values('Budget left, in percent', views.flatMap(ofReview(stage, 'budgetLeftPercent')))],
        ...views.filter(({ objective }) => pairsOf(objective).length > 0).map(objectiveRow),
        ...inRows([...latencies(api), ...traffic(stage), ...answers(api)], 2),
      ],
    });
  }
}

/** What the hourly review published. */
const ofReview =
  (stage: StageSettings, metricName: 'attainmentPercent' | 'budgetLeftPercent') =>
  ({ objective }: ObjectiveView): Metric[] =>
    dimensionsOf('review')
      .filter((dimensions) => dimensions.objective === objective.name)
      .map(
        (dimensionsMap) =>
          new Metric({
            namespace: metricNamespaceOf(stage.name),
            metricName,
            dimensionsMap,
            statistic: Stats.MINIMUM,
            period: Duration.hours(1),
            label:
              metricName === 'attainmentPercent'
                ? `${objective.title}: ${objective.targetPercent} in ${inWords(objective.windowHours * 60)}`
                : objective.title,
          }),
      );

function objectiveRow({ objective, indicator, alarms }: ObjectiveView): IWidget[] {
  const { title, targetPercent, windowHours } = objective;
  // Pairs share windows: each is drawn once. A longer one would be a dot every few days.
  const lines = new Map(
    alarms
      .filter(({ pair }) => pair.longMinutes <= longestDrawnMinutes)
      .map(({ pair, long }) => [pair.longMinutes, long.metric]),
  );
  return [
    graph(
      `${title}: how fast its budget burns, over the time that each line names`,
      'times the budget',
      [...lines.values()],
      alarms.map(({ pair }) => ({
        value: pair.rate,
        label: `${pair.rate} over ${inWords(pair.longMinutes)}: ${pair.severity}`,
      })),
    ),
    graph(
      `${title}: good over ${inWords(goodOverMinutes)} (promised: ${targetPercent} % over ${inWords(windowHours * 60)})`,
      'percent good',
      [indicator.goodPercent(goodOverMinutes)],
      [{ value: targetPercent, label: 'promised' }],
    ),
  ];
}

function latencies(api: ApiIdentity): IWidget[] {
  const latency = (dimensions: Record<string, string>) =>
    new Metric({
      namespace: 'AWS/ApiGateway',
      metricName: 'Latency',
      dimensionsMap: { ApiName: api.apiName, Stage: api.stageName, ...dimensions },
    });
  return [
    graph(
      'How long batches take, over 5 minutes',
      'milliseconds',
      percentiles(latency({ Method: 'POST', Resource: '/v1/events' })),
      [{ value: 500, label: 'promised for 99 %' }],
    ),
    graph('How long all requests take, over 5 minutes', 'milliseconds', percentiles(latency({}))),
  ];
}

function traffic(stage: StageSettings): IWidget[] {
  const namespace = metricNamespaceOf(stage.name);
  const accepted = (tier: string) =>
    new Metric({
      namespace,
      metricName: 'acceptedEvents',
      dimensionsMap: { endpoint: 'ingest', tier },
      statistic: Stats.SUM,
      period: Duration.minutes(1),
      label: tier,
    });
  const freshness = new Metric({
    namespace,
    metricName: 'freshness',
    dimensionsMap: { endpoint: 'consume' },
  });
  return [
    graph('Events accepted, by tier', 'events a minute', tierNames.map(accepted)),
    graph('Events stored', 'events a minute', [
      summed(stage, 'storedEvents', 'stored'),
      summed(stage, 'duplicateEvents', 'sent again, and stored once'),
    ]),
    graph('From receipt until visible, over 5 minutes', 'milliseconds', percentiles(freshness), [
      { value: 5000, label: 'promised for 95 %' },
    ]),
  ];
}

/** Some read availability as the share of 2xx: what callers did wrong counts in it. */
function answers(api: ApiIdentity): IWidget[] {
  const counted = (metricName: string) =>
    new Metric({
      namespace: 'AWS/ApiGateway',
      metricName,
      dimensionsMap: { ApiName: api.apiName, Stage: api.stageName },
      statistic: Stats.SUM,
    });
  return [
    graph(
      'Answers of 2xx, over 5 minutes: what callers did wrong counts here',
      'percent',
      [
        new MathExpression({
          expression: 'IF(all > 0, 100 * (all - FILL(theirs, 0) - FILL(ours, 0)) / all)',
          usingMetrics: { all: counted('Count'), theirs: counted('4XXError'), ours: counted('5XXError') },
          period: Duration.minutes(5),
          label: 'answers of 2xx',
        }),
      ],
      [],
      columns / 2,
    ),
  ];
}
