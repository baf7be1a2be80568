import { KinesisClient, PutRecordsCommand } from '@aws-sdk/client-kinesis';
import { mockClient } from 'aws-sdk-client-mock';
import fc from 'fast-check';
import { afterAll, beforeEach, describe, expect, it } from 'vitest';
import {
  HotPartitionKey,
  StreamBreakerOpen,
  StreamUnavailable,
} from '../../../../adapters/record/kinesis-errors.ts';
import {
  KinesisEventStream,
  overload,
  type StreamClient,
} from '../../../../adapters/record/kinesis-event-stream.ts';
import { hotForMs, StreamHealth } from '../../../../domain/record/stream-health.ts';
import { type BackOff, type BoundedPause, createPause } from '../../../../domain/system/back-off.ts';
import { streamBreaker } from '../../../../domain/system/breaker.ts';
import { TestClock } from '../../../support/clock.ts';

const client = mockClient(KinesisClient);
afterAll(() => client.restore());
let clock: TestClock;
let health: StreamHealth;
let openings: number;
beforeEach(() => {
  client.reset();
  clock = new TestClock(0);
  openings = 0;
  const onOpen = () => {
    openings += 1;
  };
  health = new StreamHealth({ clock, settings: streamBreaker, onOpen });
});

const mocked: StreamClient = {
  putRecords: async (StreamName, records) => {
    const Records = records.map(({ partitionKey: PartitionKey, data: Data }) => ({ PartitionKey, Data }));
    const kinesis = client as unknown as KinesisClient;
    return (await kinesis.send(new PutRecordsCommand({ StreamName, Records }))).Records ?? [];
  },
};
const everyHundredMs: BackOff = { firstMs: 100, maxMs: 100 };
const pausing = (backOff: BackOff): BoundedPause => createPause(clock, () => 1, backOff);
const streamWith = (
  pauses: {
    readonly pause?: BoundedPause;
    readonly overloadPause?: BoundedPause;
    readonly onLeftOut?: () => void;
  } = {},
) =>
  new KinesisEventStream({
    client: mocked,
    name: 'events',
    clock,
    pause: pausing(everyHundredMs),
    overloadPause: pausing({ firstMs: 80, maxMs: 80 }),
    ...pauses,
    health,
  });
const withKeys = (keys: readonly string[]) =>
  keys.map((partitionKey) => ({ partitionKey, data: new Uint8Array(1) }));
const keysTo = (count: number) => Array.from({ length: count }, (_, index) => `p${index}`);
/** The requests of a function instance share what it knows of the stream. */
const put = (count: number, waitMs = 5000, pause?: BoundedPause) =>
  streamWith(pause && { pause }).put(withKeys(keysTo(count)), clock.nowMs + waitMs);
const putKeys = (keys: readonly string[], waitMs = 5000) =>
  streamWith().put(withKeys(keys), clock.nowMs + waitMs);
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

describe('a failure had no effect', () => {
  const isWithout = async (keys = ['p0', 'p1']) =>
    ((await failure(putKeys(keys))) as StreamUnavailable).hadNoEffect;

  it('if each record was refused for throughput, at each try, or if the stream was not called', async () => {
    client.on(PutRecordsCommand).resolves({ Records: [hot, hot] });
    expect([await isWithout(), await isWithout()]).toEqual([true, true]);
    expect(calls()).toBe(2);
  });

  it.each([
    ['one record was taken', { Records: [taken, hot] }],
    ['the stream had an error of its own', { Records: [hot, broken] }],
    ['a record has no answer', { Records: [hot] }],
  ])('unless %s, which a later refusal does not change', async (_, first) => {
    client
      .on(PutRecordsCommand)
      .resolvesOnce(first)
      .resolves({ Records: [hot, hot] });
    expect(await isWithout()).toBe(false);
  });

  it('unless a call failed', async () => {
    client
      .on(PutRecordsCommand)
      .rejectsOnce(new Error('socket hang up'))
      .resolves({ Records: [hot, hot] });
    expect(await isWithout()).toBe(false);
  });
});

