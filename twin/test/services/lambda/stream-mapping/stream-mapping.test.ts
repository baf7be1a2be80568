// A mapping on a real stream engine, with a function that the test plays.

import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { type Clock, createClock } from '../../../../src/core/clock.ts';
import { callEngine } from '../../../../src/core/engine-call.ts';
import {
  AnswerLost,
  type AwsCall,
  errorAnswer,
  jsonAnswer,
  type Next,
} from '../../../../src/core/proxy/aws-call.ts';
import { createForwarder } from '../../../../src/core/proxy/forward.ts';
import { KinesisEngine } from '../../../../src/services/kinesis/engine.ts';
import { StreamMappings } from '../../../../src/services/lambda/stream-mapping/stream-mappings.ts';
import { keptMetrics, templateOf } from '../../../fixture.ts';
import { eventually } from '../../../support/eventually.ts';
import { failed, sequenceNumbersOf } from './fixture.ts';

const arnOf = (logicalId: string) => ({ 'Fn::GetAtt': [logicalId, 'Arn'] });
const streamTemplate = (mapping: object) =>
  templateOf({
    Stream: { Type: 'AWS::Kinesis::Stream', Properties: { Name: 'events' } },
    Bucket: { Type: 'AWS::S3::Bucket', Properties: { BucketName: 'failed' } },
    Queue: { Type: 'AWS::SQS::Queue', Properties: { QueueName: 'failed' } },
    Topic: { Type: 'AWS::SNS::Topic', Properties: { TopicName: 'failed' } },
    Consume: {
      Type: 'AWS::Lambda::Function',
      Properties: { FunctionName: 'weir-dev-consume', Role: 'arn:aws:iam::000000000000:role/consume' },
    },
    Mapping: {
      Type: 'AWS::Lambda::EventSourceMapping',
      Properties: {
        EventSourceArn: arnOf('Stream'),
        FunctionName: { Ref: 'Consume' },
        StartingPosition: 'TRIM_HORIZON',
        BatchSize: 10,
        ...mapping,
      },
    },
  });

let folder: string;
let clock: Clock;
let engine: KinesisEngine;
let metrics: ReturnType<typeof keptMetrics>;
let mappings: StreamMappings | undefined;
const forwarder = createForwarder();
const reports: string[] = [];
/** Calls to other services than the stream's. */
const others: AwsCall[] = [];
const delivered: string[] = [];
let isStopped = false;
let intercept: (call: AwsCall) => Promise<void>;
let play: (data: readonly string[]) => unknown;

const send: Next = async (call) => {
  await intercept(call);
  if (call.service === 'kinesis') return forwarder.forward(call, engine.endpoint);
  others.push(call);
  return jsonAnswer(200, call.operation === 'GetQueueUrl' ? { QueueUrl: 'http://queue' } : {});
};

const dataOf = (event: unknown) =>
  (event as { Records: { kinesis: { data: string } }[] }).Records.map(({ kinesis }) =>
    Buffer.from(kinesis.data, 'base64').toString(),
  );

async function startMapping(properties: object = {}, longestWindowMs?: number): Promise<StreamMappings> {
  mappings = new StreamMappings({
    holdsRecord: async () => true,
    template: streamTemplate(properties),
    send,
    functions: {
      invoke: async (_arn, event, options) => {
        options?.onVersion?.('3');
        const answer = await play(dataOf(event));
        delivered.push(...dataOf(event));
        return answer;
      },
    },
    faults: { isStopped: () => isStopped, deliveries: () => 'once' },
    clock,
    metrics: metrics.sink,
    folder,
    report: (problem) => reports.push(problem),
    longestWindowMs,
  });
  await mappings.start();
  return mappings;
}

const kinesis = <Answer>(operation: string, input: object) =>
  callEngine<Answer>(engine.endpoint, 'kinesis', operation, { StreamName: 'events', ...input });
