// What a call needs to be allowed: each action, on which resource. A call that nobody here knows needs what cannot be
// said, and is denied.

import type { AwsCall } from '../../proxy/aws-call.ts';
import type { Need } from '../judge.ts';
import { NeedNotModelled } from '../not-modelled-here.ts';
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

/** Undefined for an operation that the service's file does not know. */
export type Needs = (call: AwsCall, around: Around) => readonly Need[] | undefined;

const services: Readonly<Record<string, Needs>> = {
  dynamodb: dynamoDbNeeds,
  kinesis: kinesisNeeds,
  s3: s3Needs,
  sns: snsNeeds,
  sqs: sqsNeeds,
};

/** Throws NeedNotModelled. */
export function needsOf(call: AwsCall, around: Around): readonly Need[] {
  const { service, operation } = call;
  const isKnown = Object.hasOwn(services, service);
  const needs = isKnown ? services[service]?.(call, around) : undefined;
  if (needs !== undefined) return needs;
  throw new NeedNotModelled(
    `The local twin does not know which permission ${service}:${operation} takes. Add it to local/permissions/needs/${isKnown ? service : 'needs'}.ts.`,
  );
}
