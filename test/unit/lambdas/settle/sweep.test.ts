import { setImmediate } from 'node:timers/promises';
import { beforeEach, describe, expect, it, vi } from 'vitest';
import { deadLetterPrefix, lambdaPrefix, payloadName } from '../../../../domain/keys.ts';
import {
  finishDiscardAfterMs,
  longestInvocationMs,
  nextReplayAfterMs,
  payloadGraceMs,
  replayLeaseMs,
  settling,
  unavailableRetryAfterMs,
} from '../../../../domain/quarantine/quarantine.ts';
import { delivery } from '../../../../domain/record/delivery.ts';
import { metricNames } from '../../../../domain/service-levels/metrics.ts';
import { dayMs, minuteMs } from '../../../../domain/system/time.ts';
import { Unavailable } from '../../../../domain/system/unavailable.ts';
import type { SettleDeps } from '../../../../lambdas/settle/settle.ts';
import type { SweepResult } from '../../../../lambdas/settle/sweep.ts';
import { events, nowMs } from '../../../support/events.ts';
import { arrived, key, poison, record, sealed, tenant, tick, World, withCalls } from './fixture.ts';

let world: World;
beforeEach(() => {
  world = new World();
});

const unavailable = () => Promise.reject(new Unavailable('unavailable'));
const claimsUnavailable = () => ({
  ...world.deps(),
  identities: { claim: unavailable, release: unavailable },
});

async function untilNothingIsDue(deps = world.deps()): Promise<number> {
  let sweeps = 0;
  for (let [next] = await world.jobs(); next; [next] = await world.jobs()) {
    world.clock.nowMs = Math.max(world.clock.nowMs, next.dueAtMs);
    await world.settle(tick, deps);
    sweeps += 1;
    if (sweeps > 50) throw new Error('It never ends.');
  }
  return sweeps;
}

describe('a sweep settles', () => {
  it('a dead letter whose notification was lost, once there was time for it to arrive', async () => {
    await world.putDeadLetter();

    expect(await world.settle(tick)).toEqual({
      objects: { done: 0, failed: 0 },
      jobs: { done: 0, failed: 0 },
    });
    expect(await world.receipt()).toBeUndefined();
    world.clock.nowMs += 10 * minuteMs;
    expect(await world.settle(tick)).toMatchObject({ objects: { done: 1, failed: 0 } });

    expect(await world.receipt()).toMatchObject({ state: 'quarantined' });
    expect(await world.names(lambdaPrefix)).toEqual([]);
  });

  it('a dead letter of consume, at once: nothing else settles it', async () => {
    await world.putLaneLetter();

    expect(await world.settle(tick)).toMatchObject({ objects: { done: 1, failed: 0 } });

    expect(await world.receipt()).toMatchObject({ state: 'quarantined', reason: 'outage' });
    expect(await world.names(deadLetterPrefix)).toEqual([]);
  });

  it('the dead letters of other accounts, and few of an account that the tables still refuse', async () => {
    const commit = world.lanes.commit.bind(world.lanes);
    let tries = 0;
    vi.spyOn(world.lanes, 'commit').mockImplementation(async (change) => {
      if (change.changes.every(({ to }) => to.lane.tenant.account !== tenant.account)) return commit(change);
      tries += 1;
      throw new Unavailable('throttled');
    });
    for (let batch = 0; batch < 20; batch += 1)
      await world.putLaneLetter(sealed(events(1), { batchId: `b${batch}` }));
    const zeta = await world.putLaneLetter(sealed(events(1), { tenant: { ...tenant, account: 'zeta' } }));

    expect(await world.settle(tick)).toMatchObject({ objects: { done: 1 } });

    expect(await world.names(deadLetterPrefix)).toHaveLength(20);
    expect(await world.names(deadLetterPrefix)).not.toContain(zeta);
    expect(tries).toBeLessThanOrEqual(2);
  });

  it('the others if one object cannot be settled, which it logs and leaves', async () => {
    await world.failedRecords.put(`${lambdaPrefix}0`, Buffer.from('noise'));
    await world.putDeadLetter();
    world.clock.nowMs += 10 * minuteMs;

    expect(await world.settle(tick)).toMatchObject({ objects: { done: 1, failed: 1 } });

    expect(await world.names(lambdaPrefix)).toEqual([`${lambdaPrefix}0`]);
    expect(world.logger.error).toHaveBeenCalledWith(
      'a sweep leaves something undone',
      expect.objectContaining({ object: `${lambdaPrefix}0` }),
    );
    expect(world.meter.total(metricNames.leftUndone)).toBe(1);
  });

  it('nothing but dead letters', async () => {
    await world.failedRecords.put('unreadable/1', Buffer.from('noise'));
    world.clock.nowMs += 10 * minuteMs;

    await world.settle(tick);

    expect(await world.names()).toEqual(['unreadable/1']);
  });
});