const put = (PartitionKey: string, ...data: readonly string[]) =>
  kinesis('PutRecords', {
    Records: data.map((each) => ({ PartitionKey, Data: Buffer.from(each).toString('base64') })),
  });
const until = (count: number) =>
  eventually(
    async () => delivered,
    ({ length }) => length >= count,
  );
/** Splits and merges take effect a moment after they were asked for. */
async function reshard(operation: 'SplitShard' | 'MergeShards', input: object, openShards: number) {
  await kinesis(operation, input);
  await eventually(
    () => kinesis<{ StreamDescriptionSummary: { OpenShardCount: number } }>('DescribeStreamSummary', {}),
    ({ StreamDescriptionSummary }) => StreamDescriptionSummary.OpenShardCount === openShards,
  );
}
const split = () =>
  reshard('SplitShard', { ShardToSplit: 'shardId-000000000000', NewStartingHashKey: middle }, 2);
const middle = String(2n ** 127n);
/** For what ought not to happen to happen, were it wrong. */
const aMoment = () => new Promise<void>((resolve) => setTimeout(resolve, 60));
const shardsOf = () => mappings?.state().Mapping?.shards ?? {};

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'weir-mapping-'));
  clock = createClock();
  engine = new KinesisEngine(undefined, { clock });
  await engine.start();
  await kinesis('CreateStream', { ShardCount: 1 });
  metrics = keptMetrics();
  reports.length = 0;
  others.length = 0;
  delivered.length = 0;
  isStopped = false;
  intercept = async () => undefined;
  play = () => null;
});
afterEach(async () => {
  await mappings?.end();
  await engine.end();
  rmSync(folder, { recursive: true });
});

it.each(['PutRecord', 'PutRecords'])(
  'what is put by %s is read at once, however long an idle shard waits',
  async (operation) => {
    clock = Object.assign(Object.create(clock) as Clock, { after: () => () => undefined });
    let reads = 0;
    intercept = async (call) => {
      if (call.operation === 'GetRecords') reads += 1;
    };
    const { step } = await startMapping();
    await eventually(
      async () => reads,
      (count) => count > 0,
    );

    const record = { PartitionKey: 'a', Data: Buffer.from('a1').toString('base64') };
    const call = { method: 'POST', url: '/', headers: {}, body: Buffer.of(), caller: 'ingest' };
    await step({ ...call, service: 'kinesis', operation }, async () =>
      jsonAnswer(200, await kinesis(operation, operation === 'PutRecord' ? record : { Records: [record] })),
    );

    await until(1);
    expect(delivered).toEqual(['a1']);
  },
);

it('a window lasts no longer than the twin was told', async () => {
  await startMapping({ MaximumBatchingWindowInSeconds: 300 }, 100);

  await put('a', 'a1');

  await until(1);
  expect(delivered).toEqual(['a1']);
});

it('delivers what is in the stream and what comes', async () => {
  await put('key', 'before');
  await startMapping();
  await until(1);
  await put('key', 'after');

  expect(await until(2)).toEqual(['before', 'after']);
  expect(mappings?.state().Mapping).toMatchObject({ stream: 'events', function: 'consume', failures: 0 });
  // What was read last is behind by what the reading took, until the next look finds nothing.
  const shard = await eventually(
    async () => mappings?.state().Mapping?.shards['shardId-000000000000'],
    (state) => state?.lag_ms === 0,
  );
  expect(shard).toMatchObject({ state: 'open', held_records: 0 });
});

it('says what waits and what is with the function', async () => {
  let release = () => {};
  const released = new Promise<void>((resolve) => {
    release = resolve;
  });
  play = () => released;
  isStopped = true;
  await put('key', 'one', 'two', 'three');
  await startMapping({ BatchSize: 2 });
  const lane = (in_flight: number, queued: number) =>
    eventually(
      async () => shardsOf()['shardId-000000000000']?.lanes[0],
      (state) => state?.in_flight === in_flight && state.queued === queued,
    );

  await lane(0, 3);
  isStopped = false;
  await lane(2, 1);
  release();
  await lane(0, 0);

  expect(delivered).toEqual(['one', 'two', 'three']);
});

