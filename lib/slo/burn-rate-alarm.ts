// Rings when the error budget burns too fast in two windows at once: the long one shows that it matters, the short one
// that it still goes on. The alarms of the single windows notify nobody.

import {
  Alarm,
  AlarmRule,
  ComparisonOperator,
  CompositeAlarm,
  TreatMissingData,
} from 'aws-cdk-lib/aws-cloudwatch';
import { Construct } from 'constructs';
import type { BurnRatePair, Objective } from '../../domain/service-levels/objectives.ts';
import type { StageSettings } from '../stage/stage-settings.ts';
import { alarmDescription, alarmName, burnAlarm } from './alarm-names.ts';
import type { IndicatorMetrics } from './indicators.ts';
import type { SeverityTopics } from './severity-topics.ts';

export type BurnRateAlarmProps = {
  readonly stage: StageSettings;
  readonly objective: Objective;
  readonly pair: BurnRatePair;
  readonly indicator: IndicatorMetrics;
  readonly topics: SeverityTopics;
};

export class BurnRateAlarm extends Construct {
  /** Both have the same threshold; the long one draws it on the graph. */
  readonly long: Alarm;
  readonly short: Alarm;

  constructor(scope: Construct, id: string, props: BurnRateAlarmProps) {
    super(scope, id);
    const { stage, objective, pair } = props;
    this.long = this.half('Long', props, pair.longMinutes);
    this.short = this.half('Short', props, pair.shortMinutes);

    const { name, runbook } = burnAlarm(objective, pair);
    const both = new CompositeAlarm(this, 'Both', {
      compositeAlarmName: alarmName(stage, name),
      alarmDescription: alarmDescription(
        `${objective.title}: the error budget burns faster than ${pair.rate}x over ${pair.longMinutes} and over ` +
          `${pair.shortMinutes} minutes.`,
        pair.severity,
        runbook,
      ),
      alarmRule: AlarmRule.allOf(this.long, this.short),
    });
    both.addAlarmAction(props.topics.notify(pair.severity));
  }

  private half(window: 'Long' | 'Short', props: BurnRateAlarmProps, minutes: number): Alarm {
    const { stage, objective, pair, indicator } = props;
    const { name, runbook } = burnAlarm(objective, pair);
    return new Alarm(this, window, {
      alarmName: alarmName(stage, `${name}-${window.toLowerCase()}`),
      alarmDescription: alarmDescription(
        `${objective.title}: burns faster than ${pair.rate}x over ${minutes} minutes. One half of ${name}; ` +
          'notifies nobody by itself.',
        pair.severity,
        runbook,
      ),
      metric: indicator.burnRate(minutes),
      threshold: pair.rate,
      comparisonOperator: ComparisonOperator.GREATER_THAN_THRESHOLD,
      evaluationPeriods: 1,
      datapointsToAlarm: 1,
      // No data means no requests, so none failed.
      treatMissingData: TreatMissingData.NOT_BREACHING,
    });
  }
}