describe('a record that was quarantined after an outage', () => {
  it('is replayed automatically once, when it is due', async () => {
    await world.quarantined('outage');

    await world.settle(tick);
    expect(await world.total()).toBe(0);
    expect(await untilNothingIsDue()).toBe(1);
    expect(world.meter.total(metricNames.abandonedRecords)).toBe(0);

    expect(await world.state()).toMatchObject({ receipt: { state: 'counted' }, total: 5, bucket: [] });
  });

  /** How long the first jobs wait, each from the sweep before it. */
  async function waitsOf(jobs: number, deps: () => SettleDeps): Promise<number[]> {
    const waits: number[] = [];
    let sinceMs = world.clock.nowMs;
    for (let [next] = await world.jobs(); next && waits.length < jobs; [next] = await world.jobs()) {
      waits.push(Math.round((next.dueAtMs - sinceMs) / minuteMs));
      sinceMs = world.clock.nowMs = next.dueAtMs;
      await world.settle(tick, deps());
    }
    return waits;
  }

  it('is tried every quarter of an hour while the outage lasts, however long', async () => {
    await world.quarantined('outage');

    expect(await waitsOf(60, claimsUnavailable)).toEqual([5, ...Array(59).fill(15)]);
    expect(world.meter.total(metricNames.abandonedRecords)).toBe(0);
    await world.settle(tick);
    await untilNothingIsDue();

    expect(await world.receipt()).toMatchObject({ state: 'counted' });
  });

  it('is tried after longer and longer waits if it is at fault, and then waits for an operator', async () => {
    await world.quarantined('outage', poison());

    const waits = await waitsOf(9, () => world.deps());

    expect(waits).toEqual([5, 15, 45, 135, 405]);
    expect(nextReplayAfterMs(waits.length)).toBeUndefined();
    expect(await world.entry()).toMatchObject({ reason: 'outage', attempts: 5, leaseUntilMs: 0 });
  });

  it('has as many automatic tries, however often an operator replays it', async () => {
    await world.quarantined('outage', poison());
    for (let time = 0; time < 9; time += 1)
      expect(await world.ask('replay')).toMatchObject({ outcome: 'failed' });

    expect(await waitsOf(9, () => world.deps())).toEqual([5, 15, 45, 135, 405]);
    expect(await world.entry()).toMatchObject({ attempts: 14 });
  });

  it('is no longer replayed after as many tries if the record is at fault', async () => {
    await world.quarantined('outage', poison());

    expect(await untilNothingIsDue()).toBe(5);
    expect(await world.entry()).toMatchObject({ attempts: 5 });
    expect(world.meter.total(metricNames.abandonedRecords)).toBe(1);
    expect(world.meter.published).toBeGreaterThan(1);
    expect(world.logger.error).toHaveBeenLastCalledWith('a record is no longer replayed automatically', {
      ...tenant,
      record,
      outcome: 'failed',
    });
  });

  it('and crashes the function each time uses up only its own attempts', async () => {
    const others = ['c', 'd', 'e', 'f'];
    await world.quarantined('outage');
    for (const batchId of others) await world.quarantined('outage', sealed(events(2), { batchId }));
    const never = new Promise<never>(() => undefined);
    const mortal = () => {
      const deps = world.deps();
      let isDead = false;
      const { identities, lanes } = deps;
      const claim: typeof identities.claim = (claims) => {
        isDead ||= claims[0]?.record === record;
        return isDead ? never : identities.claim(claims);
      };
      const commit: typeof lanes.commit = (change) => (isDead ? never : lanes.commit(change));
      return {
        ...deps,
        identities: { claim, release: unavailable },
        lanes: withCalls(lanes, { commit }),
      };
    };

    for (let sweeps = 0; sweeps < 4; sweeps += 1) {
      world.clock.nowMs += replayLeaseMs;
      await Promise.race([world.settle(tick, mortal()), setImmediate()]);
    }

    for (const batchId of others) expect(await world.receipt(batchId)).toMatchObject({ state: 'counted' });
    expect(await world.receipt()).toMatchObject({ state: 'quarantined' });
    // Those that were in hand with it have lost one try, and none after it.
    expect(world.meter.total(metricNames.abandonedRecords)).toBe(0);
  });

  it('is replayed even if finishing a discard crashes the function each time', async () => {
    await world.quarantined('crashed');
    await world.ask('discard');
    world.clock.nowMs += finishDiscardAfterMs;
    await world.quarantined('outage', sealed(events(2), { batchId: 'c' }));
    world.clock.nowMs += nextReplayAfterMs(0) ?? 0;
    const never = () => new Promise<never>(() => undefined);
    const deadly = () => ({ ...world.deps(), pages: withCalls(world.pages, { remove: never }) });

    for (const waitMs of [replayLeaseMs, minuteMs, 0]) {
      await Promise.race([world.settle(tick, deadly()), setImmediate()]);
      world.clock.nowMs += waitMs;
    }

    expect(await world.receipt('c')).toMatchObject({ state: 'counted' });
    expect(await world.jobs()).toMatchObject([{ kind: 'discard' }]);
    await untilNothingIsDue();
    expect(await world.names()).toEqual([]);
  });

  it('and crashes the function each time is no longer replayed after as many tries', async () => {
    await world.quarantined('outage');
    const never = () => new Promise<never>(() => undefined);
    let began = 0;
    const deadly = () => {
      const deps = world.deps();
      const claim = () => {
        began += 1;
        return never();
      };
      // A dead function neither releases its lease nor its job.
      return { ...deps, identities: { ...deps.identities, claim, release: unavailable } };
    };

    for (let [next] = await world.jobs(); next; [next] = await world.jobs()) {
      world.clock.nowMs = next.dueAtMs;
      await Promise.race([world.settle(tick, deadly()), setImmediate()]);
      if (began > 9) throw new Error('It never ends.');
    }

    expect(began).toBe(5);
    expect(world.meter.total(metricNames.abandonedRecords)).toBe(1);
    expect(await world.receipt()).toMatchObject({ state: 'quarantined' });
  });

  it('is left to the replay that holds the lease, and retried when the lease has expired', async () => {
    await world.quarantined('outage');
    const entry = await world.entry();
    const [job] = await world.jobs();
    world.clock.nowMs = job?.dueAtMs ?? 0;
    if (entry) await world.quarantine.lease(entry, world.clock.nowMs, world.clock.nowMs + minuteMs);

    await world.settle(tick);
    expect(await world.total()).toBe(0);
    const [again, ...others] = await world.jobs();

    expect(others).toEqual([]);
    expect(again?.dueAtMs).toBeGreaterThan(world.clock.nowMs + minuteMs);
    await untilNothingIsDue();
    expect(await world.total()).toBe(5);
  });

  it.each([
    ['counted', () => world.ask('replay')],
    ['discarded', () => world.ask('discard')],
    ['without a payload', () => world.failedRecords.remove(payloadName(tenant, record))],
  ])('and is %s meanwhile is no longer replayed', async (_what, meanwhile) => {
    await world.quarantined('outage');
    await meanwhile();
    const total = await world.total();

    const jobs = (await world.jobs()).length;

    expect(await untilNothingIsDue()).toBe(jobs);

    expect(await world.total()).toBe(total);
  });

  it('has one job at a time, however many sweeps there are at once', async () => {
    await world.quarantined('outage', poison());
    for (let [next] = await world.jobs(); next; [next] = await world.jobs()) {
      world.clock.nowMs = next.dueAtMs;
      await Promise.all([world.settle(tick), world.settle(tick)]);
      expect((await world.jobs()).length).toBeLessThanOrEqual(1);
    }

    expect(await world.entry()).toMatchObject({ attempts: 5 });
  });
});

