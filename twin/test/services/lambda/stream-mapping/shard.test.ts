import fc from 'fast-check';
import { expect, it } from 'vitest';
import { createClock } from '../../../../src/core/clock.ts';
import { TooManyRequests } from '../../../../src/core/invocation.ts';
import {
  failed,
  hurriedClock,
  openShard,
  record,
  records,
  runShard,
  sequenceNumbersOf,
  settings,
} from './fixture.ts';

it('delivers batches in order and keeps the last sequence number of each', async () => {
  const { batches, checkpoints, reports } = await runShard(records('1', '2', '3', '4'), () => null);

  expect(batches).toEqual([['1', '2', '3'], ['4']]);
  expect(checkpoints).toEqual(['3', '4']);
  expect(reports).toEqual([]);
});

it('makes the event that Lambda makes', async () => {
  const { events } = await runShard(records('1'), () => undefined);

  expect(events).toEqual([
    {
      Records: [
        {
          awsRegion: 'us-east-1',
          eventID: 'shardId-000000000000:1',
          eventName: 'aws:kinesis:record',
          eventSource: 'aws:kinesis',
          eventSourceARN: settings.streamArn,
          eventVersion: '1.0',
          invokeIdentityArn: settings.roleArn,
          kinesis: {
            approximateArrivalTimestamp: 1.5,
            data: 'AAAA',
            kinesisSchemaVersion: '1.0',
            partitionKey: 'key',
            sequenceNumber: '1',
          },
        },
      ],
    },
  ]);
});

it('tries again from the lowest record that failed, and passes over none', async () => {
  const { batches, checkpoints, reports } = await runShard(records('1', '2', '3'), (_batch, attempt) =>
    attempt === 1 ? { batchItemFailures: [{ itemIdentifier: '3' }, { itemIdentifier: '2' }] } : {},
  );

  expect(batches).toEqual([
    ['1', '2', '3'],
    ['2', '3'],
  ]);
  expect(checkpoints).toEqual(['1', '3']);
  expect(reports).toHaveLength(1);
});

it.each([
  ['the function throws', () => Promise.reject(failed())],
  ['the function is throttled', () => Promise.reject(new TooManyRequests('consume', 1))],
  ['a failure names no record of the batch', () => ({ batchItemFailures: [{ itemIdentifier: '9' }] })],
  ['a failure names nothing', () => ({ batchItemFailures: [{}] })],
  ['the failures are no list', () => ({ batchItemFailures: 'all' })],
])('tries the whole batch again, with a longer pause each time, where %s', async (_name, fail) => {
  const { batches, checkpoints, reports } = await runShard(records('1', '2'), (_batch, attempt) =>
    attempt < 3 ? fail() : null,
  );

  expect(batches).toEqual([
    ['1', '2'],
    ['1', '2'],
    ['1', '2'],
  ]);
  expect(checkpoints).toEqual(['2']);
  expect(reports.map((report) => /in (\d+) ms/.exec(report)?.[1])).toEqual(['100', '200']);
});

it('takes no notice of item failures where the mapping does not ask for them', async () => {
  const { batches, checkpoints } = await runShard(
    records('1'),
    () => ({ batchItemFailures: [{ itemIdentifier: '1' }] }),
    { reportsItemFailures: false },
  );

  expect(batches).toEqual([['1']]);
  expect(checkpoints).toEqual(['1']);
});

it('cuts a batch so that it fits into a payload of 6 MB', async () => {
  const Data = 'A'.repeat(2.5 * 1024 * 1024);
  const { batches } = await runShard(
    ['1', '2', '3'].map((number) => record(number, { Data })),
    () => null,
  );

  expect(batches).toEqual([['1', '2'], ['3']]);
});

