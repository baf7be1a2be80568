import {
  DescribeStreamSummaryCommand,
  ExpiredIteratorException,
  GetRecordsCommand,
  GetShardIteratorCommand,
  KinesisClient,
  ListShardsCommand,
} from '@aws-sdk/client-kinesis';
import { mockClient } from 'aws-sdk-client-mock';
import { afterAll, beforeEach, expect, it } from 'vitest';
import { StreamReader } from '../../../../adapters/record/kinesis-stream-reader.ts';
import { TestClock } from '../../../support/clock.ts';

const client = mockClient(KinesisClient);
afterAll(() => client.restore());
let clock: TestClock;
let reader: StreamReader;
beforeEach(() => {
  client.reset();
  clock = new TestClock(0);
  reader = new StreamReader({ client: client as unknown as KinesisClient, name: 'events', clock });
  client.on(GetShardIteratorCommand).resolves({ ShardIterator: 'first' });
});

const record = (sequence: string, arrivedAtMs: number) => ({
  SequenceNumber: sequence,
  PartitionKey: 'k',
  Data: Buffer.from(sequence) as never,
  ApproximateArrivalTimestamp: new Date(arrivedAtMs),
});
const read = async (fromMs: number, toMs: number) => {
  const groups = await Array.fromAsync(reader.read('shard-0', fromMs, toMs));
  return groups.map((group) => group.map(({ sequenceNumber }) => sequenceNumber));
};
const positions = () => client.commandCalls(GetShardIteratorCommand).map(({ args }) => args[0].input);
const reads = () => client.commandCalls(GetRecordsCommand).length;

it('reads from a time to the end of a closed shard, passing over empty answers', async () => {
  client
    .on(GetRecordsCommand)
    .resolvesOnce({ Records: [], NextShardIterator: 'a', MillisBehindLatest: 9 })
    .resolvesOnce({
      Records: [record('1', 10), record('2', 11)],
      NextShardIterator: 'b',
      MillisBehindLatest: 5,
    })
    .resolvesOnce({ Records: [record('3', 12)], MillisBehindLatest: 5 });

  expect(await read(10, 100)).toEqual([['1', '2'], ['3']]);
  expect(positions()).toEqual([
    {
      StreamName: 'events',
      ShardId: 'shard-0',
      ShardIteratorType: 'AT_TIMESTAMP',
      Timestamp: new Date(10),
    },
  ]);
});

it('ends at the tip of an open shard', async () => {
  client
    .on(GetRecordsCommand)
    .resolvesOnce({ Records: [record('1', 10)], NextShardIterator: 'a', MillisBehindLatest: 0 })
    .resolvesOnce({ Records: [], NextShardIterator: 'b', MillisBehindLatest: 0 });

  expect(await read(0, 100)).toEqual([['1']]);
  expect(reads()).toBe(2);
});

it('ends once all records of a read are later, and not at the first one that is', async () => {
  client
    .on(GetRecordsCommand)
    .resolvesOnce({ Records: [record('1', 101), record('2', 99)], NextShardIterator: 'a' })
    .resolvesOnce({ Records: [record('3', 102)], NextShardIterator: 'b' });

  expect(await read(0, 100)).toEqual([['2']]);
  expect(reads()).toBe(2);
});

it('skips records that arrived earlier', async () => {
  client.on(GetRecordsCommand).resolves({ Records: [record('1', 9), record('2', 10)] });

  expect(await read(10, 100)).toEqual([['2']]);
});

it('continues after the last record if the iterator has expired', async () => {
  client
    .on(GetRecordsCommand)
    .resolvesOnce({ Records: [record('1', 10)], NextShardIterator: 'old', MillisBehindLatest: 5 })
    .rejectsOnce(new ExpiredIteratorException({ message: 'old', $metadata: {} }))
    .resolves({ Records: [record('2', 11)] });

  expect(await read(0, 100)).toEqual([['1'], ['2']]);
  expect(positions()[1]).toMatchObject({
    ShardIteratorType: 'AFTER_SEQUENCE_NUMBER',
    StartingSequenceNumber: '1',
  });
});

it('leaves the consumer its share of the reads: at most two small ones a second', async () => {
  client
    .on(GetRecordsCommand)
    .resolvesOnce({ Records: [record('1', 10)], NextShardIterator: 'a' })
    .resolvesOnce({ Records: [record('2', 10)], NextShardIterator: 'b' })
    .resolves({ Records: [] });

  await read(0, 100);

  expect(clock.slept).toEqual([500, 500, 500]);
  expect(client.commandCalls(GetRecordsCommand)[0]?.args[0].input.Limit).toBe(200);
});

it('throws any other error', async () => {
  client.on(GetRecordsCommand).rejects(new Error('away'));

  await expect(read(0, 100)).rejects.toThrow('away');
});

it('lists all shards, page by page, and returns the retention of the stream', async () => {
  client
    .on(ListShardsCommand, { StreamName: 'events' })
    .resolves({ Shards: [{ ShardId: 'a' } as never], NextToken: 'more' })
    .on(ListShardsCommand, { NextToken: 'more' })
    .resolves({ Shards: [{ ShardId: 'b' } as never] })
    .on(DescribeStreamSummaryCommand)
    .resolves({ StreamDescriptionSummary: { StreamARN: 'arn', RetentionPeriodHours: 24 } as never });

  expect(await reader.shardIds()).toEqual(['a', 'b']);
  expect(client.commandCalls(ListShardsCommand)[1]?.args[0].input).toEqual({ NextToken: 'more' });
  expect(await reader.describe()).toEqual({ arn: 'arn', retentionMs: 86_400_000 });
});
