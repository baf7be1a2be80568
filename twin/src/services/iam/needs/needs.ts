// What a call needs to be allowed: each action, on which resource. What nobody here knows is denied, whatever is granted:
// nothing is allowed because nobody looked.

import type { AwsCall } from '../../../core/proxy/aws-call.ts';
import { NeedNotModelled } from '../iam-not-modelled.ts';
import type { Need } from '../judge.ts';
import type { PartitionKeys } from '../partition-keys.ts';
import { dynamoDbNeeds } from './dynamodb.ts';
import { kinesisNeeds } from './kinesis.ts';
import { s3Needs } from './s3.ts';
import { snsNeeds } from './sns.ts';
import { sqsNeeds } from './sqs.ts';

/** What a call does not say itself. */
export type Around = {
  readonly partitionKeys: PartitionKeys;
  /** The ARN of the stream that a shard iterator is of. */
  readonly streamOf: (iterator: string) => string | undefined;
};

/** What is not known of a call, or of one part of it, denies that. Undefined for an operation that is not known. */
export type Needs = (call: AwsCall, around: Around) => readonly (Need | NeedNotModelled)[] | undefined;

const services: Readonly<Record<string, Needs>> = {
  dynamodb: dynamoDbNeeds,
  kinesis: kinesisNeeds,
  s3: s3Needs,
  sns: snsNeeds,
  sqs: sqsNeeds,
};

/** One at least. */
export function needsOf(call: AwsCall, around: Around): readonly (Need | NeedNotModelled)[] {
  const { service, operation } = call;
  if (!Object.hasOwn(services, service))
    return [
      new NeedNotModelled(
        `The local twin has no ${service} for functions (${operation}). Run it, and say in twin/src/services/iam/needs which permissions it takes.`,
      ),
    ];
  const needs = services[service]?.(call, around) ?? [];
  if (needs.length > 0) return needs;
  const asked = service === 's3' ? ` (${call.method} ${call.url})` : '';
  return [
    new NeedNotModelled(
      `The local twin does not know which permission ${service}:${operation} takes as it is asked here${asked}. Add it to twin/src/services/iam/needs/${service}.ts.`,
    ),
  ];
}
