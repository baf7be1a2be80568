// Alarms on a cause rather than on a budget: records that wait, a consumer that fails, a ledger that does not add
// up. They ring before a promise to a client is broken, or where no request would show it.

import { Duration } from 'aws-cdk-lib';
import {
  Alarm,
  type AlarmProps,
  ComparisonOperator,
  MathExpression,
  Metric,
  Stats,
  TreatMissingData,
} from 'aws-cdk-lib/aws-cloudwatch';
import type { IFunction } from 'aws-cdk-lib/aws-lambda';
import { Construct } from 'constructs';
import { metricNames, metricNamespaceOf } from '../../domain/metrics.ts';
import { signals } from '../../domain/objectives.ts';
import type { StageSettings } from '../stage-settings.ts';
import { alarmDescription, alarmName, signalAlarm } from './alarm-names.ts';
import type { SeverityTopics } from './severity-topics.ts';

export type SignalAlarmsProps = {
  readonly stage: StageSettings;
  readonly consume: IFunction;
  readonly topics: SeverityTopics;
};

type Watch = Pick<
  AlarmProps,
  'metric' | 'threshold' | 'evaluationPeriods' | 'datapointsToAlarm' | 'treatMissingData'
>;

export class SignalAlarms extends Construct {
  readonly streamLag: Alarm;
  readonly consumerErrors: Alarm;
  readonly ledgerImbalance: Alarm;

  constructor(scope: Construct, id: string, { stage, consume, topics }: SignalAlarmsProps) {
    super(scope, id);
    const watch = (signal: keyof typeof signals, what: string, settings: Watch) => {
      const { name, runbook } = signalAlarm(signal);
      const { severity } = signals[signal];
      const alarm = new Alarm(this, signal, {
        alarmName: alarmName(stage, name),
        alarmDescription: alarmDescription(what, severity, runbook),
        comparisonOperator: ComparisonOperator.GREATER_THAN_THRESHOLD,
        ...settings,
      });
      alarm.addAlarmAction(topics.notify(severity));
      return alarm;
    };

    const { streamLag, consumerErrors, ledgerImbalance } = signals;
    this.streamLag = watch(
      'streamLag',
      `Records wait longer than ${streamLag.thresholdSeconds} seconds in the stream.`,
      {
        metric: lagMs(consume),
        threshold: streamLag.thresholdSeconds * 1000,
        evaluationPeriods: streamLag.minutes,
        datapointsToAlarm: streamLag.minutes,
        // Age is told only when a batch is handed over: silence is a quiet night or a consumer that stands still,
        // so the last verdict holds. An alarm that rang keeps ringing until a fresh record gets through.
        treatMissingData: TreatMissingData.IGNORE,
      },
    );
    this.consumerErrors = watch('consumerErrors', 'The consume function crashed or ran out of time.', {
      metric: consume.metricErrors({
        statistic: Stats.SUM,
        period: Duration.minutes(consumerErrors.minutes),
      }),
      threshold: consumerErrors.thresholdCount,
      evaluationPeriods: 1,
      datapointsToAlarm: 1,
      // No data means no invocation, and what did not run did not fail.
      treatMissingData: TreatMissingData.NOT_BREACHING,
    });
    this.ledgerImbalance = watch(
      'ledgerImbalance',
      'Accepted events do not equal those stored, duplicate, conflicting and quarantined.',
      {
        metric: new Metric({
          namespace: metricNamespaceOf(stage.name),
          metricName: metricNames.ledgerImbalance,
          dimensionsMap: { endpoint: 'report' },
          statistic: Stats.MAXIMUM,
          period: Duration.minutes(ledgerImbalance.minutes),
        }),
        threshold: ledgerImbalance.thresholdEvents,
        evaluationPeriods: 1,
        datapointsToAlarm: 1,
        // A run may fall just outside a period: a figure that did not come neither clears the ledger nor accuses it.
        treatMissingData: TreatMissingData.IGNORE,
      },
    );
  }
}

/**
 * In an outage an invocation holds on for up to 14 minutes and tells its age once, so single minutes have gaps:
 * the last age stands for those that follow, or five minutes in a row would never come together.
 */
function lagMs(consume: IFunction): MathExpression {
  return new MathExpression({
    expression: 'FILL(age, REPEAT)',
    usingMetrics: { age: consume.metric('IteratorAge', { statistic: Stats.MAXIMUM }) },
    period: Duration.minutes(1),
    label: signals.streamLag.title,
  });
}
