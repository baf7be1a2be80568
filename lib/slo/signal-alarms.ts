// The alarms of the signals.

import { Alarm, ComparisonOperator } from 'aws-cdk-lib/aws-cloudwatch';
import { Construct } from 'constructs';
import { alarmDescription, alarmName, signalAlarm } from './alarm-names.ts';
import type { SeverityTopics } from './severity-topics.ts';
import type { Signal, SignalSources } from './signals/signal.ts';
import { signals } from './signals/signals.ts';

export type SignalView = { readonly signal: Signal; readonly alarm: Alarm };

export class SignalAlarms extends Construct {
  readonly views: readonly SignalView[];

  constructor(scope: Construct, id: string, sources: SignalSources, topics: SeverityTopics) {
    super(scope, id);
    this.views = signals.flatMap((signal) => {
      const watched = signal.watch(sources);
      if (!watched) return [];
      const { name, ...identity } = signalAlarm(signal);
      const alarm = new Alarm(this, signal.id, {
        alarmName: alarmName(sources.stage, name),
        alarmDescription: alarmDescription(identity),
        comparisonOperator: ComparisonOperator.GREATER_THAN_THRESHOLD,
        ...watched,
      });
      alarm.addAlarmAction(topics.notify(signal.severity));
      return [{ signal, alarm }];
    });
  }
}
