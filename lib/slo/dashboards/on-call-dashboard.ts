// For on-call: what rings, then every signal with the threshold of its alarm by what it is about, then who sends and reads.

import { Duration } from 'aws-cdk-lib';
import {
  Dashboard,
  type IAlarm,
  type IMetric,
  type IWidget,
  Metric,
  Stats,
} from 'aws-cdk-lib/aws-cloudwatch';
import { Construct } from 'constructs';
import { dimensionsOf } from '../../../domain/service-levels/dimensions.ts';
import type { ApiIdentity } from '../../../domain/service-levels/indicators.ts';
import { metricNamespaceOf } from '../../../domain/service-levels/metrics.ts';
import type { StageSettings } from '../../stage/stage-settings.ts';
import { failuresWithoutObjective } from '../indicators.ts';
import type { SignalView } from '../signal-alarms.ts';
import { signalGroups } from '../signals/signals.ts';
import { alarmStates, columns, graph as graphOf, graphsPerRow, heading, inRows, summed } from './widgets.ts';

export type OnCallDashboardProps = {
  readonly stage: StageSettings;
  readonly api: ApiIdentity;
  readonly pages: readonly IAlarm[];
  readonly tickets: readonly IAlarm[];
  readonly signals: readonly SignalView[];
  /** Of Contributor Insights. */
  readonly contributors: readonly IWidget[];
};

export const onCallDashboardName = (stage: string): string => `weir-${stage}-on-call`;

export class OnCallDashboard extends Construct {
  constructor(scope: Construct, id: string, props: OnCallDashboardProps) {
    super(scope, id);
    const { stage, api, pages, tickets, signals, contributors } = props;
    new Dashboard(this, 'Dashboard', {
      dashboardName: onCallDashboardName(stage.name),
      defaultInterval: Duration.hours(3),
      widgets: [
        [alarmStates('These wake someone', pages, heightOf(pages))],
        [alarmStates('These make a ticket', tickets, heightOf(tickets))],
        ...signalGroups.flatMap(({ about, signals: of }) =>
          under(about, signals.filter(({ signal }) => of.includes(signal)).map(signalGraph)),
        ),
        ...under('What is sent, stored and read?', load(stage, api)),
        ...under('Who sends most, and who is refused?', contributors),
      ],
    });
  }
}

const graph = (
  title: string,
  unit: string,
  metrics: readonly IMetric[],
  thresholds?: Parameters<typeof graphOf>[3],
): IWidget => graphOf(title, unit, metrics, thresholds, columns / graphsPerRow);

const under = (about: string, graphs: readonly IWidget[]): IWidget[][] =>
  graphs.length === 0 ? [] : [[heading(about)], ...inRows(graphs, graphsPerRow)];

/** Of a list in four columns, at least. */
const heightOf = (alarms: readonly IAlarm[]): number => Math.max(2, 1 + Math.ceil(alarms.length / 4));

const signalGraph = ({ signal, alarm }: SignalView): IWidget =>
  graph(signal.title, signal.unit, [alarm.metric], [alarm.toAnnotation()]);

function load(stage: StageSettings, api: ApiIdentity): IWidget[] {
  const activeAccounts = dimensionsOf('report').map(
    (dimensionsMap) =>
      new Metric({
        namespace: metricNamespaceOf(stage.name),
        metricName: 'activeAccounts',
        dimensionsMap,
        statistic: Stats.MAXIMUM,
        period: Duration.minutes(15),
        label: 'accounts that sent in 24 hours',
      }),
  );
  return [
    graph('Events a minute', 'events', [
      summed(stage, 'acceptedEvents', 'accepted'),
      summed(stage, 'rejectedEvents', 'rejected'),
      summed(stage, 'storedEvents', 'stored'),
      summed(stage, 'duplicateEvents', 'duplicates'),
      summed(stage, 'conflictingEvents', 'conflicts'),
    ]),
    graph('Requests that a limit refused, a minute', 'requests', [
      summed(stage, 'rateLimited', 'rate'),
      summed(stage, 'quotaRefused', 'quota'),
      summed(stage, 'shedRequests', 'shed'),
      summed(stage, 'circuitRefused', 'circuit open'),
      summed(stage, 'overLimitAccepted', 'over a limit, accepted'),
    ]),
    graph('Summaries and searches a minute', 'answers', [
      summed(stage, 'summaryAnswers', 'summaries'),
      summed(stage, 'searchAnswers', 'searches'),
    ]),
    graph('Active accounts', 'accounts', activeAccounts),
    ...(stage.alarms === true
      ? [graph('Failures that no objective counts', '5xx answers a minute', failuresWithoutObjective(api))]
      : []),
  ];
}
