// What calls to Kinesis need: the action of their name, on their stream.
// https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazonkinesis.html

import type { AwsCall } from '../../proxy/aws-call.ts';
import { jsonBody } from '../../proxy/json-body.ts';
import { streamArn } from '../arns.ts';
import { NeedNotModelled } from '../not-modelled-here.ts';
import type { Around, Needs } from './needs.ts';

const operations = new Set([
  'DescribeStream',
  'DescribeStreamSummary',
  'GetRecords',
  'GetShardIterator',
  'ListShards',
  'PutRecord',
  'PutRecords',
]);

export const kinesisNeeds: Needs = (call, around) =>
  operations.has(call.operation)
    ? [{ action: `kinesis:${call.operation}`, resource: streamIn(call, around) }]
    : undefined;

/** Records are asked for by an iterator, whatever stream is named beside it. */
function streamIn({ operation, body }: AwsCall, { streamOf }: Around): string {
  const { StreamARN, StreamName, ShardIterator } = jsonBody(body) ?? {};
  const named = StreamARN ?? StreamName;
  const stream =
    operation === 'GetRecords' ? streamOf(String(ShardIterator)) : named && streamArn(String(named));
  if (typeof stream === 'string') return stream;
  throw new NeedNotModelled(
    `The local twin cannot tell which stream this ${operation} is about. Add its form to local/permissions/needs/kinesis.ts.`,
  );
}