it('reads the children of a split shard when all of the parent is done with, and not before', async () => {
  let release = () => {};
  const released = new Promise<void>((resolve) => {
    release = resolve;
  });
  play = (data) => (data.includes('parent 1') ? released : null);
  await put('key', 'parent 1', 'parent 2');
  await startMapping({ BatchSize: 1 });
  await split();
  await put('key', 'child 1');
  await put('another key', 'child 2');
  await eventually(
    async () => shardsOf(),
    (shards) => shards['shardId-000000000000']?.state === 'closing',
  );
  expect(Object.keys(shardsOf())).toEqual(['shardId-000000000000']);

  release();
  await until(4);

  expect(delivered.slice(0, 2)).toEqual(['parent 1', 'parent 2']);
  expect(delivered.slice(2).toSorted()).toEqual(['child 1', 'child 2']);
  expect(Object.entries(shardsOf()).map(([id, { state }]) => [id.slice(-1), state])).toEqual([
    ['0', 'drained'],
    ['1', 'open'],
    ['2', 'open'],
  ]);
});

it('reads the child of merged shards when both are drained', async () => {
  await split();
  await put('key', 'one');
  await put('another key', 'other');
  const parents = {
    ShardToMerge: 'shardId-000000000001',
    AdjacentShardToMerge: 'shardId-000000000002',
  };
  await reshard('MergeShards', parents, 1);
  await put('key', 'merged');

  await startMapping();

  expect((await until(3)).at(-1)).toBe('merged');
});

it('goes on where it was after a restart, also of a shard that was split meanwhile', async () => {
  await put('key', 'one', 'two', 'three');
  play = (data) => (data.includes('three') ? Promise.reject(failed()) : null);
  await startMapping({ BatchSize: 1 });
  await until(2);
  await mappings?.end();
  await split();
  await put('key', 'four');
  delivered.length = 0;
  play = () => null;

  await startMapping({ BatchSize: 1 });

  expect(await until(2)).toEqual(['three', 'four']);
});

it('sends what it discards to the bucket with its payload, by the time of the twin', async () => {
  clock.moveTo(Date.parse('2031-02-03T04:05:06Z'));
  await put('key', 'poison', 'fine');
  play = (data) => (data.includes('poison') ? Promise.reject(failed()) : null);

  await startMapping({
    BisectBatchOnFunctionError: true,
    MaximumRetryAttempts: 0,
    DestinationConfig: { OnFailure: { Destination: arnOf('Bucket') } },
  });
  await until(1);

  expect(delivered).toEqual(['fine']);
  const [call] = await eventually(
    async () => others,
    ({ length }) => length === 1,
  );
  expect(call).toMatchObject({
    caller: 'consume-mapping',
    service: 's3',
    operation: 'PutObject',
    method: 'PUT',
  });
  expect(call?.url).toMatch(
    /^\/failed\/aws\/lambda\/[^/]+\/shardId-000000000000\/2031\/02\/03\/2031-02-03T04\.05\.\d\d-[0-9a-f-]{36}\?x-id=PutObject$/,
  );
  const told = JSON.parse(String(call?.body)) as Record<string, Record<string, string>>;
  const payload = JSON.parse(String(told.payload)) as object;
  const [sequenceNumber] = sequenceNumbersOf(payload);
  expect(dataOf(payload)).toEqual(['poison']);
  expect(told).toMatchObject({
    version: '1.0',
    timestamp: expect.stringMatching(/^2031-02-03T04:05:\d\d\.\d{3}Z$/),
    requestContext: { condition: 'RetryAttemptsExhausted', approximateInvokeCount: 1 },
    responseContext: { statusCode: 200, executedVersion: '3', functionError: 'Unhandled' },
    KinesisBatchInfo: {
      shardId: 'shardId-000000000000',
      startSequenceNumber: sequenceNumber,
      endSequenceNumber: sequenceNumber,
      approximateArrivalOfFirstRecord: expect.stringMatching(/^2031-02-03T04:05:/),
      batchSize: 1,
      streamArn: 'arn:aws:kinesis:us-east-1:000000000000:stream/events',
    },
  });
  expect(mappings?.state().Mapping).toMatchObject({ discarded_records: 1 });
});

