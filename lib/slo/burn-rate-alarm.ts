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
import { type BurnRatePair, floorOfBad, type Objective } from '../../domain/service-levels/objectives.ts';
import type { StageSettings } from '../stage/stage-settings.ts';
import { alarmDescription, alarmName, burnAlarm } from './alarm-names.ts';
import { type IndicatorMetrics, inWords } from './indicators.ts';
import type { SeverityTopics } from './severity-topics.ts';

export type BurnRateAlarmProps = {
  readonly stage: StageSettings;
  readonly objective: Objective;
  readonly pair: BurnRatePair;
  readonly indicator: IndicatorMetrics;
  readonly topics: SeverityTopics;
};

export class BurnRateAlarm extends Construct {
  readonly pair: BurnRatePair;
  /** Both have the same threshold; the long one draws it on the graph. */
  readonly long: Alarm;
  readonly short: Alarm;
  /** The one that rings. */
  readonly both: CompositeAlarm;

  constructor(scope: Construct, id: string, props: BurnRateAlarmProps) {
    super(scope, id);
    const { stage, objective, pair } = props;
    this.pair = pair;
    this.long = this.half('Long', props, pair.longMinutes, floorOfBad.long);
    this.short = this.half('Short', props, pair.shortMinutes, floorOfBad.short, pair.lasting);

    const { name, ...identity } = burnAlarm(objective, pair);
    this.both = new CompositeAlarm(this, 'Both', {
      compositeAlarmName: alarmName(stage, name),
      alarmDescription: alarmDescription(identity),
      alarmRule: AlarmRule.allOf(this.long, this.short),
    });
    this.both.addAlarmAction(props.topics.notify(pair.severity));
  }

  private half(
    window: 'Long' | 'Short',
    props: BurnRateAlarmProps,
    minutes: number,
    floor: number,
    lasting = { windows: 1, of: 1 },
  ): Alarm {
    const { stage, objective, pair, indicator } = props;
    const { name, ...identity } = burnAlarm(objective, pair);
    return new Alarm(this, window, {
      alarmName: alarmName(stage, `${name}-${window.toLowerCase()}`),
      alarmDescription: alarmDescription({
        ...identity,
        what:
          `${objective.title}: burns faster than ${pair.rate}x over ${inWords(minutes)}, and at least ${floor} are bad. ` +
          `One half of ${name}; notifies nobody by itself.`,
      }),
      metric: indicator.burnRate(minutes, floor),
      threshold: pair.rate,
      comparisonOperator: ComparisonOperator.GREATER_THAN_THRESHOLD,
      evaluationPeriods: lasting.of,
      datapointsToAlarm: lasting.windows,
      // No data means no requests, so none failed.
      treatMissingData: TreatMissingData.NOT_BREACHING,
    });
  }
}
