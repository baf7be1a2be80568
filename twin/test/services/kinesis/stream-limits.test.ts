import {
  CreateStreamCommand,
  DescribeStreamCommand,
  KinesisClient,
  ListShardsCommand,
  MergeShardsCommand,
  PutRecordCommand,
  PutRecordsCommand,
  type PutRecordsRequestEntry,
  SplitShardCommand,
} from '@aws-sdk/client-kinesis';
import { NodeHttpHandler } from '@smithy/node-http-handler';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { callEngine } from '../../../src/core/engine-call.ts';
import type { AwsCall } from '../../../src/core/proxy/aws-call.ts';
import { createCallers } from '../../../src/core/proxy/identify.ts';
import { KinesisEngine } from '../../../src/services/kinesis/engine.ts';
import { createStreamLimits } from '../../../src/services/kinesis/stream-limits/stream-limits.ts';
import { connectedProxy } from '../../fixture.ts';
import { eventually } from '../../support/eventually.ts';

const mebibyte = 1_048_576;
const middleOfKeys = 2n ** 127n;
const startMs = Date.UTC(2027, 0, 1);

let nowMs = startMs;
let forwarded: AwsCall[] = [];
let streamName = '';
let run = 0;
const engine = new KinesisEngine(undefined);
const limits = createStreamLimits({ now: () => nowMs }, engine);
const proxy = connectedProxy({
  callers: createCallers(),
  steps: [
    limits.step,
    (call, next) => {
      forwarded.push(call);
      return next(call);
    },
  ],
  destinations: { kinesis: { engine: engine } },
  report: (problem) => expect.unreachable(problem),
});
let client: KinesisClient;

beforeAll(async () => {
  await engine.start();
  await proxy.start();
  client = new KinesisClient({
    endpoint: proxy.url,
    region: 'us-east-1',
    credentials: { accessKeyId: 'test', secretAccessKey: 'test' },
    maxAttempts: 1,
    requestHandler: new NodeHttpHandler(),
  });
});

afterAll(async () => {
  client.destroy();
  await proxy.end();
  await engine.end();
});

beforeEach(() => {
  run += 1;
  streamName = `events-${run}`;
  nowMs = startMs;
});

async function isActive(): Promise<void> {
  await eventually(
    () => client.send(new DescribeStreamCommand({ StreamName: streamName })),
    ({ StreamDescription }) => StreamDescription?.StreamStatus === 'ACTIVE',
  );
  forwarded = [];
}

async function createStream(ShardCount: number): Promise<void> {
  await client.send(new CreateStreamCommand({ StreamName: streamName, ShardCount }));
  await isActive();
}

type Entry = Partial<PutRecordsRequestEntry>;
const record = (entry: Entry = {}): PutRecordsRequestEntry => ({
  PartitionKey: 'k',
  Data: Buffer.from('1'),
  ...entry,
});
const inFirst = (entry: Entry = {}) => record({ ExplicitHashKey: '0', ...entry });
const inLast = (entry: Entry = {}) => record({ ExplicitHashKey: `${2n ** 128n - 1n}`, ...entry });
const times = <T>(count: number, make: (index: number) => T) =>
  Array.from({ length: count }, (_, index) => make(index));

const putRecords = (...Records: PutRecordsRequestEntry[]) =>
  client.send(new PutRecordsCommand({ StreamName: streamName, Records }));
const putRecord = (entry: Entry = {}) =>
  client.send(new PutRecordCommand({ StreamName: streamName, ...record(entry) }));
const stored = async (ShardId = 'shardId-000000000000') => {
  const ask = <T>(operation: string, input: object) =>
    callEngine<T>(engine.endpoint, 'kinesis', operation, input);
  const { ShardIterator } = await ask<{ ShardIterator: string }>('GetShardIterator', {
    StreamName: streamName,
    ShardId,
    ShardIteratorType: 'TRIM_HORIZON',
  });
  const { Records } = await ask<{ Records: { Data: string }[] }>('GetRecords', { ShardIterator });
  return Records.map(({ Data }) => Buffer.from(Data, 'base64').toString());
};
/** What came of each record: its shard, or how it was refused. */
const outcomes = ({ Records = [] }: { Records?: { ShardId?: string; ErrorCode?: string }[] | undefined }) =>
  Records.map(({ ShardId, ErrorCode }) => ErrorCode ?? ShardId?.slice(-1));
const tooMuch = 'ProvisionedThroughputExceededException';
const rateExceeded = () =>
  `Rate exceeded for shard shardId-000000000000 in stream ${streamName} under account 000000000000.`;

