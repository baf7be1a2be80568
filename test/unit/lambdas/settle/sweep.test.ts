import { setImmediate } from 'node:timers/promises';
import { beforeEach, describe, expect, it } from 'vitest';
import { lambdaPrefix, payloadName } from '../../../../domain/keys.ts';
import {
  finishDiscardAfterMs,
  type Job,
  longestInvocationMs,
  nextReplayAfterMs,
  replayLeaseMs,
  settling,
} from '../../../../domain/quarantine/quarantine.ts';
import { delivery } from '../../../../domain/record/delivery.ts';
import { metricNames } from '../../../../domain/service-levels/metrics.ts';
import { minuteMs } from '../../../../domain/system/time.ts';
import { Unavailable } from '../../../../domain/system/unavailable.ts';
import type { SweepResult } from '../../../../lambdas/settle/sweep.ts';
import { events } from '../../../support/events.ts';
import { poison, record, sealed, tenant, tick, World, withCalls } from './fixture.ts';

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

  it('is retried after longer and longer waits while the outage lasts, and then waits for an operator', async () => {
    await world.quarantined('outage');
    const waits: number[] = [];
    let sinceMs = world.clock.nowMs;
    for (let [next] = await world.jobs(); next; [next] = await world.jobs()) {
      waits.push(Math.round((next.dueAtMs - sinceMs) / minuteMs));
      sinceMs = world.clock.nowMs = next.dueAtMs;
      await world.settle(tick, claimsUnavailable());
    }

    expect(waits).toEqual([5, 15, 45, 135, 405]);
    expect(nextReplayAfterMs(waits.length)).toBeUndefined();
    expect(await world.entry()).toMatchObject({ reason: 'outage', attempts: 5, leaseUntilMs: 0 });
    expect(await world.ask('replay')).toMatchObject({ outcome: 'stored' });
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
      world.clock.nowMs += nextReplayAfterMs(0) ?? 0;
      await Promise.race([world.settle(tick, mortal()), setImmediate()]);
    }

    for (const batchId of others) expect(await world.receipt(batchId)).toMatchObject({ state: 'counted' });
    expect(await world.receipt()).toMatchObject({ state: 'quarantined' });
  });

  it('is replayed even if finishing a discard crashes the function each time', async () => {
    await world.quarantined('crashed');
    await world.ask('discard');
    world.clock.nowMs += finishDiscardAfterMs;
    await world.quarantined('outage', sealed(events(2), { batchId: 'c' }));
    world.clock.nowMs += nextReplayAfterMs(0) ?? 0;
    const never = () => new Promise<never>(() => undefined);
    const deadly = () => ({ ...world.deps(), pages: { ...world.pages, write: never, remove: never } });

    await Promise.race([world.settle(tick, deadly()), setImmediate()]);
    world.clock.nowMs += minuteMs;
    await world.settle(tick);

    expect(await world.receipt('c')).toMatchObject({ state: 'counted' });
    expect(await world.jobs()).toMatchObject([{ kind: 'discard' }]);
    await untilNothingIsDue();
    expect(await world.names()).toEqual([]);
  });

  it('and crashes the function each time is no longer replayed after as many tries', async () => {
    await world.quarantined('outage');
    const entry = await world.entry();
    for (let attempt = 0; attempt < 5; attempt += 1) {
      const nowMs = world.clock.nowMs;
      if (entry) expect(await world.quarantine.lease(entry, nowMs, nowMs + 1)).toBe(true);
      world.clock.nowMs += minuteMs;
    }

    expect(await untilNothingIsDue()).toBe(1);
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
    await world.quarantined('outage');
    for (let [next] = await world.jobs(); next; [next] = await world.jobs()) {
      world.clock.nowMs = next.dueAtMs;
      await Promise.all([world.settle(tick, claimsUnavailable()), world.settle(tick, claimsUnavailable())]);
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

  it('one that cannot be rescheduled does not block the others, and runs once a sweep', async () => {
    const tried: string[] = [];
    const reschedule = async (job: Job, dueAtMs?: number) => {
      if (job.record !== record) return world.quarantine.reschedule(job, dueAtMs);
      tried.push(job.record);
      return unavailable();
    };
    const { quarantine } = world;
    const deps = world.deps();
    const changed = {
      jobs: (nowMs: number) =>
        quarantine.jobs(nowMs, 1).then((due) => (tried.length > 0 ? quarantine.jobs(nowMs, 100) : due)),
      find: quarantine.find.bind(quarantine),
      lease: quarantine.lease.bind(quarantine),
      release: quarantine.release.bind(quarantine),
      reschedule,
    };

    expect(await world.settle(tick, { ...deps, quarantine: changed })).toMatchObject({
      jobs: { done: 3, failed: 1 },
    });

    expect(tried).toHaveLength(1);
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
      leftMs -= 70_000;
      return leftMs;
    };

    const { jobs } = (await world.settle(tick, world.deps(), remainingMs)) as SweepResult;

    expect(jobs.done).toBeGreaterThan(0);
    expect(jobs.done).toBeLessThan(4);
    expect(await world.settle(tick)).toMatchObject({ jobs: { done: 4 - jobs.done } });
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

it('a lease and the wait of a discard are longer than the longest invocation', () => {
  const longestMs = Math.max(delivery.consumeTimeoutSeconds, settling.timeoutSeconds) * 1000;

  expect(longestInvocationMs).toBeGreaterThan(longestMs);
  expect(replayLeaseMs).toBeGreaterThan(longestMs);
  expect(finishDiscardAfterMs).toBeGreaterThan(longestMs);
});