describe('among jobs', () => {
  const others = ['c', 'd', 'e'];
  beforeEach(async () => {
    await world.quarantined('outage', poison());
    for (const batchId of others)
      await world.quarantined(
        'outage',
        sealed([{ event_id: batchId, type: 't', timestamp: world.clock.nowMs }], { batchId }),
      );
    world.clock.nowMs += nextReplayAfterMs(0) ?? 0;
  });

  it('one that fails does not block the others', async () => {
    await world.settle(tick);

    for (const batchId of others) expect(await world.receipt(batchId)).toMatchObject({ state: 'counted' });
    expect(await world.receipt()).toMatchObject({ state: 'quarantined' });
  });

  it('one that cannot be moved does not block the others, and is not begun', async () => {
    const deps = world.deps();
    const quarantine = withCalls(deps.quarantine, {
      reschedule: (job, next) =>
        job.record === record ? unavailable() : world.quarantine.reschedule(job, next),
    });

    expect(await world.settle(tick, { ...deps, quarantine })).toMatchObject({ jobs: { done: 3, failed: 1 } });

    expect(await world.entry()).toMatchObject({ attempts: 0 });
    for (const batchId of others) expect(await world.receipt(batchId)).toMatchObject({ state: 'counted' });
  });

  it('none is started without enough time left, and all run at the next sweep', async () => {
    await world.settle(tick, world.deps(), () => minuteMs);
    expect(await world.receipt('c')).toMatchObject({ state: 'quarantined' });

    await world.settle(tick);
    expect(await world.receipt('c')).toMatchObject({ state: 'counted' });
  });

  it('no more are started shortly before the timeout', async () => {
    let leftMs = 300_000;
    const remainingMs = () => {
      leftMs -= 20_000;
      return leftMs;
    };

    const { jobs } = (await world.settle(tick, world.deps(), remainingMs)) as SweepResult;

    expect(jobs.done).toBeGreaterThan(0);
    expect(jobs.done).toBeLessThan(4);
    expect(await world.settle(tick)).toMatchObject({ jobs: { done: 4 - jobs.done } });
  });

  it('those of an account whose dependency is unavailable are left, and others run', async () => {
    const other = { ...tenant, account: 'other' };
    const many = Array.from({ length: 30 }, (_, index) => `many-${index}`);
    for (const batchId of many) await world.quarantined('outage', sealed(events(1), { batchId }));
    for (const batchId of ['y', 'z'])
      await world.quarantined('outage', sealed(events(1), { batchId, tenant: other }));
    world.clock.nowMs += nextReplayAfterMs(0) ?? 0;
    const deps = world.deps();
    let begun = 0;
    const claim: typeof world.identities.claim = (claims) => {
      if (!claims[0]?.key.startsWith('acme#')) return world.identities.claim(claims);
      begun += 1;
      return unavailable();
    };

    await world.settle(tick, { ...deps, identities: { claim, release: unavailable } });

    expect(begun).toBeGreaterThanOrEqual(4);
    expect(begun).toBeLessThanOrEqual(7);
    expect(await Array.fromAsync(world.quarantine.newest(other))).toEqual([]);
    world.clock.nowMs += unavailableRetryAfterMs;
    await world.settle(tick);
    for (const batchId of many) expect(await world.receipt(batchId)).toMatchObject({ state: 'counted' });
  });

  it('those that have ended the function run alone, after all others', async () => {
    const [first] = await world.jobs();
    if (first) await world.quarantine.reschedule(first, { ...first, isUnfinished: true });
    const begun: string[] = [];
    const deps = world.deps();
    const quarantine = withCalls(deps.quarantine, {
      find: (place) => {
        begun.push(place.record);
        return world.quarantine.find(place);
      },
    });

    await world.settle(tick, { ...deps, quarantine });

    expect(begun).toHaveLength(4);
    expect(begun.at(-1)).toBe(first?.record);
  });

  it('all run even if the bucket cannot be listed', async () => {
    const deps = world.deps();
    const failedRecords = {
      ...deps.failedRecords,
      get: world.failedRecords.get.bind(world.failedRecords),
      remove: world.failedRecords.remove.bind(world.failedRecords),
      put: unavailable,
      // biome-ignore lint/correctness/useYield: it fails before the first one
      list: async function* (): AsyncGenerator<never> {
        throw new Unavailable('unavailable');
      },
    };

    expect(await world.settle(tick, { ...deps, failedRecords })).toMatchObject({
      objects: { done: 0, failed: 1 },
      jobs: { done: 4, failed: 0 },
    });
  });
});

