// What calls to Kinesis need: the action of their name, on their stream.
// https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazonkinesis.html

import type { AwsCall } from '../../../core/proxy/aws-call.ts';
import { jsonBody } from '../../../core/proxy/json-body.ts';
import { streamArn } from '../arns.ts';
import type { CallFacts, Needs } from './call-needs.ts';

const operations = new Set([
  'DescribeStream',
  'DescribeStreamSummary',
  'GetRecords',
  'GetShardIterator',
  'ListShards',
  'PutRecord',
  'PutRecords',
]);

export const kinesisNeeds: Needs = (call, facts) => {
  const stream = operations.has(call.operation) ? streamIn(call, facts) : undefined;
  return stream === undefined ? undefined : [{ action: `kinesis:${call.operation}`, resource: stream }];
};

/** Records are asked for by an iterator, whatever stream is named beside it. */
function streamIn({ operation, body }: AwsCall, { streamOf }: CallFacts): string | undefined {
  const { StreamARN, StreamName, ShardIterator } = jsonBody(body) ?? {};
  if (operation === 'GetRecords') return streamOf(String(ShardIterator));
  const named = StreamARN ?? StreamName;
  return named === undefined ? undefined : streamArn(String(named));
}
