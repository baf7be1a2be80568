import { callEngine, KinesisEngine } from '@weir/twin/parts';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { createKinesisClient, KinesisEventStream } from '../../../adapters/record/kinesis-event-stream.ts';
import { MemoryEventStream } from '../../../adapters/record/memory-event-stream.ts';
import { systemClock } from '../../../adapters/system/clock-and-random.ts';
import type { EventStream, OutgoingRecord } from '../../../domain/record/port.ts';
import { StreamHealth } from '../../../domain/record/stream-health.ts';
import { streamBreaker } from '../../../domain/system/breaker.ts';
import { eventually } from '../../support/eventually.ts';

const engine = new KinesisEngine(undefined);
let streamName = '';
let run = 0;
beforeAll(() => engine.start());
afterAll(() => engine.end());

type Readable = { stream: EventStream; read: () => Promise<OutgoingRecord[]> };

function memory(): Readable {
  const stream = new MemoryEventStream();
  return { stream, read: async () => [...stream.records, ...stream.optional] };
}

function kinesis(): Readable {
  const client = createKinesisClient(
    { connectTimeoutMs: 1000, requestTimeoutMs: 5000 },
    {
      endpoint: engine.endpoint,
      region: 'us-east-1',
      credentials: { accessKeyId: 'test', secretAccessKey: 'test' },
    },
  );
  const stream = new KinesisEventStream({
    client,
    name: streamName,
    clock: systemClock,
    pause: async () => true,
    overloadPause: async () => true,
    health: new StreamHealth({ clock: systemClock, settings: streamBreaker }),
  });
  return { stream, read: readShard };
}

async function readShard(): Promise<OutgoingRecord[]> {
  const { ShardIterator } = await ask<{ ShardIterator: string }>('GetShardIterator', {
    StreamName: streamName,
    ShardId: 'shardId-000000000000',
    ShardIteratorType: 'TRIM_HORIZON',
  });
  type Records = { Records: readonly { PartitionKey: string; Data: string }[] };
  const { Records } = await ask<Records>('GetRecords', { ShardIterator });
  return Records.map(({ PartitionKey, Data }) => ({
    partitionKey: PartitionKey,
    data: Buffer.from(Data, 'base64'),
  }));
}

const ask = <T>(operation: string, input: object) =>
  callEngine<T>(engine.endpoint, 'kinesis', operation, input);

beforeEach(async () => {
  run += 1;
  streamName = `events-${run}`;
  await ask('CreateStream', { StreamName: streamName, ShardCount: 1 });
  await eventually(
    () => ask<{ StreamDescription: { StreamStatus: string } }>('DescribeStream', { StreamName: streamName }),
    ({ StreamDescription }) => StreamDescription.StreamStatus === 'ACTIVE',
  );
});

describe.each<[string, () => Readable]>([
  ['memory', memory],
  ['Kinesis', kinesis],
])('the stream in %s', (_, create) => {
  it('holds every record that it acknowledged, byte for byte, in order for each key', async () => {
    const { stream, read } = create();
    const records = Array.from({ length: 40 }, (__, index) => ({
      partitionKey: 'acme#production#0#0',
      data: Uint8Array.from({ length: 300 }, (___, at) => (at * 7 + index) % 256),
    }));

    await stream.put(records, Date.now() + 10_000);

    const held = await read();
    expect(held.map(({ partitionKey }) => partitionKey)).toEqual(
      records.map((record) => record.partitionKey),
    );
    expect(held.map(({ data }) => [...data])).toEqual(records.map(({ data }) => [...data]));
  });

  it('takes an optional record with others and alone', async () => {
    const { stream, read } = create();
    const record = (byte: number) => ({
      partitionKey: 'acme#production#0#0',
      data: new Uint8Array([byte]),
      ...(byte > 1 && { isOptional: true as const }),
    });

    await stream.put([record(1), record(2)], Date.now() + 10_000);
    await stream.put([record(3)], Date.now() + 2000);

    expect((await read()).map(({ data }) => data[0])).toEqual([1, 2, 3]);
  });
});