it('halves a batch that fails until the poison record stands alone, which alone is tried and discarded', async () => {
  const held = records(...Array.from({ length: 8 }, (_, index) => String(index + 1)));

  const { batches, discarded, checkpoints } = await runShard(
    held,
    (batch) => (batch.includes('3') ? Promise.reject(failed()) : null),
    { batchSize: 8, retry: { bisects: true, maxRetries: 2 } },
  );

  expect(batches).toEqual([
    ['1', '2', '3', '4', '5', '6', '7', '8'],
    ['1', '2', '3', '4'],
    ['1', '2'],
    ['3', '4'],
    ['3'],
    ['3'],
    ['3'],
    ['4'],
    ['5', '6', '7', '8'],
  ]);
  expect(discarded).toMatchObject([
    { batch: ['3'], invocations: 3, reason: { condition: 'RetryAttemptsExhausted' } },
  ]);
  expect(checkpoints).toEqual(['2', '3', '4', '8']);
});

it('discards the whole batch, after as many retries as the mapping says, where it does not halve', async () => {
  const { batches, discarded, checkpoints } = await runShard(
    records('1', '2', '3', '4'),
    (batch) => (batch.includes('2') ? Promise.reject(failed()) : null),
    { retry: { bisects: false, maxRetries: 1 } },
  );

  expect(batches).toEqual([['1', '2', '3'], ['1', '2', '3'], ['4']]);
  expect(discarded.map(({ batch }) => batch)).toEqual([['1', '2', '3']]);
  expect(checkpoints).toEqual(['3', '4']);
});

it('takes whatever is no throttle for a failure of the function: it is bisected, and discarded', async () => {
  const { batches, discarded } = await runShard(
    records('1', '2'),
    (batch) => (batch.includes('1') ? Promise.reject(new Error('a bug')) : null),
    { retry: { bisects: true, maxRetries: 1 } },
  );

  expect(batches).toEqual([['1', '2'], ['1'], ['1'], ['2']]);
  expect(discarded.map(({ batch }) => batch)).toEqual([['1']]);
});

it('reckons a payload in bytes, whatever is in a partition key', async () => {
  const PartitionKey = '€'.repeat(256);
  const held = Array.from({ length: 6000 }, (_, index) => record(String(index), { PartitionKey }));

  const { events } = await runShard(held, () => null, { batchSize: 10_000 });

  expect(events.length).toBeGreaterThan(1);
  for (const event of events)
    expect(Buffer.byteLength(JSON.stringify(event))).toBeLessThanOrEqual(6 * 1024 * 1024);
});

it('uses up no retry while the function cannot be called', async () => {
  const { discarded, batches } = await runShard(
    records('1'),
    (_batch, attempt) => (attempt < 6 ? Promise.reject(new TooManyRequests('consume', 1)) : null),
    { retry: { bisects: true, maxRetries: 0 } },
  );

  expect(batches).toHaveLength(6);
  expect(discarded).toEqual([]);
});

it('discards what is older than the mapping allows, without a try, and goes on with what is not', async () => {
  const clock = hurriedClock();
  const arrivedAgo = (number: string, ageMs: number) =>
    record(number, { ApproximateArrivalTimestamp: (clock.now() - ageMs) / 1000 });

  const { batches, discarded } = await runShard(
    [arrivedAgo('1', 7_200_000), arrivedAgo('2', 3_601_000), arrivedAgo('3', 1000)],
    () => null,
    { maxAgeMs: 3_600_000 },
    { clock },
  );

  expect(discarded).toMatchObject([
    { batch: ['1', '2'], invocations: 0, reason: { condition: 'RecordAgeExceeded' } },
  ]);
  expect(batches).toEqual([['3']]);
});

it('tries what fails until it is too old, where retries are without end', async () => {
  const clock = hurriedClock();

  const { discarded } = await runShard(
    [record('1', { ApproximateArrivalTimestamp: clock.now() / 1000 })],
    () => Promise.reject(failed()),
    { maxAgeMs: 60_000 },
    { clock },
  );

  const retryPauses = clock.waited.filter((waitedMs) => waitedMs >= 100 && waitedMs <= 5000);
  expect(discarded.map(({ batch }) => batch)).toEqual([['1']]);
  expect(discarded[0]?.invocations).toBeGreaterThan(12);
  expect(retryPauses.slice(0, 7)).toEqual([100, 200, 400, 800, 1600, 3200, 5000]);
});

