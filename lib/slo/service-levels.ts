// Alarms and the dashboard of a stage, derived from the objectives. A new objective in the domain brings its pairs of
// windows, their alarms and its graphs with it. A stage may have only those of the signals.

import type { IEventSourceMapping } from 'aws-cdk-lib/aws-lambda';
import { Construct } from 'constructs';
import type { ApiIdentity } from '../../domain/service-levels/indicators.ts';
import { objectives, pairsOf, type Severity } from '../../domain/service-levels/objectives.ts';
import type { StageSettings } from '../stage/stage-settings.ts';
import type { Storage } from '../stateful-stack.ts';
import { burnAlarm } from './alarm-names.ts';
import { BurnRateAlarm } from './burn-rate-alarm.ts';
import { CountedInLog } from './counted-in-log.ts';
import { OnCallDashboard } from './dashboards/on-call-dashboard.ts';
import { ServiceLevelsDashboard } from './dashboards/service-levels-dashboard.ts';
import { Contributors } from './dashboards/widgets.ts';
import { IndicatorMetrics } from './indicators.ts';
import { SeverityTopics } from './severity-topics.ts';
import { SignalAlarms } from './signal-alarms.ts';
import type { Consumers } from './signals/signal.ts';

export type ServiceLevelsProps = {
  readonly stage: StageSettings;
  readonly api: ApiIdentity;
  readonly consumers: Consumers;
  readonly tally: readonly IEventSourceMapping[];
  readonly storage: Storage;
  /** The name of its log group. */
  readonly accessLog: string;
};

export class ServiceLevels extends Construct {
  readonly topics: SeverityTopics;

  constructor(scope: Construct, id: string, props: ServiceLevelsProps) {
    super(scope, id);
    const { stage, api, accessLog, ...sources } = props;
    const topics = new SeverityTopics(this, 'Topics', stage);
    this.topics = topics;

    const views = (stage.alarms === true ? objectives : []).map((objective) => {
      const indicator = new IndicatorMetrics(objective, api, stage);
      const alarms = pairsOf(objective).map(
        (pair) =>
          new BurnRateAlarm(this, burnAlarm(objective, pair).name, {
            stage,
            objective,
            pair,
            indicator,
            topics,
          }),
      );
      return { objective, indicator, alarms };
    });
    const signals = new SignalAlarms(this, 'Signals', { stage, api, ...sources }, topics);
    const { rules } = new CountedInLog(this, 'AccessLog', stage, accessLog);
    const burning = (severity: Severity) =>
      views.flatMap(({ alarms }) =>
        alarms.filter(({ pair }) => pair.severity === severity).map(({ both }) => both),
      );
    const signalling = (severity: Severity) =>
      signals.views.filter(({ signal }) => signal.severity === severity).map(({ alarm }) => alarm);
    new OnCallDashboard(this, 'OnCall', {
      stage,
      api,
      pages: [...burning('page'), ...signalling('page')],
      tickets: [...burning('ticket'), ...signalling('ticket')],
      signals: signals.views,
      contributors: rules.map(({ title, ruleName }) => new Contributors(title, ruleName)),
    });
    // Without objectives there is nothing on it.
    if (views.length > 0)
      new ServiceLevelsDashboard(this, 'Promises', { stage, api, views, freezing: burning('page') });
  }
}