describe('within its deadline', () => {
  it('stops retrying and throws the reason', async () => {
    client.on(PutRecordsCommand).resolves({ Records: [broken] });

    await expect(put(1, 1500)).rejects.toThrow(StreamUnavailable);
    expect(clock.nowMs).toBeLessThanOrEqual(1500);
    await expect(put(1, 0)).rejects.toThrow(/InternalFailure/);
  });

  it('does not pause if no time would be left after the pause', async () => {
    client.on(PutRecordsCommand).resolves({ Records: [broken] });

    await expect(put(1, 5000, pausing({ firstMs: 4900, maxMs: 4900 }))).rejects.toThrow(StreamUnavailable);

    expect(clock.slept).toEqual([]);
    expect(calls()).toBe(1);
  });

  it('begins no retry without enough time for one', async () => {
    client.on(PutRecordsCommand).resolves({ Records: [broken] });

    await expect(put(1, 350)).rejects.toThrow(StreamUnavailable);

    expect(clock.slept).toEqual([100]);
    expect(calls()).toBe(2);
  });

  it('begins no retry after a pause that took longer than planned', async () => {
    client.on(PutRecordsCommand).resolves({ Records: [broken] });
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

describe('a shard that has too many records', () => {
  const refusing = (delayMs = 0) =>
    client.on(PutRecordsCommand).callsFake(async ({ Records }) => {
      clock.nowMs += delayMs;
      return { Records: Records.map(() => hot) };
    });

  it('gets two tries within 300 ms, whatever time the request has', async () => {
    refusing(100);

    expect(await failure(put(1, 60_000))).toMatchObject({ name: 'StreamUnavailable', problem: 'overloaded' });

    expect(calls()).toBe(overload.tries);
    expect(clock.nowMs).toBeLessThanOrEqual(overload.ms);
  });

  it('gets one try if that took so long that a second might not end in time', async () => {
    refusing(121);

    await expect(put(1, 60_000)).rejects.toThrow(StreamUnavailable);

    expect(calls()).toBe(1);
    expect(clock.slept).toEqual([]);
  });

  it('may take the records the second time', async () => {
    client
      .on(PutRecordsCommand)
      .resolvesOnce({ Records: [hot] })
      .resolves({ Records: [taken] });

    await put(1);
    await put(1);

    expect(calls()).toBe(3);
  });

  it('ends a request of which another record fails otherwise, too', async () => {
    client.on(PutRecordsCommand).resolves({ Records: [hot, broken] });

    expect(await failure(put(2, 60_000))).toMatchObject({ problem: undefined });

    expect(calls()).toBe(overload.tries);
  });

  it('is not called for a second with the keys that it refused, and is with others', async () => {
    refusing();
    await failure(putKeys(['hot']));
    client.on(PutRecordsCommand).callsFake(async ({ Records }) => ({ Records: Records.map(() => taken) }));
    const [before, nowMs] = [calls(), clock.nowMs];

    const error = await failure(putKeys(['cool', 'hot']));
    await putKeys(['cool']);

    expect(error).toBeInstanceOf(HotPartitionKey);
    expect(error).toMatchObject({ problem: 'overloaded' });
    expect(calls()).toBe(before + 1);
    expect(clock.nowMs).toBe(nowMs);
    clock.nowMs += hotForMs;
    await putKeys(['hot']);
  });

  it('does not make a key hot that it took, beside one that it refused', async () => {
    client
      .on(PutRecordsCommand)
      .resolvesOnce({ Records: [taken, hot] })
      .resolvesOnce({ Records: [hot] })
      .resolves({ Records: [taken] });
    await failure(putKeys(['cool', 'hot']));

    await putKeys(['cool']);
    await expect(putKeys(['hot'])).rejects.toThrow(HotPartitionKey);
  });

  it('is remembered for its keys, and a throttle of the whole stream is not', async () => {
    client.on(PutRecordsCommand).rejects(Object.assign(new Error('slow'), { name: 'ThrottlingException' }));
    expect(await failure(put(1))).toMatchObject({ name: 'StreamUnavailable', problem: 'overloaded' });
    expect(calls()).toBe(overload.tries);
    client.on(PutRecordsCommand).resolves({ Records: [taken] });

    await put(1);
  });
});

it('holds an instance for less than a quarter of its time, however many requests with a hot key come', async () => {
  const times = fc.array(fc.record({ gapMs: fc.nat(400), callMs: fc.nat(100) }), { minLength: 50 });
  await fc.assert(
    fc.asyncProperty(times, async (requests) => {
      client.reset();
      const startedAtMs = clock.nowMs;
      let heldMs = 0;
      for (const { gapMs, callMs } of requests) {
        client.on(PutRecordsCommand).callsFake(async ({ Records }) => {
          clock.nowMs += callMs;
          return { Records: Records.map(() => hot) };
        });
        const beganAtMs = clock.nowMs;
        await failure(putKeys(['hot']));
        heldMs += clock.nowMs - beganAtMs;
        clock.nowMs += gapMs;
      }
      clock.nowMs += hotForMs;
      const periods = (clock.nowMs - startedAtMs) / (overload.ms + hotForMs);
      expect(heldMs).toBeLessThanOrEqual(Math.ceil(periods) * overload.ms);
    }),
    { numRuns: 30 },
  );
});

describe('a shard that fails', () => {
  const failing = (...keys: readonly string[]) =>
    client.on(PutRecordsCommand).callsFake(async ({ Records }) => ({
      Records: (Records as { PartitionKey: string }[]).map(({ PartitionKey }) =>
        keys.includes(PartitionKey) ? broken : taken,
      ),
    }));

  it('has its keys refused by a breaker, and no others', async () => {
    failing('ill');

    expect(await failure(putKeys(['ill'], 60_000))).toBeInstanceOf(StreamBreakerOpen);
    const before = calls();

    expect(await failure(putKeys(['well', 'ill']))).toBeInstanceOf(StreamBreakerOpen);
    await putKeys(['well']);
    expect(calls()).toBe(before + 1);
    expect(openings).toBe(1);
  });

  it('keeps its breaker open while other keys succeed, and closes it by a record of its own', async () => {
    failing('ill');
    await failure(putKeys(['ill']));
    await putKeys(['well']);
    await expect(putKeys(['ill'])).rejects.toThrow(StreamBreakerOpen);
    clock.nowMs += streamBreaker.firstOpenMs;
    failing();

    await putKeys(['ill']);
    await putKeys(['ill']);
  });

  it('is taken for an outage of the stream if a second key fails too', async () => {
    failing('ill', 'worse', 'well');
    await failure(putKeys(['ill'], 1000));
    await failure(putKeys(['worse'], 60_000));

    await expect(putKeys(['well'])).rejects.toThrow(StreamBreakerOpen);
  });

  it('is forgotten in time: it makes no outage of what fails much later', async () => {
    failing('ill', 'worse');
    await failure(putKeys(['ill'], 1000));
    clock.nowMs += 60_000;
    await failure(putKeys(['worse'], 60_000));
    failing();

    await putKeys(['well']);
  });

  it('ends its probe also if the call says nothing of its key', async () => {
    failing('ill');
    await failure(putKeys(['ill']));
    clock.nowMs += streamBreaker.firstOpenMs;
    client.on(PutRecordsCommand).rejects(Object.assign(new Error(), { name: 'ValidationException' }));
    await failure(putKeys(['ill']));
    failing();

    await putKeys(['ill']);
  });
});

describe('the breaker', () => {
  const away = () => client.on(PutRecordsCommand).rejects(new Error('socket hang up'));

  it('ends a failing request as soon as it opens, long before the deadline', async () => {
    away();

    const error = await failure(put(1, 60_000));

    expect(error).toBeInstanceOf(StreamBreakerOpen);
    expect(error).toMatchObject({ retryAfterSeconds: 1, cause: expect.any(Error) });
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

  it('never opens for others while one record of a call is acknowledged', async () => {
    for (let call = 0; call < 50; call += 1) {
      client.on(PutRecordsCommand).resolves({ Records: [taken, broken] });
      await failure(put(2, 100));
      clock.nowMs += 1000;
    }
    client.on(PutRecordsCommand).resolves({ Records: [taken] });

    await put(1);
  });

  const named = (name: string) => Object.assign(new Error(name), { name });
  const throttled = () => named('ThrottlingException');
});

describe('an optional record', () => {
  const optional = { partitionKey: 'p9', data: new Uint8Array(1), isOptional: true } as const;
  const leftOut = () => {
    let times = 0;
    const stream = streamWith({
      onLeftOut: () => {
        times += 1;
      },
    });
    return { stream, times: () => times };
  };
  const beside = (stream: KinesisEventStream) =>
    stream.put([...withKeys(['p0']), optional], clock.nowMs + 5000);

  it('travels in the call of the others, and is not put again if it is refused', async () => {
    client.on(PutRecordsCommand).resolves({ Records: [taken, hot] });
    const { stream, times } = leftOut();

    await beside(stream);

    expect(keysOfCall(0)).toEqual(['p0', 'p9']);
    expect(calls()).toBe(1);
    expect(times()).toBe(1);
  });

  it('is not put with those that are put again, even if the call itself failed', async () => {
    client
      .on(PutRecordsCommand)
      .rejectsOnce(new Error('socket hang up'))
      .resolves({ Records: [taken] });
    const { stream, times } = leftOut();

    await beside(stream);

    expect(keysOfCall(1)).toEqual(['p0']);
    expect(times()).toBe(1);
  });

  it('that is refused opens no breaker and makes no key hot', async () => {
    client.on(PutRecordsCommand).resolves({ Records: [taken, broken] });
    const { stream } = leftOut();
    for (let index = 0; index < 30; index += 1) await beside(stream);
    client.on(PutRecordsCommand).resolves({ Records: [taken, hot] });
    for (let index = 0; index < 30; index += 1) await beside(stream);

    expect(openings).toBe(0);
    expect(health.refuses(['p0', 'p9'])).toBeUndefined();
  });

  it('alone is put once, and nobody hears that it failed', async () => {
    const { stream, times } = leftOut();
    for (const answer of ['taken', 'refused', 'failed'] as const) {
      if (answer === 'failed') client.on(PutRecordsCommand).rejects(new Error('socket hang up'));
      else client.on(PutRecordsCommand).resolves({ Records: [answer === 'taken' ? taken : broken] });
      await stream.put([optional], clock.nowMs + 300);
    }
    await stream.put([optional], clock.nowMs);

    expect(calls()).toBe(3);
    expect(times()).toBe(3);
    expect(clock.slept).toEqual([]);
    expect(openings).toBe(0);
  });

  it('alone is not put while a breaker is open', async () => {
    client.on(PutRecordsCommand).rejects(new Error('socket hang up'));
    while (openings === 0) await failure(put(1, 5000));
    const before = calls();
    const { stream, times } = leftOut();

    await stream.put([optional], clock.nowMs + 300);

    expect(calls()).toBe(before);
    expect(times()).toBe(1);
  });
});