it('waits for the window before it delivers less than a batch, and no longer than until the batch is full', async () => {
  const clock = createClock();
  const stop = new AbortController();
  let arrived = records('1');
  const batches: number[] = [];
  const shard = openShard({
    settings: { ...settings, windowMs: 60_000 },
    read: async () => arrived.splice(0),
    functions: {
      invoke: async (_arn, event) => {
        batches.push((event as { Records: unknown[] }).Records.length);
      },
    },
    clock,
    signal: stop.signal,
  });
  const run = shard.run();
  const settled = () => new Promise((resolve) => setTimeout(resolve, 5));
  await settled();

  clock.moveBy(59_000);
  await settled();
  expect(batches).toEqual([]);
  clock.moveBy(1000);
  await settled();
  expect(batches).toEqual([1]);
  arrived = records('2', '3', '4');
  clock.moveBy(1000);
  await settled();

  expect(batches).toEqual([1, 3]);
  stop.abort();
  await run;
});

it('reads what is put within a tenth of the window together, and a backlog at once', async () => {
  const clock = createClock();
  const stop = new AbortController();
  let arrived = records('1');
  const reads: number[] = [];
  const shard = openShard({
    settings: { ...settings, windowMs: 500 },
    read: async (limit) => {
      const next = arrived.splice(0, limit);
      reads.push(next.length);
      return next;
    },
    clock,
    signal: stop.signal,
  });
  const put = (...numbers: readonly string[]) => {
    arrived = [...arrived, ...records(...numbers)];
    shard.wake();
  };
  const settled = () => new Promise((resolve) => setTimeout(resolve, 5));
  const run = shard.run();
  await settled();
  expect(reads).toEqual([1]);

  put('2');
  await settled();
  put('3', '4', '5');
  await settled();
  expect(reads).toEqual([1]);

  clock.moveBy(50);
  await settled();
  expect(reads).toEqual([1, 3, 1]);

  stop.abort();
  await run;
});

it('delivers a batch twice where it is told to, one after the other or at once', async () => {
  const ways = ['twice', 'together', 'once'] as const;
  let underWay = 0;
  const atOnce: number[] = [];

  const { batches, checkpoints } = await runShard(
    records('1', '2', '3'),
    async () => {
      underWay += 1;
      atOnce.push(underWay);
      await new Promise((resolve) => setTimeout(resolve, 5));
      underWay -= 1;
    },
    { batchSize: 1 },
    {
      faults: {
        deliveries: (label) => (label === 'consume' && ways[Math.floor(atOnce.length / 2)]) || 'once',
      },
    },
  );

  expect(batches).toEqual([['1'], ['1'], ['2'], ['2'], ['3']]);
  expect(atOnce).toEqual([1, 1, 1, 2, 1]);
  expect(checkpoints).toEqual(['1', '2', '3']);
});

it('counts a batch that was delivered twice as done only where both succeeded', async () => {
  const { batches } = await runShard(
    records('1'),
    (_batch, attempt) => (attempt === 2 ? Promise.reject(failed()) : null),
    {},
    { faults: { deliveries: () => 'twice' } },
  );

  expect(batches).toEqual([['1'], ['1'], ['1'], ['1']]);
});

it('delivers nothing while it is stopped', async () => {
  let looks = 0;

  const { batches } = await runShard(
    records('1'),
    () => {
      expect(looks).toBe(4);
    },
    {},
    {
      faults: {
        isStopped: () => {
          looks += 1;
          return looks < 4;
        },
      },
    },
  );

  expect(batches).toEqual([['1']]);
});

const keyed = fc.array(fc.constantFrom('a', 'b', 'c', 'd', 'e'), { minLength: 1, maxLength: 40 });

