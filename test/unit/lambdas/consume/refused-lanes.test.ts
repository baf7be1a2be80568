// A lane that is refused while others are served: the others go on, and its records leave the stream for the bucket.

import { beforeEach, describe, expect, it, vi } from 'vitest';
import { MemoryLanes } from '../../../../adapters/counting/memory-lanes.ts';
import { deadLetterPrefix, type Lane } from '../../../../domain/keys.ts';
import { readDeadLetter } from '../../../../domain/quarantine/dead-letters.ts';
import { delivery } from '../../../../domain/record/delivery.ts';
import type { RecordPlace } from '../../../../domain/record/record-id.ts';
import { metricNames } from '../../../../domain/service-levels/metrics.ts';
import { minuteMs, secondMs } from '../../../../domain/system/time.ts';
import { PartitionUnavailable, Unavailable } from '../../../../domain/system/unavailable.ts';
import { event, nowMs } from '../../../support/events.ts';
import { lane, tenantOf } from '../../../support/lanes.ts';
import { recordOf, tenant, World } from './fixture.ts';

const noisy = tenantOf('noisy');
const isNoisy = (each: Lane) => each.tenant.account === noisy.account;
const isAny = () => true;

let world: World;
let made = 0;
beforeEach(() => {
  world = new World();
  made = 0;
});

/** Until it is called, the tables do not take the receipts of these lanes: a part of a call, or all calls with one of them. */
function refuse(isRefused: (lane: Lane) => boolean, error?: Unavailable) {
  const putReceipts = MemoryLanes.prototype.putReceipts.bind(world.lanes);
  let isRefusing = true;
  vi.spyOn(world.lanes, 'putReceipts').mockImplementation(async (receipts) => {
    const refused = receipts.map((receipt) => isRefusing && isRefused(receipt.lane));
    if (error && refused.includes(true)) throw error;
    const put = await putReceipts(receipts.filter((_, index) => !refused[index]));
    return refused.map((is) => (is ? 'undecided' : (put.shift() ?? 'undecided')));
  });
  return () => {
    isRefusing = false;
  };
}

const record = (of = tenant, more: Parameters<typeof recordOf>[3] = {}) => {
  made += 1;
  const name = `${of.account}-${made}`;
  return recordOf(name, [event({ event_id: name })], nowMs, { tenant: of, ...more });
};
const failuresOf = async (...records: Parameters<World['consume']>) =>
  (await world.consume(...records)).batchItemFailures.map(({ itemIdentifier }) => Number(itemIdentifier));
const timeOf = async (work: () => Promise<unknown>) => {
  const beganMs = world.clock.nowMs;
  await work();
  return world.clock.nowMs - beganMs;
};
/** The lane of the noisy account has been waited for. */
const leaveOut = () => world.consume(record(noisy), record());
const triesOf = async (work: () => Promise<unknown>) => {
  const { mock } = vi.mocked(world.lanes.putReceipts);
  const before = mock.calls.length;
  await work();
  return mock.calls.slice(before).filter(([receipts]) => receipts.some((each) => isNoisy(each.lane))).length;
};

