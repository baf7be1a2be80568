// What CloudWatch says of an alarm's transition: the message for topics, and the event for the default bus.
// https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/cloudwatch-and-eventbridge.html

import { randomUUID } from 'node:crypto';
import { twinAccount } from '../../../template/pseudo-parameters.ts';
import type { Transition } from './alarms.ts';

const { accountId, region } = twinAccount;
const regionName = 'US East (N. Virginia)';

export function topicMessage({ alarm, from, to, atMs, reason }: Transition): {
  readonly subject: string;
  readonly message: string;
} {
  const { name, arn, description, actions, properties } = alarm;
  return {
    subject: `${to}: "${name}" in ${regionName}`.slice(0, 100),
    message: JSON.stringify({
      AlarmName: name,
      AlarmDescription: description,
      AWSAccountId: accountId,
      NewStateValue: to,
      NewStateReason: reason,
      StateChangeTime: new Date(atMs).toISOString().replace('Z', '+0000'),
      Region: regionName,
      AlarmArn: arn,
      OldStateValue: from,
      OKActions: actions.OK,
      AlarmActions: actions.ALARM,
      InsufficientDataActions: actions.INSUFFICIENT_DATA,
      ...(alarm.kind === 'composite'
        ? { AlarmRule: alarm.rule.text }
        : {
            Trigger: {
              MetricName: properties.MetricName,
              Namespace: properties.Namespace,
              Metrics: properties.Metrics,
              Period: alarm.periodMinutes * 60,
              EvaluationPeriods: alarm.evaluationPeriods,
              DatapointsToAlarm: alarm.datapointsToAlarm,
              ComparisonOperator: alarm.comparison,
              Threshold: alarm.threshold,
              TreatMissingData: alarm.missingData,
            },
          }),
    }),
  };
}

export function stateChangeEvent({ alarm, from, to, atMs, reason }: Transition) {
  const timestamp = new Date(atMs).toISOString();
  return {
    version: '0',
    id: randomUUID(),
    'detail-type': 'CloudWatch Alarm State Change',
    source: 'aws.cloudwatch',
    account: accountId,
    time: `${timestamp.slice(0, 19)}Z`,
    region,
    resources: [alarm.arn],
    detail: {
      alarmName: alarm.name,
      state: { value: to, reason, timestamp: timestamp.replace('Z', '+0000') },
      previousState: { value: from },
      configuration: {
        description: alarm.description,
        ...(alarm.kind === 'composite' && { alarmRule: alarm.rule.text }),
      },
    },
  };
}
