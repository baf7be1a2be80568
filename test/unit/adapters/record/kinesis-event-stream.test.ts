import { KinesisClient, PutRecordsCommand } from '@aws-sdk/client-kinesis';
import { mockClient } from 'aws-sdk-client-mock';
import { afterAll, beforeEach, describe, expect, it } from 'vitest';
import { StreamBreakerOpen, StreamUnavailable } from '../../../../adapters/record/kinesis-errors.ts';
import { KinesisEventStream } from '../../../../adapters/record/kinesis-event-stream.ts';
import { type BackOff, type BoundedPause, createPause } from '../../../../domain/system/back-off.ts';
import { Breaker, streamBreaker } from '../../../../domain/system/breaker.ts';
import { TestClock } from '../../../support/clock.ts';

const client = mockClient(KinesisClient);
afterAll(() => client.restore());
let clock: TestClock;
let breaker: Breaker;
let openings: number;
beforeEach(() => {
  client.reset();
  clock = new TestClock(0);
  openings = 0;
  const onOpen = () => {
    openings += 1;
  };
  breaker = new Breaker({ clock, settings: streamBreaker, onOpen });
});

const everyHundredMs: BackOff = { firstMs: 100, maxMs: 100 };
const pausing = (backOff: BackOff): BoundedPause => createPause(clock, () => 1, backOff);
/** The requests of a function instance share its breaker. */
const put = (count: number, waitMs = 5000, pause = pausing(everyHundredMs)) =>
  new KinesisEventStream({
    client: client as unknown as KinesisClient,
    name: 'events',
    clock,
    pause,
    breaker,
  }).put(
    Array.from({ length: count }, (_, index) => ({ partitionKey: `p${index}`, data: new Uint8Array(1) })),
    clock.nowMs + waitMs,
  );
const calls = () => client.commandCalls(PutRecordsCommand).length;
const failure = (putting: Promise<void>): Promise<unknown> =>
  putting.then(
    () => undefined,
    (error) => error,
  );
const taken = { SequenceNumber: '1', ShardId: 'shardId-000000000000' };
const keysOfCall = (index: number) =>
  client
    .commandCalls(PutRecordsCommand)
    [index]?.args[0].input.Records?.map(({ PartitionKey }) => PartitionKey);

it('puts again only the records that were refused', async () => {
  client
    .on(PutRecordsCommand)
    .resolvesOnce({
      FailedRecordCount: 1,
      Records: [taken, { ErrorCode: 'ProvisionedThroughputExceededException' }, taken],
    })
    .resolves({ Records: [taken] });

  await put(3);

  expect(keysOfCall(0)).toEqual(['p0', 'p1', 'p2']);
  expect(keysOfCall(1)).toEqual(['p1']);
});

it('puts all records again if the call itself failed, which record ids make safe', async () => {
  client
    .on(PutRecordsCommand)
    .rejectsOnce(new Error('socket hang up'))
    .resolves({ Records: [taken, taken] });

  await put(2);

  expect(keysOfCall(1)).toEqual(['p0', 'p1']);
});

const hot = { ErrorCode: 'ProvisionedThroughputExceededException' };
const broken = { ErrorCode: 'InternalFailure' };

describe('within its deadline', () => {
  it('stops retrying and throws the reason', async () => {
    client.on(PutRecordsCommand).resolves({ Records: [broken] });

    await expect(put(1, 1500)).rejects.toThrow(StreamUnavailable);
    expect(clock.nowMs).toBeLessThanOrEqual(1500);
    await expect(put(1, 0)).rejects.toThrow(/InternalFailure/);
  });

  it('does not pause if no time would be left after the pause', async () => {
    client.on(PutRecordsCommand).resolves({ Records: [hot] });

    await expect(put(1, 5000, pausing({ firstMs: 4900, maxMs: 4900 }))).rejects.toThrow(StreamUnavailable);

    expect(clock.slept).toEqual([]);
    expect(calls()).toBe(1);
  });

  it('begins no retry without enough time for one', async () => {
    client.on(PutRecordsCommand).resolves({ Records: [hot] });

    await expect(put(1, 350)).rejects.toThrow(StreamUnavailable);

    expect(clock.slept).toEqual([100]);
    expect(calls()).toBe(2);
  });

  it('begins no retry after a pause that took longer than planned', async () => {
    client.on(PutRecordsCommand).resolves({ Records: [hot] });
    const oversleep: BoundedPause = async () => {
      clock.nowMs += 4900;
      return true;
    };

    await expect(put(1, 5000, oversleep)).rejects.toThrow(StreamUnavailable);

    expect(calls()).toBe(1);
  });

  it('begins the first try however little time is left', async () => {
    client.on(PutRecordsCommand).resolves({ Records: [taken] });

    await put(1, 0);

    expect(calls()).toBe(1);
  });
});