describe('a payload', () => {
  const name = payloadName(tenant, record);

  it.each(['crashed', 'outage'] as const)(
    'of a record that was %s is removed an hour after its events would have expired, and not before',
    async (reason) => {
      await world.quarantined(reason, poison());
      world.clock.nowMs = nowMs + 30 * dayMs + payloadGraceMs - 1;
      await world.settle(tick);
      expect(await world.names()).toEqual([name]);

      world.clock.nowMs += 1;
      await world.settle(tick);

      expect(await world.names()).toEqual([]);
      expect(await world.ask('replay')).toMatchObject({ outcome: 'payload_gone' });
    },
  );

  it('is removed even if its record got no receipt, because the function ended in between', async () => {
    const deps = world.deps();
    const dying = { ...deps, lanes: withCalls(deps.lanes, { commit: unavailable }) };
    await world.putDeadLetter([sealed()]);
    await expect(world.settle(arrived, dying)).rejects.toThrow(Unavailable);
    expect(await world.names(name)).toEqual([name]);
    await world.failedRecords.remove(key);

    world.clock.nowMs = nowMs + 30 * dayMs + payloadGraceMs;
    await world.settle(tick);

    expect(await world.names()).toEqual([]);
  });
});

it('a discard that begins while the events are kept finds the payload', () => {
  expect(payloadGraceMs).toBeGreaterThan(finishDiscardAfterMs + settling.sweepEveryMinutes * minuteMs);
});

it('a lease and the wait of a discard are longer than the longest invocation', () => {
  const longestMs = Math.max(delivery.consumeTimeoutSeconds, settling.timeoutSeconds) * 1000;

  expect(longestInvocationMs).toBeGreaterThan(longestMs);
  expect(replayLeaseMs).toBeGreaterThan(longestMs);
  expect(finishDiscardAfterMs).toBeGreaterThan(longestMs);
});
