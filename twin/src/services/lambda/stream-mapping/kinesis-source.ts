// A stream of Kinesis.

import type { OwnCalls } from '../../../core/proxy/own-calls.ts';
import type { ShardDescription } from './lineage.ts';
import type { MappingSettings } from './mapping-settings.ts';
import type { RecordSource } from './record-source.ts';
import { createShardReader } from './shard-reader.ts';

type Summary = { readonly StreamCreationTimestamp: number; readonly RetentionPeriodHours: number };

export function kinesisSource(
  { streamName }: Pick<MappingSettings, 'streamName'>,
  calls: Pick<OwnCalls, 'json'>,
): RecordSource {
  const StreamName = streamName;
  return {
    describe: async () => {
      const { StreamDescriptionSummary } = await calls.json<{ StreamDescriptionSummary: Summary }>(
        'kinesis',
        'DescribeStreamSummary',
        { StreamName },
      );
      const { StreamCreationTimestamp, RetentionPeriodHours } = StreamDescriptionSummary;
      return {
        made: String(Math.round(StreamCreationTimestamp * 1000)),
        retentionMs: RetentionPeriodHours * 3_600_000,
      };
    },
    listShards: async () =>
      (await calls.json<{ Shards: readonly ShardDescription[] }>('kinesis', 'ListShards', { StreamName }))
        .Shards,
    reader: (shardId, after) => createShardReader(calls, streamName, shardId, after),
  };
}
