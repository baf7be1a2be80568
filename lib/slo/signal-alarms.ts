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
import type { IEventSourceMapping, IFunction } from 'aws-cdk-lib/aws-lambda';
import { Construct } from 'constructs';
import { type MetricName, metricNames, metricNamespaceOf } from '../../domain/service-levels/metrics.ts';
import { signals } from '../../domain/service-levels/objectives.ts';
import type { StageSettings } from '../stage/stage-settings.ts';
import { alarmDescription, alarmName, signalAlarm } from './alarm-names.ts';
import type { SeverityTopics } from './severity-topics.ts';

export type SignalAlarmsProps = {
  readonly stage: StageSettings;
  readonly consume: IFunction;
  readonly settle: IFunction;
  /** By its id: the mapping counts what it gave up. */
  readonly mapping: IEventSourceMapping;
  readonly topics: SeverityTopics;
};

type Watch = Pick<
  AlarmProps,
  'metric' | 'threshold' | 'evaluationPeriods' | 'datapointsToAlarm' | 'treatMissingData'
>;

export class SignalAlarms extends Construct {
  readonly streamLag: Alarm;
  readonly heldRecords: Alarm;
  readonly parkedRecords: Alarm;
  readonly quarantined: Alarm;
  readonly consumerErrors: Alarm;
  readonly ledgerImbalance: Alarm;

  constructor(scope: Construct, id: string, { stage, consume, settle, mapping, topics }: SignalAlarmsProps) {
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

    const { streamLag, heldRecords, parkedRecords, quarantined, consumerErrors, ledgerImbalance } = signals;
    this.streamLag = watch(
      'streamLag',
      `Records wait longer than ${streamLag.thresholdSeconds} seconds in the stream.`,
      {
        metric: consume.metric('IteratorAge', { statistic: Stats.MAXIMUM, period: Duration.minutes(1) }),
        threshold: streamLag.thresholdSeconds * 1000,
        evaluationPeriods: streamLag.minutes,
        datapointsToAlarm: streamLag.minutes,
        // Age is told only when a batch is handed over: silence is a quiet night, or a consumer that holds on, which
        // has an alarm of its own. So the last verdict stands until a batch says otherwise.
        treatMissingData: TreatMissingData.IGNORE,
      },
    );
    this.heldRecords = watch('heldRecords', 'The tables are away and the consumer holds on to its records.', {
      metric: new Metric({
        namespace: metricNamespaceOf(stage.name),
        metricName: metricNames.heldRecords,
        dimensionsMap: { endpoint: 'consume' },
        statistic: Stats.SUM,
        period: Duration.minutes(1),
      }),
      threshold: heldRecords.thresholdRecords,
      evaluationPeriods: heldRecords.minutes,
      datapointsToAlarm: heldRecords.minutes,
      // Told only while it lasts, several times a minute: no data means that nothing is held.
      treatMissingData: TreatMissingData.NOT_BREACHING,
    });
    this.parkedRecords = watch('parkedRecords', 'Accepted records left the stream without being stored.', {
      metric: parked(mapping, consume),
      threshold: parkedRecords.thresholdRecords,
      evaluationPeriods: 1,
      datapointsToAlarm: 1,
      // The mapping counts only what it gave up: no data means that it gave up nothing.
      treatMissingData: TreatMissingData.NOT_BREACHING,
    });
    this.quarantined = watch(
      'quarantined',
      'Accepted records were set aside, or are replayed by themselves no more.',
      {
        metric: quarantinedRecords(stage),
        threshold: quarantined.thresholdRecords,
        evaluationPeriods: 1,
        datapointsToAlarm: 1,
        // Told of each record when it is set aside: no data means that none was.
        treatMissingData: TreatMissingData.NOT_BREACHING,
      },
    );
    this.consumerErrors = watch(
      'consumerErrors',
      'Consume or settle crashed or ran out of time, or a sweep left something undone.',
      {
        metric: errorsOf(stage, consume, settle),
        threshold: consumerErrors.thresholdCount,
        evaluationPeriods: 1,
        datapointsToAlarm: 1,
        // No data means no invocation, and what did not run did not fail.
        treatMissingData: TreatMissingData.NOT_BREACHING,
      },
    );
    this.ledgerImbalance = watch(
      'ledgerImbalance',
      'Events counted as received do not equal those stored, duplicate, conflicting and quarantined.',
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

/** Delivered to the bucket, dropped, or not even to be delivered. */
function parked(mapping: IEventSourceMapping, consume: IFunction): MathExpression {
  const ofMapping = (metricName: string) =>
    new Metric({
      namespace: 'AWS/Lambda',
      metricName,
      dimensionsMap: { EventSourceMappingUUID: mapping.eventSourceMappingId },
      statistic: Stats.SUM,
    });
  return new MathExpression({
    expression: 'FILL(delivered, 0) + FILL(dropped, 0) + FILL(undelivered, 0)',
    usingMetrics: {
      delivered: ofMapping('OnFailureDestinationDeliveredEventCount'),
      dropped: ofMapping('DroppedEventCount'),
      undelivered: consume.metric('DestinationDeliveryFailures', { statistic: Stats.SUM }),
    },
    period: Duration.minutes(signals.parkedRecords.minutes),
    label: signals.parkedRecords.title,
  });
}

/** By the consumer, or by settle once Lambda had given them up. */
function quarantinedRecords(stage: StageSettings): MathExpression {
  const { quarantinedRecords, abandonedRecords } = metricNames;
  return new MathExpression({
    expression: 'FILL(consume, 0) + FILL(settle, 0) + FILL(abandoned, 0)',
    usingMetrics: {
      consume: publishedBy(stage, 'consume', quarantinedRecords),
      settle: publishedBy(stage, 'settle', quarantinedRecords),
      abandoned: publishedBy(stage, 'settle', abandonedRecords),
    },
    period: Duration.minutes(signals.quarantined.minutes),
    label: signals.quarantined.title,
  });
}

const publishedBy = (stage: StageSettings, endpoint: string, metricName: MetricName): Metric =>
  new Metric({
    namespace: metricNamespaceOf(stage.name),
    metricName,
    dimensionsMap: { endpoint },
    statistic: Stats.SUM,
  });

/** Of the consumer, and of what settles what it left. */
function errorsOf(stage: StageSettings, consume: IFunction, settle: IFunction): MathExpression {
  const errors = (ofFunction: IFunction) => ofFunction.metricErrors({ statistic: Stats.SUM });
  return new MathExpression({
    // A sweep survives what it cannot do: that is an error all the same.
    expression: 'FILL(consume, 0) + FILL(settle, 0) + FILL(undone, 0)',
    usingMetrics: {
      consume: errors(consume),
      settle: errors(settle),
      undone: publishedBy(stage, 'settle', metricNames.leftUndone),
    },
    period: Duration.minutes(signals.consumerErrors.minutes),
    label: signals.consumerErrors.title,
  });
}