describe('a shard', () => {
  beforeEach(() => createStream(1));

  it('takes 1,000 records at once, refuses the next singly, and takes it a second later', async () => {
    for (const _ of [1, 2])
      expect(await putRecords(...times(500, () => record()))).toMatchObject({ FailedRecordCount: 0 });

    const refused = await putRecords(record());
    nowMs += 1000;
    const later = await putRecords(record());

    expect(refused).toMatchObject({
      FailedRecordCount: 1,
      Records: [{ ErrorCode: tooMuch, ErrorMessage: rateExceeded() }],
    });
    expect(refused.Records?.[0]).not.toHaveProperty('SequenceNumber');
    expect(later).toMatchObject({ FailedRecordCount: 0, Records: [{ SequenceNumber: expect.any(String) }] });
  });

  it('gains a record a millisecond, and holds no more than 1,000 however long it was left alone', async () => {
    const takes = async () =>
      (await Promise.all(times(3, () => putRecords(...times(500, () => record())))))
        .map(({ FailedRecordCount = 0 }) => 500 - FailedRecordCount)
        .reduce((sum, taken) => sum + taken, 0);

    expect(await takes()).toBe(1000);
    nowMs += 7;
    expect(await takes()).toBe(7);
    nowMs += 86_400_000;
    expect(await takes()).toBe(1000);
  });

  it('takes 1 MiB at once, partition keys included, and refuses what is over until it has gained as much', async () => {
    const half = { PartitionKey: 'ké', Data: Buffer.alloc(mebibyte / 2 - 3) };

    expect(outcomes(await putRecords(record(half), record(half)))).toEqual(['0', '0']);
    expect(outcomes(await putRecords(record(half), record()))).toEqual([tooMuch, tooMuch]);
    nowMs += 499;
    expect(outcomes(await putRecords(record(half)))).toEqual([tooMuch]);
    nowMs += 1;
    expect(outcomes(await putRecords(record(half)))).toEqual(['0']);
  });

  it('has nothing used up by what it refuses', async () => {
    await putRecords(record({ Data: Buffer.alloc(mebibyte - 100) }));

    const answer = await putRecords(record({ Data: Buffer.alloc(200) }), record({ Data: Buffer.alloc(99) }));

    expect(outcomes(answer)).toEqual([tooMuch, tooMuch]);
    expect(outcomes(await putRecords(record({ Data: Buffer.alloc(98) })))).toEqual(['0']);
  });

  it('has nothing used up by what the engine refuses', async () => {
    const halfOfAll = record({ Data: Buffer.alloc(mebibyte / 2) });
    const badOrder = { StreamName: streamName, ...halfOfAll, SequenceNumberForOrdering: 'x' };
    for (const _ of [1, 2, 3])
      await expect(client.send(new PutRecordCommand(badOrder))).rejects.toMatchObject({
        name: 'ValidationException',
      });

    expect(outcomes(await putRecords(record({ Data: Buffer.alloc(mebibyte - 1) })))).toEqual(['0']);
  });

  it('refuses a single record with the error of the call', async () => {
    await putRecord({ Data: Buffer.alloc(mebibyte - 1) });

    const refused = putRecord();

    await expect(refused).rejects.toMatchObject({
      name: tooMuch,
      message: rateExceeded(),
      $metadata: { httpStatusCode: 400 },
    });
    nowMs += 1;
    expect(await putRecord()).toMatchObject({ ShardId: 'shardId-000000000000' });
  });

  it('is full after the clock was moved back', async () => {
    await putRecords(record({ Data: Buffer.alloc(mebibyte - 1) }));
    nowMs -= 3_600_000;

    expect(outcomes(await putRecords(record({ Data: Buffer.alloc(mebibyte - 1) })))).toEqual(['0']);
    expect(outcomes(await putRecords(record()))).toEqual([tooMuch]);
  });

  it('is handed nothing where all is refused, and the call as it came where nothing is', async () => {
    await putRecord({ Data: Buffer.alloc(mebibyte - 1) });
    await putRecords(record(), record());
    nowMs += 1000;
    await putRecords(record());

    expect(forwarded.map(({ operation }) => operation)).toEqual(['PutRecord', 'PutRecords']);
  });
});

