// What calls to CloudWatch need. Metrics have no ARNs, so a grant on them is one on everything.
// https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazoncloudwatch.html

import { jsonBody } from '../../../core/proxy/json-body.ts';
import { alarmArn } from '../arns.ts';
import type { Needs } from './call-needs.ts';

const ofMetrics = new Set(['PutMetricData', 'GetMetricData', 'GetMetricStatistics', 'ListMetrics']);
const ofAllAlarms = new Set(['DescribeAlarms', 'DescribeAlarmHistory']);

export const monitoringNeeds: Needs = ({ operation, body }) => {
  const action = `cloudwatch:${operation}`;
  if (ofMetrics.has(operation)) return [{ action, resource: '*' }];
  if (ofAllAlarms.has(operation)) return [{ action, resource: alarmArn('*') }];
  if (operation !== 'SetAlarmState') return undefined;
  return [{ action, resource: alarmArn(String(jsonBody(body)?.AlarmName)) }];
};
