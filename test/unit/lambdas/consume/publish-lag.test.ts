import { setImmediate } from 'node:timers/promises';
import { beforeEach, expect, it, vi } from 'vitest';
import { MemoryLags } from '../../../../adapters/limits/memory-lags.ts';
import { replayIdentity } from '../../../../domain/record/delivery.ts';
import { Unavailable } from '../../../../domain/system/unavailable.ts';
import { createPublishLag } from '../../../../lambdas/consume/publish-lag.ts';
import { type OwnedRecord, openRecords } from '../../../../lambdas/consume/wire.ts';
import { event, nowMs } from '../../../support/events.ts';
import { kinesisEvent } from '../../../support/kinesis.ts';
import { recordOf, tenant, World } from './fixture.ts';

let world: World;
beforeEach(() => {
  world = new World();
});

const recordsOf = (...records: ReturnType<typeof recordOf>[]) => openRecords(kinesisEvent(records)).owned;
const record = (batchId: string, account = 'acme', more = {}) =>
  recordOf(batchId, [event({ event_id: batchId })], nowMs, { tenant: { ...tenant, account }, ...more });

const arrivedAt = (atMs: number, of: OwnedRecord, shard = 'events/shardId-000000000000'): OwnedRecord => ({
  ...of,
  arrival: { atMs, shard },
});

it('tells since when the newest live record waits, whatever its batch says, and of which shard', async () => {
  const [late, older, newer] = recordsOf(
    record('late', 'other', { late: true }),
    recordOf('older', [event({ event_id: 'x' })], nowMs - 3_600_000),
    record('newer', 'other'),
  );
  if (!late || !older || !newer) throw new Error('There are three.');
  world.clock.nowMs = nowMs + 9000;

  await createPublishLag(world)([arrivedAt(nowMs + 9000, late), older, arrivedAt(nowMs + 2000, newer)]);

  expect(await world.lags.all()).toEqual([
    {
      shard: 'events/shardId-000000000000',
      ageMs: 7000,
      atMs: nowMs + 9000,
    },
  ]);
});

it('names the account of most records', async () => {
  await createPublishLag(world)(
    recordsOf(record('a'), record('b', 'acme', { slot: 1 }), record('c', 'other')),
  );

  expect(await world.lags.all()).toMatchObject([{ account: 'acme' }]);
});

it('says nothing of late records', async () => {
  await createPublishLag(world)(recordsOf(record('a', 'acme', { late: true })));

  expect(await world.lags.all()).toEqual([]);
});

it('says nothing of records that an operator hands over again', async () => {
  const event = kinesisEvent([record('a')]);
  const handed = event.Records.map((each) => ({ ...each, invokeIdentityArn: replayIdentity }));

  await createPublishLag(world)(openRecords({ Records: handed }).owned);

  expect(await world.lags.all()).toEqual([]);
});

it('writes once in five seconds for a shard', async () => {
  const put = vi.spyOn(world.lags, 'put');
  const publishLag = createPublishLag(world);
  const records = recordsOf(record('a'));
  const elsewhere = records.map((each) => arrivedAt(nowMs, each, 'events/shardId-000000000001'));
  await publishLag(records);
  world.clock.nowMs += 4999;
  await publishLag(records);
  expect(put).toHaveBeenCalledTimes(1);
  await publishLag(elsewhere);
  expect(put).toHaveBeenCalledTimes(2);
  world.clock.nowMs += 1;
  await publishLag(records);
  expect(put).toHaveBeenCalledTimes(3);
});

it.each([new Unavailable('away'), new TypeError('a bug')])(
  'keeps no record from being stored by %s',
  async (error) => {
    const lags = new MemoryLags();
    lags.put = () => Promise.reject(error);
    const { clock, logger } = world;
    world.deps = ((own) => () => ({
      ...own.call(world),
      publishLag: createPublishLag({ lags, clock, logger }),
    }))(world.deps);

    expect(await world.consume(record('a'))).toEqual({ batchItemFailures: [] });

    expect(world.receipt('a')).toMatchObject({ state: 'counted' });
    expect(logger.warn).toHaveBeenCalledTimes(1);
  },
);

it('is written before the invocation ends, after which Lambda freezes the function', async () => {
  const written = Promise.withResolvers<void>();
  world.lags.put = () => written.promise;
  let hasEnded = false;
  const invocation = world.consume(record('a')).then(() => {
    hasEnded = true;
  });
  for (let turn = 0; turn < 100 || world.receipt('a') === undefined; turn += 1) await setImmediate();

  expect(hasEnded).toBe(false);
  written.resolve();
  await invocation;
});

it('is told again while consume keeps its records', async () => {
  const ages: number[] = [];
  const put = world.lags.put.bind(world.lags);
  world.lags.put = (lag) => {
    ages.push(lag.ageMs);
    return put(lag);
  };
  const endMs = nowMs + 360_000;
  const claim = world.identities.claim.bind(world.identities);
  world.identities.claim = (claims) =>
    world.clock.nowMs < endMs ? Promise.reject(new Unavailable('away')) : claim(claims);

  await world.consume(record('a'), record('b', 'other'));

  expect(world.receipt('a')).toMatchObject({ state: 'counted' });
  expect(ages.length).toBeGreaterThan(30);
  expect(Math.max(...ages)).toBeGreaterThan(340_000);
});