describe('two shards', () => {
  beforeEach(() => createStream(2));

  it('have limits of their own', async () => {
    const all = Buffer.alloc(mebibyte - 1);
    await putRecords(inFirst({ Data: all }));

    expect(outcomes(await putRecords(inFirst(), inLast({ Data: all })))).toEqual([tooMuch, '1']);
    expect(outcomes(await putRecords(inFirst(), inLast()))).toEqual([tooMuch, tooMuch]);
  });

  it('take by the hash of the partition key what names no hash key, as the engine does', async () => {
    const keys = times(40, (index) => `key-${index}`);
    const { Records } = await putRecords(...keys.map((PartitionKey) => record({ PartitionKey })));
    const ofShard = (last: string) => keys.filter((_, index) => Records?.[index]?.ShardId?.endsWith(last));

    expect(ofShard('0').length).toBeGreaterThan(0);
    expect((await limits.state([streamName]))[streamName]).toMatchObject({
      'shardId-000000000000': { let_through: { records: ofShard('0').length } },
      'shardId-000000000001': { let_through: { records: ofShard('1').length } },
    });
  });

  it('answer in the order of the request, each record with what came of it, after one call to the engine', async () => {
    await putRecords(inFirst({ Data: Buffer.alloc(mebibyte - 1) }));
    nowMs += 1;
    forwarded = [];
    const data = (text: string) => ({ Data: Buffer.from(text) });

    // A millisecond gave the first shard a record more, and bytes for it.
    const answer = await putRecords(
      inLast(data('a')),
      inFirst({ Data: Buffer.alloc(5000) }),
      inLast(data('b')),
      inFirst(data('c')),
      inFirst({ Data: Buffer.alloc(5000) }),
      inLast(data('d')),
    );

    expect(outcomes(answer)).toEqual(['1', tooMuch, '1', '0', tooMuch, '1']);
    expect(answer.FailedRecordCount).toBe(2);
    expect(forwarded).toHaveLength(1);
    expect(await stored('shardId-000000000001')).toEqual(['a', 'b', 'd']);
    expect((await stored()).at(-1)).toBe('c');
  });

  it('say what they let through and refused', async () => {
    await putRecords(
      inFirst({ Data: Buffer.alloc(mebibyte - 1) }),
      inFirst({ Data: Buffer.alloc(9) }),
      inLast(),
    );

    expect((await limits.state([streamName]))[streamName]).toEqual({
      'shardId-000000000000': {
        starting_hash_key: '0',
        ending_hash_key: `${middleOfKeys - 1n}`,
        let_through: { records: 1, bytes: mebibyte },
        refused: { records: 1, bytes: 10 },
      },
      'shardId-000000000001': {
        starting_hash_key: `${middleOfKeys}`,
        ending_hash_key: `${2n ** 128n - 1n}`,
        let_through: { records: 1, bytes: 2 },
        refused: { records: 0, bytes: 0 },
      },
    });
  });
});

describe('limits follow', () => {
  const all = Buffer.alloc(mebibyte - 1);
  const split = { ShardToSplit: 'shardId-000000000000', NewStartingHashKey: `${middleOfKeys}` };

  it('a shard that is split: its two children take twice as much', async () => {
    await createStream(1);
    expect(outcomes(await putRecords(inFirst({ Data: all }), inLast({ Data: all })))).toEqual(['0', tooMuch]);

    await client.send(new SplitShardCommand({ StreamName: streamName, ...split }));
    await isActive();

    expect(outcomes(await putRecords(inFirst({ Data: all }), inLast({ Data: all })))).toEqual(['1', '2']);
    expect(outcomes(await putRecords(inFirst(), inLast()))).toEqual([tooMuch, tooMuch]);
    expect(Object.keys((await limits.state([streamName]))[streamName] ?? {})).toEqual([
      'shardId-000000000001',
      'shardId-000000000002',
    ]);
  });

  it('a split that nobody told the proxy of, from the first answer that names another shard', async () => {
    await createStream(1);
    await putRecords(record());
    await callEngine(engine.endpoint, 'kinesis', 'SplitShard', { StreamName: streamName, ...split });
    await isActive();

    expect(outcomes(await putRecord(inFirst()).then((one) => ({ Records: [one] })))).toEqual(['1']);
    expect(outcomes(await putRecords(inFirst({ Data: all }), inLast({ Data: all })))).toEqual(['1', '2']);
  });

  it('a shard that was not split: it keeps what it has used up', async () => {
    await createStream(2);
    await putRecords(inLast({ Data: all }));

    const { Shards } = await client.send(new ListShardsCommand({ StreamName: streamName }));
    const NewStartingHashKey = `${BigInt(Shards?.[0]?.HashKeyRange?.EndingHashKey ?? 0) / 2n}`;
    await client.send(new SplitShardCommand({ StreamName: streamName, ...split, NewStartingHashKey }));
    await isActive();

    expect(outcomes(await putRecords(inFirst(), inLast()))).toEqual(['2', tooMuch]);
  });
});

