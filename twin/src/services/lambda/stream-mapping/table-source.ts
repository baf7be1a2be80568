// The stream of a table. The engine has one shard for a table and never closes it.
// https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/Streams.html

import type { Clock } from '../../../core/clock.ts';
import type { OwnCalls } from '../../../core/proxy/own-calls.ts';
import type { StreamRecord } from './kinesis-event.ts';
import type { MappingSettings } from './mapping-settings.ts';
import type { RecordSource } from './record-source.ts';

/** As GetRecords answers it, and as the function gets it. */
export type TableRecord = {
  readonly dynamodb: {
    readonly Keys: unknown;
    readonly SequenceNumber: string;
    readonly ApproximateCreationDateTime: number;
  };
};
type Read = { readonly Records: readonly TableRecord[]; readonly NextShardIterator?: string | null };
type Description = { readonly StreamLabel: string; readonly Shards: readonly { readonly ShardId: string }[] };

/** What DynamoDB keeps. */
const retentionMs = 24 * 3_600_000;
/** DynamoDB's own bound. */
const mostRecordsPerCall = 1000;

export function tableSource(
  { streamName, filter }: Pick<MappingSettings, 'streamName' | 'filter'>,
  calls: Pick<OwnCalls, 'json'>,
  clock: Pick<Clock, 'aheadMs'>,
): RecordSource {
  let arn: string | undefined;
  const findArn = async (): Promise<string> => {
    const { Streams } = await calls.json<{ Streams: readonly { readonly StreamArn: string }[] }>(
      'dynamodbstreams',
      'ListStreams',
      { TableName: streamName },
    );
    const found = Streams.at(-1)?.StreamArn;
    if (found === undefined) throw new Error(`The table ${streamName} has no stream.`);
    return found;
  };
  const describe = async (): Promise<Description> => {
    arn ??= await findArn();
    const { StreamDescription } = await calls.json<{ StreamDescription: Description }>(
      'dynamodbstreams',
      'DescribeStream',
      { StreamArn: arn },
    );
    return StreamDescription;
  };
  return {
    describe: async () => ({ made: (await describe()).StreamLabel, retentionMs }),
    // The engine names an end of a shard that is still written to.
    listShards: async () =>
      (await describe()).Shards.map(({ ShardId }) => ({ ShardId, SequenceNumberRange: {} })),
    reader: (shardId, after, filtered) => {
      const read = createReader(calls, async () => (arn ??= await findArn()), shardId, after);
      return async (limit) => {
        for (;;) {
          const records = await read(Math.min(limit, mostRecordsPerCall));
          const matching = filter === undefined ? records : records.filter(filter);
          if (filter !== undefined) filtered?.(records.length - matching.length);
          // Of those that do not match, the function hears nothing.
          if (matching.length > 0 || records.length === 0)
            return matching.map((record) => toStreamRecord(record, clock.aheadMs));
        }
      };
    },
  };
}

function createReader(
  calls: Pick<OwnCalls, 'json'>,
  streamArn: () => Promise<string>,
  ShardId: string,
  after: string | undefined,
): (limit: number) => Promise<readonly TableRecord[]> {
  let last = after;
  let iterator: string | undefined;
  const openIterator = async (): Promise<string> => {
    const position =
      last === undefined
        ? { ShardIteratorType: 'TRIM_HORIZON' }
        : { ShardIteratorType: 'AFTER_SEQUENCE_NUMBER', SequenceNumber: last };
    const input = { StreamArn: await streamArn(), ShardId, ...position };
    return (await calls.json<{ ShardIterator: string }>('dynamodbstreams', 'GetShardIterator', input))
      .ShardIterator;
  };
  return async (Limit) => {
    const ShardIterator = iterator ?? (await openIterator());
    // An iterator that is refused is not used again.
    iterator = undefined;
    const input = { ShardIterator, Limit };
    const { Records, NextShardIterator } = await calls.json<Read>('dynamodbstreams', 'GetRecords', input);
    last = Records.at(-1)?.dynamodb.SequenceNumber ?? last;
    iterator = NextShardIterator ?? undefined;
    return Records;
  };
}

/** Tables go by the time of this machine, and mappings by that of the twin. */
function toStreamRecord(record: TableRecord, aheadMs: number): StreamRecord {
  const { Keys, SequenceNumber, ApproximateCreationDateTime } = record.dynamodb;
  return {
    SequenceNumber,
    PartitionKey: JSON.stringify(Keys),
    Data: JSON.stringify(record),
    ApproximateArrivalTimestamp: ApproximateCreationDateTime + aheadMs / 1000,
  };
}
