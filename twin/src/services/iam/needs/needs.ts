// What a call needs to be allowed: each action, on which resource. A call that is not known here is denied, whatever is
// granted.

import type { AwsCall } from '../../../core/proxy/aws-call.ts';
import { NeedNotModelled } from '../iam-not-modelled.ts';
import type { Need } from '../policy-evaluation.ts';
import type { CallFacts, Needs } from './call-needs.ts';
import { dynamoDbNeeds } from './dynamodb.ts';
import { dynamoDbStreamsNeeds } from './dynamodbstreams.ts';
import { eventsNeeds } from './events.ts';
import { kinesisNeeds } from './kinesis.ts';
import { lambdaNeeds } from './lambda.ts';
import { monitoringNeeds } from './monitoring.ts';
import { s3Needs } from './s3.ts';
import { snsNeeds } from './sns.ts';
import { sqsNeeds } from './sqs.ts';

const services: Readonly<Record<string, Needs>> = {
  dynamodb: dynamoDbNeeds,
  dynamodbstreams: dynamoDbStreamsNeeds,
  events: eventsNeeds,
  kinesis: kinesisNeeds,
  lambda: lambdaNeeds,
  monitoring: monitoringNeeds,
  s3: s3Needs,
  sns: snsNeeds,
  sqs: sqsNeeds,
};

/** One at least. */
export function needsOf(call: AwsCall, facts: CallFacts): readonly (Need | NeedNotModelled)[] {
  const { service, operation } = call;
  if (!Object.hasOwn(services, service))
    return [
      new NeedNotModelled(`The local twin has no ${service} for functions (${operation}).`, 'needs/needs.ts'),
    ];
  const needs = services[service]?.(call, facts) ?? [];
  if (needs.length > 0) return needs;
  const asked = service === 's3' ? ` (${call.method} ${call.url})` : '';
  return [
    new NeedNotModelled(
      `The local twin does not know which permission ${service}:${operation} takes as it is asked here${asked}.`,
      `needs/${service}.ts`,
    ),
  ];
}