it.each([
  ['queue', 'Queue', 'SendMessage'],
  ['topic', 'Topic', 'Publish'],
])('tells a %s where the records were that it gave up, without them', async (_kind, logicalId, operation) => {
  await put('key', 'poison');
  play = () => Promise.reject(failed());

  await startMapping({
    MaximumRetryAttempts: 0,
    DestinationConfig: {
      OnFailure: { Destination: logicalId === 'Topic' ? { Ref: 'Topic' } : arnOf(logicalId) },
    },
  });

  const call = await eventually(
    async () => others.find((each) => each.operation === operation),
    (found) => found !== undefined,
  );
  const body = decodeURIComponent(String(call?.body));
  expect(body).toContain('RetryAttemptsExhausted');
  expect(body).not.toContain('payload');
});

it.each([
  ['is away', () => Promise.reject(new AnswerLost('cut'))],
  ['refuses', () => Promise.reject(new Error('refused'))],
])('does not go on past a record that it cannot hand over to a destination that %s', async (_name, fail) => {
  let refusals = 0;
  intercept = async ({ service }) => {
    if (service === 's3' && refusals++ < 2) await fail();
  };
  await put('key', 'poison', 'fine');
  play = (data) => (data.includes('poison') ? Promise.reject(failed()) : null);

  await startMapping({
    BatchSize: 1,
    MaximumRetryAttempts: 0,
    DestinationConfig: { OnFailure: { Destination: arnOf('Bucket') } },
  });
  for (let moves = 0; moves < 2; moves += 1) {
    await eventually(
      async () => refusals,
      (count) => count > moves,
    );
    expect(delivered).toEqual([]);
    clock.moveBy(1000);
  }

  expect(await until(1)).toEqual(['fine']);
  expect(others).toHaveLength(1);
});

it('keeps its position before a record that it could not hand over when it ended', async () => {
  let isAway = true;
  intercept = async ({ service }) => {
    if (service === 's3' && isAway) throw new AnswerLost('cut');
  };
  const toBucket = {
    BatchSize: 1,
    MaximumRetryAttempts: 0,
    DestinationConfig: { OnFailure: { Destination: arnOf('Bucket') } },
  };
  await put('key', 'poison', 'fine');
  play = (data) => (data.includes('poison') ? Promise.reject(failed()) : null);
  await startMapping(toBucket);
  await eventually(
    async () => reports,
    (all) => all.some((each) => each.includes('cannot be written')),
  );
  await mappings?.end();
  isAway = false;

  await startMapping(toBucket);

  expect(await until(1)).toEqual(['fine']);
  expect(others.map(({ operation }) => operation)).toEqual(['PutObject']);
});

it('discards what is too old for the mapping without a try, and says so', async () => {
  await put('key', 'old');
  clock.moveBy(3_700_000);
  await put('key', 'young');

  await startMapping({
    MaximumRecordAgeInSeconds: 3600,
    DestinationConfig: { OnFailure: { Destination: arnOf('Bucket') } },
  });

  expect(await until(1)).toEqual(['young']);
  const told = JSON.parse(String(others[0]?.body)) as object;
  expect(told).toMatchObject({
    requestContext: { condition: 'RecordAgeExceeded', approximateInvokeCount: 1 },
    KinesisBatchInfo: { batchSize: 1 },
  });
  expect(told).not.toHaveProperty('responseContext');
});

it('reads a closed shard to its end, past whatever it holds that has expired', async () => {
  await put('key', ...Array.from({ length: 20 }, (_, index) => `expired ${index}`));
  clock.moveBy(25 * 3_600_000);
  await put('key', 'fresh 1', 'fresh 2');
  await split();
  await put('key', 'child');

  await startMapping({ BatchSize: 10 });

  expect(await until(3)).toEqual(['fresh 1', 'fresh 2', 'child']);
});

