// Splits and merges of shards that were split or merged before, which Kinesis refuses and the engine does not: they would
// give one hash key to several open shards, and the order of its records would be lost.

import { type AwsAnswer, type AwsCall, errorAnswer } from '../../../core/proxy/aws-call.ts';
import { jsonBody } from '../../../core/proxy/json-body.ts';
import type { ListShards } from './open-shards.ts';

const shardsNamedBy: Readonly<Record<string, readonly string[]>> = {
  SplitShard: ['ShardToSplit'],
  MergeShards: ['ShardToMerge', 'AdjacentShardToMerge'],
};

/** Undefined where the engine may have the call. It refuses a shard that does not exist by itself. */
export async function refuseClosed(call: AwsCall, list: ListShards): Promise<AwsAnswer | undefined> {
  const input = jsonBody(call.body) ?? {};
  const named = (shardsNamedBy[call.operation] ?? []).map((member) => input[member]);
  if (named.length === 0) return undefined;
  const shards = await list(String(input.StreamName)).catch(() => []);
  const closed = shards.find(
    ({ ShardId, SequenceNumberRange }) =>
      named.includes(ShardId) && SequenceNumberRange.EndingSequenceNumber !== undefined,
  );
  return closed === undefined
    ? undefined
    : errorAnswer(
        400,
        'InvalidArgumentException',
        `Shard ${closed.ShardId} in stream ${input.StreamName} is not open: it was split or merged before.`,
      );
}