it('takes only a sequence number for an acknowledgement', async () => {
  client.on(PutRecordsCommand).resolves({ FailedRecordCount: 0 });

  await expect(put(1, 1000)).rejects.toThrow(/no answer/);
});

it.each<[string, object[], object]>([
  ['overloaded if every refusal is a throttle', [hot, hot], { reason: 'overloaded', problem: 'overloaded' }],
  ['unavailable if one is not', [hot, broken], { reason: 'unavailable', problem: undefined }],
])('is %s', async (_, Records, expected) => {
  client.on(PutRecordsCommand).resolves({ Records });

  expect(await failure(put(2, 1000))).toMatchObject(expected);
});

describe('the breaker', () => {
  const away = () => client.on(PutRecordsCommand).rejects(new Error('socket hang up'));

  it('ends a failing request as soon as it opens, long before the deadline', async () => {
    away();

    const error = await failure(put(1, 60_000));

    expect(error).toBeInstanceOf(StreamBreakerOpen);
    expect(error).toMatchObject({ problem: 'circuit_open', retryAfterSeconds: 1, cause: expect.any(Error) });
    expect(clock.nowMs).toBe(streamBreaker.failingMs);
    expect(clock.slept).toHaveLength(calls() - 1);
    expect(openings).toBe(1);
  });

  it.each([
    [8000, 8],
    [7001, 8],
    [1, 1],
    [0, 1],
  ])('with %d ms left asks clients to retry after whole seconds: %d', (refusesForMs, seconds) => {
    expect(new StreamBreakerOpen(refusesForMs).retryAfterSeconds).toBe(seconds);
  });

  it('refuses the next request at once, without a call', async () => {
    away();
    await failure(put(1));
    const [before, nowMs] = [calls(), clock.nowMs];

    await expect(put(1)).rejects.toThrow(StreamBreakerOpen);

    expect(calls()).toBe(before);
    expect(clock.nowMs).toBe(nowMs);
  });

  it('admits the next request after its time, and all requests once that one succeeds', async () => {
    away();
    await failure(put(1));
    client.on(PutRecordsCommand).resolves({ Records: [taken] });
    clock.nowMs += streamBreaker.firstOpenMs;

    await put(1);
    await put(1);

    expect(openings).toBe(1);
  });

  it('asks clients to wait longer, in whole seconds rounded up, after each failed probe', async () => {
    away();
    await failure(put(1));
    const waits: unknown[] = [];
    for (const openMs of [1000, 2000, 4000, 8000, 8000]) {
      clock.nowMs += openMs;
      const before = calls();
      await failure(put(1));
      clock.nowMs += 1;
      waits.push(((await failure(put(1))) as StreamBreakerOpen).retryAfterSeconds);
      expect(calls()).toBe(before + 1);
      clock.nowMs -= 1;
    }

    expect(waits).toEqual([2, 4, 8, 8, 8]);
    expect(openings).toBe(6);
  });

  it('opens for answers without any acknowledgement, as for no answer', async () => {
    client.on(PutRecordsCommand).resolves({ Records: [broken, {}] });

    await expect(put(2)).rejects.toThrow(StreamBreakerOpen);
  });

  it.each<[string, () => unknown]>([
    ['a hot shard', () => client.on(PutRecordsCommand).resolves({ Records: [hot] })],
    ['a throttle of the stream', () => client.on(PutRecordsCommand).rejects(throttled())],
    ['an invalid request', () => client.on(PutRecordsCommand).rejects(named('ValidationException'))],
    [
      'a record that is too large',
      () => client.on(PutRecordsCommand).rejects(named('InvalidArgumentException')),
    ],
  ])('never opens for %s', async (_, arrange) => {
    arrange();

    for (let request = 0; request < 5; request += 1) {
      await failure(put(1));
      clock.nowMs += streamBreaker.failingMs;
    }

    expect(calls()).toBeGreaterThanOrEqual(5);
    expect(openings).toBe(0);
  });

  it('never opens while one record of a call is acknowledged', async () => {
    for (let call = 0; call < 50; call += 1) {
      client.on(PutRecordsCommand).resolves({ Records: [taken, broken] });
      await failure(put(2, 100));
      clock.nowMs += 1000;
    }

    expect(openings).toBe(0);
  });

  const named = (name: string) => Object.assign(new Error(name), { name });
  const throttled = () => named('ThrottlingException');
});