it('ends a closed shard also where the clock is before its end', async () => {
  await put('key', 'parent');
  await split();
  await put('key', 'child');
  clock.moveBy(-3_600_000);

  await startMapping();

  expect(await until(2)).toEqual(['parent', 'child']);
});

it('goes on where a position cannot be kept, and says so', async () => {
  await startMapping({ BatchSize: 1 });
  rmSync(folder, { recursive: true });
  writeFileSync(folder, 'in the way');

  await put('key', 'one', 'two');

  expect(await until(2)).toEqual(['one', 'two']);
  expect(reports[0]).toContain('the position in shardId-000000000000 cannot be kept: ');
});

it('leaves nothing running behind a start that failed', async () => {
  const working = streamTemplate({});
  const broken = streamTemplate({ FunctionName: 'another' });
  const both = {
    ...working,
    resources: (...types: readonly string[]) => [
      ...working.resources(...types),
      ...(types.includes('AWS::Lambda::EventSourceMapping') ? broken.resources(...types) : []),
    ],
  };
  const failing = new StreamMappings({
    holdsRecord: async () => true,
    template: both,
    send,
    functions: { invoke: async (_arn, event) => delivered.push(...dataOf(event)) },
    faults: { isStopped: () => false, deliveries: () => 'once' },
    clock,
    metrics: metrics.sink,
    folder: undefined,
    report: (problem) => reports.push(problem),
  });

  await expect(failing.start()).rejects.toThrow('there is no function another');
  await put('key', 'for nobody');
  await startMapping();
  await until(1);

  expect(delivered).toEqual(['for nobody']);
  expect(failing.state()).toEqual({});
});

it('asks again where the stream does not answer, and loses and repeats nothing', async () => {
  let calls = 0;
  intercept = async ({ operation }) => {
    if (operation === 'GetRecords' && calls++ % 2 === 0) throw new AnswerLost('cut');
  };
  await put('key', 'one', 'two');

  await startMapping({ BatchSize: 1 });
  for (let moves = 0; moves < 8; moves += 1) {
    await new Promise((resolve) => setTimeout(resolve, 10));
    clock.moveBy(1000);
  }

  expect(await until(2)).toEqual(['one', 'two']);
  expect(reports[0]).toContain('shardId-000000000000 cannot be read: GetRecords: AnswerLost');
});

it('reads on with a new iterator when the clock went an hour on or a day back', async () => {
  await startMapping();
  await put('key', 'one');
  await until(1);
  clock.moveBy(3_600_000);
  await put('key', 'two');
  await until(2);
  clock.moveBy(-86_400_000);
  await put('key', 'three');

  expect(await until(3)).toEqual(['one', 'two', 'three']);
  expect(reports).toEqual([]);
});

it.each([
  [{ StartingPosition: 'LATEST' }, 'only StartingPosition TRIM_HORIZON is modelled'],
  [
    { FilterCriteria: { Filters: [{ Pattern: '{}' }] } },
    'FilterCriteria is modelled for the streams of tables only',
  ],
  [{ TumblingWindowInSeconds: 10 }, 'TumblingWindowInSeconds is not modelled'],
  [{ FunctionName: 'another' }, 'there is no function another'],
  [{ EventSourceArn: 'arn:aws:kafka:us-east-1:0:cluster/c' }, 'are not modelled, only those of Kinesis'],
  [
    { DestinationConfig: { OnFailure: { Destination: 'arn:aws:s3:::elsewhere' } } },
    'is no bucket, queue, topic of the template',
  ],
])('refuses at the start what it would do wrongly: %j', async (properties, message) => {
  await expect(startMapping(properties)).rejects.toThrow(message);
});

