// Reading a stream from a point in time, as the SDK asks for it, on the real engine.

import {
  CreateStreamCommand,
  GetRecordsCommand,
  GetShardIteratorCommand,
  KinesisClient,
  ListShardsCommand,
  PutRecordCommand,
  SplitShardCommand,
} from '@aws-sdk/client-kinesis';
import { NodeHttpHandler } from '@smithy/node-http-handler';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { createCallers } from '../../../src/core/proxy/identify.ts';
import { KinesisEngine } from '../../../src/services/kinesis/engine.ts';
import { createIteratorsByTime } from '../../../src/services/kinesis/iterators-by-time.ts';
import { connectedProxy } from '../../fixture.ts';
import { eventually } from '../../support/eventually.ts';

const StreamName = 'events';
const engine = new KinesisEngine(undefined);
const proxy = connectedProxy({
  callers: createCallers(),
  steps: [createIteratorsByTime(engine)],
  destinations: { kinesis: { engine: engine } },
  report: (problem) => expect.unreachable(problem),
});
let client: KinesisClient;

beforeAll(async () => {
  await engine.start();
  await proxy.start();
  client = new KinesisClient({
    // Its own default is HTTP/2.
    requestHandler: new NodeHttpHandler({ requestTimeout: 3000 }),
    maxAttempts: 1,
    endpoint: proxy.url,
    region: 'us-east-1',
    credentials: { accessKeyId: 'test', secretAccessKey: 'test' },
  });
  await client.send(new CreateStreamCommand({ StreamName, ShardCount: 1 }));
  await eventually(shards, ({ length }) => length === 1);
});

afterAll(async () => {
  client.destroy();
  await proxy.end();
  await engine.end();
});

const shards = async () => (await client.send(new ListShardsCommand({ StreamName }))).Shards ?? [];
const put = (text: string) =>
  client.send(new PutRecordCommand({ StreamName, PartitionKey: 'k', Data: Buffer.from(text) }));
const openAt = async (ShardId: string, Timestamp: Date) => {
  const position = { ShardIteratorType: 'AT_TIMESTAMP', Timestamp } as const;
  return (await client.send(new GetShardIteratorCommand({ StreamName, ShardId, ...position }))).ShardIterator;
};
const read = async (ShardIterator: string | undefined) => {
  const { Records = [], NextShardIterator } = await client.send(new GetRecordsCommand({ ShardIterator }));
  const records = Records.map(({ Data, ApproximateArrivalTimestamp }) => ({
    text: Buffer.from(Data ?? '').toString(),
    arrivedAt: ApproximateArrivalTimestamp ?? new Date(0),
  }));
  return { records, texts: records.map(({ text }) => text), next: NextShardIterator };
};
const first = 'shardId-000000000000';

it('begins with the first record that is as late, and where none is, with what comes next', async () => {
  expect((await read(await openAt(first, new Date(0)))).texts).toEqual([]);

  await put('one');
  await put('two');
  const { records } = await read(await openAt(first, new Date(0)));
  const [one, two] = records.map(({ arrivedAt }) => arrivedAt);
  expect((await read(await openAt(first, one ?? new Date(0)))).texts).toEqual(['one', 'two']);
  const justAfter = new Date(Number(two) + 1);
  const late = await openAt(first, justAfter);
  expect((await read(late)).texts).toEqual([]);
  await put('three');
  expect((await read(late)).texts).toEqual(['three']);
});

it('leads to the end of a shard that was split, and to what its children hold', async () => {
  await put('before');
  await client.send(
    new SplitShardCommand({ StreamName, ShardToSplit: first, NewStartingHashKey: String(2n ** 127n) }),
  );
  await eventually(shards, ({ length }) => length === 3);
  await put('after');

  const closed = await read(await openAt(first, new Date()));
  expect(closed).toMatchObject({ texts: [] });
  const children = await Promise.all(
    ['shardId-000000000001', 'shardId-000000000002'].map(async (id) => read(await openAt(id, new Date(0)))),
  );
  expect(children.flatMap(({ texts }) => texts)).toEqual(['after']);
});

it('says of a shard that there is not what Kinesis says', async () => {
  await expect(openAt('shardId-000000000009', new Date(0))).rejects.toMatchObject({
    name: 'ResourceNotFoundException',
  });
});