describe('a lane that is refused while others are served', () => {
  it('is waited for shortly, and then leaves the stream with all its records, as a dead letter', async () => {
    refuse(isNoisy);
    const own = [record(noisy), record(noisy)] as const;

    const tookMs = await timeOf(async () => expect(await failuresOf(own[0], record(), own[1])).toEqual([]));

    expect(tookMs).toBeGreaterThanOrEqual(3 * secondMs);
    expect(tookMs).toBeLessThan(4 * secondMs);
    expect(await world.total()).toBe(1);
    const [{ name } = expect.fail(), ...others] = await Array.fromAsync(
      world.failedRecords.list(deadLetterPrefix),
    );
    expect(others).toEqual([]);
    expect(name).toMatch(/^dead-letters\/noisy\/production\/0\/noisy-1\.0-/);
    const { reason, records } = readDeadLetter((await world.failedRecords.get(name)) ?? expect.fail());
    expect(reason).toBe('outage');
    expect(records.map(({ partitionKey, data }) => [partitionKey, [...data]])).toEqual(
      own.map(({ partitionKey, data }) => [partitionKey, [...data]]),
    );
    expect(world.meter.total(metricNames.deadLetteredRecords)).toBe(2);
  });

  it('delays no record of another lane, and the shard goes on', async () => {
    refuse(isNoisy);
    let countedMs = 0;
    vi.spyOn(world.meter, 'milliseconds').mockImplementation((_, ms) => {
      countedMs = ms;
    });

    await leaveOut();

    expect(countedMs).toBeLessThan(secondMs);
  });

  it('is not waited for longer because some of its records are stored', async () => {
    const put = MemoryLanes.prototype.putReceipts.bind(world.lanes);
    const isRefused = (each: RecordPlace) => each.record === 'noisy-1.0';
    vi.spyOn(world.lanes, 'putReceipts').mockImplementation(async (receipts) => {
      const results = await put(receipts.filter((each) => !isRefused(each)));
      return receipts.map((each) => (isRefused(each) ? 'undecided' : (results.shift() ?? 'undecided')));
    });

    const tookMs = await timeOf(() => world.consume(record(noisy), record(noisy), record(), record(noisy)));

    expect(await world.deadLettered()).toEqual([['noisy-1']]);
    expect(tookMs).toBeLessThan(4 * secondMs);
  });

  it('is served where the trouble ends while it is waited for', async () => {
    const end = refuse(isNoisy);
    const sleep = world.clock.sleep.bind(world.clock);
    vi.spyOn(world.clock, 'sleep').mockImplementation(async (ms) => {
      if (world.clock.slept.length === 3) end();
      await sleep(ms);
    });

    expect(await failuresOf(record(noisy), record())).toEqual([]);

    expect(await world.total({ ...lane, tenant: noisy })).toBe(1);
    expect(await world.deadLettered()).toEqual([]);
  });

  it('is waited for from its first try on, and tried twice, however long a try takes', async () => {
    const put = MemoryLanes.prototype.putReceipts.bind(world.lanes);
    vi.spyOn(world.lanes, 'putReceipts').mockImplementation(async (receipts) => {
      const others = receipts.filter((each) => !isNoisy(each.lane));
      if (others.length < receipts.length) world.clock.nowMs += 10 * secondMs;
      const results = await put(others);
      return receipts.map((each) => (isNoisy(each.lane) ? 'undecided' : (results.shift() ?? 'undecided')));
    });

    expect(await triesOf(leaveOut)).toBe(2);
    expect(await world.deadLettered()).toHaveLength(1);
  });

  it('is not tried for half a minute, and then for longer each time: others do not wait for it again', async () => {
    refuse(isNoisy);
    await leaveOut();
    const again = () => world.consume(record(noisy), record());

    expect(await triesOf(async () => expect(await timeOf(again)).toBe(0))).toBe(0);
    world.clock.nowMs += 31 * secondMs;
    expect(await triesOf(async () => expect(await timeOf(again)).toBe(0))).toBe(1);
    world.clock.nowMs += 31 * secondMs;
    expect(await triesOf(again)).toBe(0);

    expect(await world.deadLettered()).toHaveLength(4);
  });

  it('is tried at least every five minutes', async () => {
    refuse(isNoisy);
    await leaveOut();

    for (let times = 0; times < 10; times += 1) {
      world.clock.nowMs += 5 * minuteMs;
      expect(await triesOf(() => world.consume(record(noisy), record()))).toBe(1);
    }
  });

  it('is served again once the tables serve it, and then waited for again', async () => {
    const end = refuse(isNoisy);
    await leaveOut();
    end();
    world.clock.nowMs += 31 * secondMs;

    await world.consume(record(noisy), record());
    await world.consume(record(noisy));

    expect(await world.total({ ...lane, tenant: noisy })).toBe(2);
    refuse(isNoisy);
    expect(await timeOf(leaveOut)).toBeGreaterThanOrEqual(3 * secondMs);
  });

  it('is waited for again if its last trouble was long ago', async () => {
    refuse(isNoisy);
    await leaveOut();
    world.clock.nowMs += 6 * minuteMs;

    expect(await timeOf(leaveOut)).toBeGreaterThanOrEqual(3 * secondMs);
  });

  it.each([
    ['slot', { slot: 1 }],
    ['late events', { late: true }],
  ])('leaves the %s of its account on the stream', async (_, other) => {
    refuse((each) => isNoisy(each) && each.slot === 0 && !each.late);

    await world.consume(record(noisy), record(noisy, other));

    expect(await world.total({ tenant: noisy, slot: 0, late: false, ...other })).toBe(1);
    expect(await world.deadLettered()).toEqual([['noisy-1']]);
  });

  it('keeps its order: nothing of it is stored while a dead letter of its earlier records is being written', async () => {
    const end = refuse(isNoisy);
    await leaveOut();
    end();

    await world.consume(record(noisy));

    expect(await world.total({ ...lane, tenant: noisy })).toBe(0);
    expect(await world.deadLettered()).toEqual([['noisy-1'], ['noisy-3']]);
  });

  it('stays on the stream while the bucket does not take it, and leaves once it does', async () => {
    refuse(isNoisy);
    const closed = vi.spyOn(world.failedRecords, 'put').mockRejectedValue(new Unavailable('bucket'));
    const own = record(noisy);

    expect(await failuresOf(own, record())).toEqual([1]);
    expect(world.meter.total(metricNames.deadLetteredRecords)).toBe(0);
    closed.mockRestore();

    expect(await failuresOf(own)).toEqual([]);
    expect(await world.deadLettered()).toEqual([['noisy-1']]);
  });

  it.each([
    ['in part', undefined],
    ['with all that come in a call with them', new PartitionUnavailable('throttled')],
    ['by an error that names no partition', new Unavailable('timeout')],
  ])('is found %s', async (_, error) => {
    refuse(isNoisy, error);

    expect(await failuresOf(record(noisy), record())).toEqual([]);

    expect(await world.total()).toBe(1);
    expect(await world.deadLettered()).toEqual([['noisy-1']]);
  });
});