it('a shard that was split is split and merged no more, or a hash key would have two open shards', async () => {
  await createStream(1);
  const split = { StreamName: streamName, ShardToSplit: 'shardId-000000000000' };
  await client.send(new SplitShardCommand({ ...split, NewStartingHashKey: `${middleOfKeys}` }));
  await isActive();

  const again = new SplitShardCommand({ ...split, NewStartingHashKey: '1000' });
  const merge = new MergeShardsCommand({
    StreamName: streamName,
    ShardToMerge: 'shardId-000000000001',
    AdjacentShardToMerge: 'shardId-000000000000',
  });
  const unknown = new SplitShardCommand({
    ...split,
    ShardToSplit: 'shardId-000000000009',
    NewStartingHashKey: '9',
  });

  await expect(client.send(again)).rejects.toMatchObject({ name: 'InvalidArgumentException' });
  await expect(client.send(merge)).rejects.toMatchObject({ name: 'InvalidArgumentException' });
  await expect(client.send(unknown)).rejects.toMatchObject({ name: 'ResourceNotFoundException' });
  const { Shards } = await client.send(new ListShardsCommand({ StreamName: streamName }));
  expect(Shards).toHaveLength(3);
});

it('all open shards are told of, before anybody has put to them, and only of streams that there are', async () => {
  await createStream(2);

  const state = await limits.state([streamName, 'nowhere']);

  expect(Object.keys(state[streamName] ?? {})).toEqual(['shardId-000000000000', 'shardId-000000000001']);
  expect(state).not.toHaveProperty('nowhere');
});

describe('a call', () => {
  const ofBytes = (bytes: number, hashKey: bigint) =>
    record({ Data: Buffer.alloc(bytes - 1), ExplicitHashKey: `${hashKey}` });
  /** One into each of so many shards. */
  const spread = (count: number, bytes: number) =>
    times(count, (index) => ofBytes(bytes, (2n ** 128n / BigInt(count)) * BigInt(index)));

  it('may carry 10 MiB, which the engine gets in parts and the caller has answered as one', async () => {
    await createStream(10);

    const answer = await putRecords(...spread(10, mebibyte));

    expect(outcomes(answer)).toEqual(times(10, String));
    expect(answer.FailedRecordCount).toBe(0);
    expect(forwarded).toHaveLength(2);
  });

  it('is refused as a whole where it carries more', async () => {
    await createStream(11);

    await expect(putRecords(...spread(10, mebibyte), ofBytes(2, 2n ** 128n - 1n))).rejects.toMatchObject({
      name: 'InvalidArgumentException',
      message: 'Records size exceeds 10 MB limit',
    });
    expect(forwarded).toEqual([]);
  });

  it('is refused as a whole for a record that is over 1 MiB with its partition key', async () => {
    await createStream(1);

    await expect(putRecords(record(), record({ Data: Buffer.alloc(mebibyte) }))).rejects.toMatchObject({
      name: 'InvalidArgumentException',
    });
    await expect(putRecord({ Data: Buffer.alloc(mebibyte) })).rejects.toMatchObject({
      name: 'InvalidArgumentException',
    });
  });

  it.each<[string, () => PutRecordsRequestEntry[], RegExp]>([
    ['501 records', () => times(501, () => record()), /length less than or equal to 500/],
    ['no partition key', () => [record({ PartitionKey: '' })], /partitionKey.*greater than or equal to 1/],
    [
      'data over 1 MiB',
      () => [record({ Data: Buffer.alloc(mebibyte + 1) })],
      /less than or equal to 1048576/,
    ],
    ['a hash key that is none', () => [record({ ExplicitHashKey: '-1' })], /Invalid ExplicitHashKey/],
  ])(
    "with %s is the engine's to refuse, also where the shard is exhausted",
    async (_name, records, message) => {
      await createStream(1);
      await putRecord({ Data: Buffer.alloc(mebibyte - 1) });

      await expect(putRecords(record(), ...records())).rejects.toThrow(message);
    },
  );

  it("to a stream that does not exist is the engine's to refuse, and is limited once it exists", async () => {
    await expect(putRecord()).rejects.toMatchObject({ name: 'ResourceNotFoundException' });
    await callEngine(engine.endpoint, 'kinesis', 'CreateStream', { StreamName: streamName, ShardCount: 1 });
    await isActive();
    await putRecord({ Data: Buffer.alloc(mebibyte - 1) });

    await expect(putRecord()).rejects.toMatchObject({ name: tooMuch });
  });
});