it('answers of the services that are refusals are told by their code', async () => {
  const mapping = new StreamMappings({
    holdsRecord: async () => true,
    template: streamTemplate({}),
    send: async () => errorAnswer(400, 'ResourceNotFoundException', 'There is no such stream.'),
    functions: { invoke: async () => null },
    faults: { isStopped: () => false, deliveries: () => 'once' },
    clock,
    metrics: metrics.sink,
    folder: undefined,
    report: () => undefined,
  });

  await expect(mapping.start()).rejects.toMatchObject({ code: 'ResourceNotFoundException' });
});

it('counts what it polls, also nothing, and what it sends, if the template asks for it', async () => {
  await startMapping({ MetricsConfig: { Metrics: ['EventCount'] } });
  const counted = () => metrics.sums({ EventSourceMappingUUID: 'weir-test-Mapping' });
  await eventually(
    async () => metrics.kept,
    (all) => all.some(({ name, value }) => name === 'PolledEventCount' && value === 0),
  );
  await put('key', 'one', 'two');
  await until(2);

  await eventually(
    async () => counted(),
    ({ InvokedEventCount }) => InvokedEventCount === 2,
  );
  expect(counted()).toMatchObject({ PolledEventCount: 2 });
  expect(metrics.sums({ FunctionName: 'weir-dev-consume' }).IteratorAge).toBeGreaterThanOrEqual(0);
});

it('counts nothing without being asked', async () => {
  await startMapping();
  await put('key', 'one');
  await until(1);

  expect(metrics.sums({ EventSourceMappingUUID: 'weir-test-Mapping' })).toEqual({});
});

it('counts records that it discards: delivered to a destination, or dropped where there is none', async () => {
  const settings = { MaximumRetryAttempts: 0, MetricsConfig: { Metrics: ['EventCount'] } };
  play = () => Promise.reject(failed());
  await startMapping({ ...settings, DestinationConfig: { OnFailure: { Destination: arnOf('Bucket') } } });
  await put('key', 'one', 'two');

  const counted = () => metrics.sums({ EventSourceMappingUUID: 'weir-test-Mapping' });
  await eventually(
    async () => counted(),
    ({ OnFailureDestinationDeliveredEventCount }) => OnFailureDestinationDeliveredEventCount === 2,
  );
  expect(counted()).toMatchObject({ InvokedEventCount: 2, FailedInvokeEventCount: 2 });
  expect(counted()).not.toHaveProperty('DroppedEventCount');
});

it('a disabled mapping polls nothing and sends nothing until it is enabled, and goes on where it was', async () => {
  const running = await startMapping({ Enabled: false, MetricsConfig: { Metrics: ['EventCount'] } });
  const [control] = running.controls();
  await put('key', 'one');
  clock.moveBy(10_000);
  expect(running.state().Mapping).toMatchObject({ enabled: false, shards: {} });

  control?.setEnabled(true);
  await until(1);
  running.controls()[0]?.setEnabled(false);
  const polls = () => metrics.kept.filter(({ name }) => name === 'PolledEventCount').length;
  // The poll that is under way comes to its end.
  await eventually(
    async () => [polls(), clock.moveBy(5000), await aMoment(), polls()],
    ([before, , , after]) => before === after,
  );
  await put('key', 'two');
  clock.moveBy(10_000);
  await aMoment();
  expect(delivered).toEqual(['one']);

  running.controls()[0]?.setEnabled(true);
  expect(await until(2)).toEqual(['one', 'two']);
});

it('records that are older than an operator allows are dropped, and counted as that', async () => {
  isStopped = true;
  const running = await startMapping({ MetricsConfig: { Metrics: ['EventCount'] } });
  await put('key', 'old');
  clock.moveBy(20 * 60_000);
  running.controls()[0]?.setMaxAgeMs?.(10 * 60_000);
  isStopped = false;

  await eventually(
    async () => metrics.sums({ EventSourceMappingUUID: 'weir-test-Mapping' }),
    ({ DroppedEventCount }) => DroppedEventCount === 1,
  );
  expect(delivered).toEqual([]);
});