describe('a lane that is refused, in an invocation that has no other,', () => {
  it.each([
    ['in part', undefined],
    ['as a whole', new PartitionUnavailable('throttled')],
  ])('is found by its partition, and waited for longer: refused %s', async (_, error) => {
    refuse(isNoisy, error);

    const tookMs = await timeOf(async () => expect(await failuresOf(record(noisy))).toEqual([]));

    expect(await world.deadLettered()).toEqual([['noisy-1']]);
    expect(tookMs).toBeGreaterThanOrEqual(10 * secondMs);
    expect(tookMs).toBeLessThan(11 * secondMs);
  });

  it.each([
    ['late events', { late: true }],
    ['slot', { slot: 1 }],
    ['lane of another account', { tenant: tenantOf('louder') }],
  ])('leaves together with the %s, if that is refused too', async (_, other) => {
    refuse(isAny, new PartitionUnavailable('throttled'));

    const tookMs = await timeOf(async () =>
      expect(await failuresOf(record(noisy), record(noisy, other))).toEqual([]),
    );

    expect((await world.deadLettered()).toSorted()).toEqual([['noisy-1'], ['noisy-2']]);
    expect(tookMs).toBeLessThan(11 * secondMs);
  });

  it('is not waited for again by others', async () => {
    refuse(isNoisy);
    await world.consume(record(noisy));

    expect(await timeOf(leaveOut)).toBe(0);
    expect(await world.total()).toBe(1);
  });

  it('is waited for as long as each try stores some of its records', async () => {
    const put = MemoryLanes.prototype.putReceipts.bind(world.lanes);
    vi.spyOn(world.lanes, 'putReceipts').mockImplementation(async (receipts) => {
      world.clock.nowMs += 10 * secondMs;
      const [first] = await put(receipts.slice(0, 1));
      return receipts.map((_, index) => (index === 0 ? (first ?? 'undecided') : 'undecided'));
    });

    expect(await failuresOf(...Array.from({ length: 10 }, () => record(noisy)))).toEqual([]);

    expect(await world.total({ ...lane, tenant: noisy })).toBe(10);
    expect(await world.deadLettered()).toEqual([]);
  });
});

describe('an outage of all', () => {
  it.each([
    ['of one lane, by an error that names no partition', () => [record(noisy)], new Unavailable('down')],
    [
      'of several lanes of one account, by an error that names no partition',
      () => [record(noisy), record(noisy, { late: true })],
      new Unavailable('down'),
    ],
    [
      'of more lanes than are in trouble at once',
      () => Array.from({ length: 17 }, (_, slot) => record(noisy, { slot })),
      new PartitionUnavailable('throttled'),
    ],
  ] as const)('%s is waited for, and nothing leaves the stream', async (_, records, error) => {
    refuse(isAny, error);

    expect(await failuresOf(...records())).not.toEqual([]);
    expect(await world.deadLettered()).toEqual([]);
  });

  it('is what it is, too, if the records of another are decided already', async () => {
    const decided = record();
    await world.consume(decided);
    refuse(isAny, new Unavailable('down'));

    expect(await failuresOf(decided, record(noisy))).toEqual([2]);
    expect(await world.deadLettered()).toEqual([]);
  });

  it('is what it is, too, if few of many lanes are served', async () => {
    const lanes = Array.from({ length: 20 }, (_, slot) => record(noisy, { slot }));
    refuse((each) => isNoisy(each) && each.slot >= 3);
    expect(await failuresOf(...lanes)).toHaveLength(17);
    expect(await world.deadLettered()).toEqual([]);
  });

  it('ends what was known of a lane: it is waited for with the others', async () => {
    refuse(isNoisy);
    await leaveOut();
    world.clock.nowMs += 31 * secondMs;
    vi.mocked(world.lanes.putReceipts).mockRejectedValue(new Unavailable('down'));

    expect(await failuresOf(record(noisy), record())).toEqual([1, 2]);
    expect(await world.deadLettered()).toHaveLength(1);
  });
});

it('a lane that there is no time for is not refused', async () => {
  const put = world.lanes.putReceipts.bind(world.lanes);
  vi.spyOn(world.lanes, 'putReceipts').mockImplementationOnce((receipts) => {
    world.clock.nowMs += delivery.consumeTimeoutSeconds * secondMs;
    return put(receipts);
  });
  const own = record(noisy);
  expect(await failuresOf(own)).toEqual([1]);
  refuse(isNoisy);

  expect(await timeOf(() => world.consume(record(noisy), record()))).toBeGreaterThanOrEqual(3 * secondMs);
});

it('two sets of records never have one name: the later object would replace the earlier one', async () => {
  refuse(isNoisy);
  const [one, two] = [record(noisy), record(noisy)];
  await world.consume(one, two, record());
  await world.consume(one, record());
  await world.consume(one, two, record());

  expect(await world.deadLettered()).toHaveLength(2);
});