it('with several lanes keeps the order of each partition key, and its checkpoint never passes over a record', async () => {
  await fc.assert(
    fc.asyncProperty(
      keyed,
      fc.integer({ min: 1, max: 10 }),
      fc.integer({ min: 0, max: 7 }),
      async (keys, lanes, seed) => {
        const held = keys.map((PartitionKey, index) =>
          record(String(index).padStart(3, '0'), { PartitionKey }),
        );
        const succeeded = new Set<string>();
        let maxUnderWay = 0;
        let underWay = 0;

        const { checkpoints, batches } = await runShard(
          held,
          async (batch, attempt) => {
            underWay += 1;
            maxUnderWay = Math.max(maxUnderWay, underWay);
            await new Promise((resolve) => setTimeout(resolve, (attempt + seed) % 3));
            underWay -= 1;
            if ((attempt + seed) % 5 === 0) throw failed();
            for (const number of batch) succeeded.add(number);
          },
          { parallelizationFactor: lanes },
        );

        const order = [...new Set(batches.flat())];
        for (const key of new Set(keys)) {
          const ofKey = held
            .filter(({ PartitionKey }) => PartitionKey === key)
            .map((each) => each.SequenceNumber);
          expect(order.filter((number) => ofKey.includes(number))).toEqual(ofKey);
        }
        expect(maxUnderWay).toBeLessThanOrEqual(lanes);
        expect(checkpoints).toEqual(checkpoints.toSorted());
        expect(checkpoints.at(-1)).toBe(held.at(-1)?.SequenceNumber);
        expect(succeeded.size).toBe(held.length);
      },
    ),
    { numRuns: 25 },
  );
});

it('has batches of other partition keys go on while one is held up', async () => {
  const held = Array.from({ length: 20 }, (_, index) =>
    record(String(index), { PartitionKey: index === 0 ? 'poison' : `key ${index}` }),
  );
  const delivered = new Set<string>();
  let release = () => {};
  const released = new Promise<void>((resolve) => {
    release = resolve;
  });

  const { checkpoints } = await runShard(
    held,
    async (batch) => {
      if (batch.includes('0')) await released;
      for (const number of batch) delivered.add(number);
      if (delivered.size > 10) release();
    },
    { parallelizationFactor: 4, batchSize: 1 },
  );

  expect(checkpoints.at(-1)).toBe('19');
});

it('takes another parallelization factor on its way, and keeps the order of each partition key', async () => {
  const held = Array.from({ length: 40 }, (_, index) =>
    record(String(index).padStart(2, '0'), { PartitionKey: 'abcd'.charAt(index % 4) }),
  );
  const order: string[] = [];
  let factor = 1;
  let position = 0;
  let underWay = 0;
  let maxUnderWay = 0;
  const pause = () => new Promise((resolve) => setTimeout(resolve, 2));
  const shard = openShard({
    settings: { ...settings, batchSize: 1 },
    parallelizationFactor: () => factor,
    // A dozen wait while it changes.
    read: async () => {
      await pause();
      if (position === held.length) return undefined;
      return position - order.length >= 12 ? [] : held.slice(position, ++position);
    },
    functions: {
      invoke: async (_arn, event) => {
        underWay += 1;
        maxUnderWay = Math.max(maxUnderWay, underWay);
        await pause();
        underWay -= 1;
        order.push(...sequenceNumbersOf(event));
        if (order.length === 5) factor = 4;
        if (order.length === 30) factor = 2;
      },
    },
  });
  shard.close();
  await shard.run();

  expect(order.toSorted()).toEqual(held.map(({ SequenceNumber }) => SequenceNumber));
  for (const key of [0, 1, 2, 3]) {
    const ofKey = order.filter((number) => Number(number) % 4 === key);
    expect(ofKey).toEqual(ofKey.toSorted());
  }
  expect(maxUnderWay).toBeGreaterThan(1);
  expect(shard.state).toMatchObject({ state: 'drained', checkpoint: '39', held_records: 0 });
});
