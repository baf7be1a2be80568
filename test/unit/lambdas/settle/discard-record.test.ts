import { beforeEach, describe, expect, it } from 'vitest';
import { payloadName } from '../../../../domain/keys.ts';
import {
  claimGraceMs,
  finishDiscardAfterMs,
  longestInvocationMs,
  newJob,
  replayLeaseMs,
  settling,
} from '../../../../domain/quarantine/quarantine.ts';
import { delivery } from '../../../../domain/record/delivery.ts';
import { dayMs, minuteMs } from '../../../../domain/system/time.ts';
import { Unavailable } from '../../../../domain/system/unavailable.ts';
import { finishDiscard } from '../../../../lambdas/settle/discard-record.ts';
import { events, nowMs } from '../../../support/events.ts';
import { ofLaterVersion } from '../../../support/later-version.ts';
import { damaged, lane, poison, record, sealed, tenant, tick, World, withCalls } from './fixture.ts';

let world: World;
beforeEach(() => {
  world = new World();
});

const name = payloadName(tenant, record);
const unavailable = () => Promise.reject(new Unavailable('unavailable'));

/** Its identities are claimed and its pages written, but it is not counted; then it is quarantined. */
async function halfStored() {
  const deps = world.deps();
  const lanes = withCalls(deps.lanes, { putReceipts: unavailable });
  await expect(world.consume(sealed(), { ...deps, lanes })).rejects.toThrow('unavailable');
  await world.quarantined('outage');
}

async function finish() {
  world.clock.nowMs += finishDiscardAfterMs;
  return world.settle(tick);
}

describe('a discard', () => {
  it('changes the receipt at once, and the record is never counted', async () => {
    await world.quarantined();

    expect(await world.ask('discard')).toEqual({ outcome: 'discarded' });

    expect(await world.receipt()).toMatchObject({ state: 'discarded', reason: 'crashed', accepted: 5 });
    expect(await world.entry()).toBeUndefined();
    expect(await world.consume()).toEqual([]);
    expect(await world.ask('replay')).toEqual({ outcome: 'not_in_quarantine' });
    expect(await world.total()).toBe(0);
  });

  it('leaves its events counted as quarantined, so that the intake adds up', async () => {
    await world.quarantined();

    await world.ask('discard');
    await finish();

    expect(await world.intake()).toMatchObject({ received: 5, quarantined: 5, imbalance: 0 });
  });

  it('removes nothing before every earlier try has ended', async () => {
    await halfStored();
    await world.ask('discard');

    world.clock.nowMs += finishDiscardAfterMs - 1;
    await world.settle(tick);
    expect(world.pages.eventIds()).toHaveLength(5);
    expect(await world.names()).toEqual([name]);
    expect(finishDiscardAfterMs).toBeGreaterThanOrEqual(longestInvocationMs + settling.timeoutSeconds * 1000);

    world.clock.nowMs += 1;
    await world.settle(tick);
    expect(world.pages.eventIds()).toEqual([]);
    expect(await world.names()).toEqual([]);
    expect(await world.jobs()).toEqual([]);
  });

  it.each([
    ['can be decoded', sealed()],
    ['cannot be decoded', damaged()],
  ])('frees the ids of a record that %s, and only once', async (_, data) => {
    await world.quarantined('crashed', data);
    await world.ask('discard');
    const remove = world.failedRecords.remove.bind(world.failedRecords);
    world.failedRecords.remove = () => Promise.reject(new Unavailable('unavailable'));
    await finish();
    const first = (await world.receipt())?.freedAtMs;
    world.failedRecords.remove = remove;

    world.clock.nowMs += dayMs;
    await world.settle(tick);

    expect(first).toBeGreaterThan(nowMs);
    expect((await world.receipt())?.freedAtMs).toBe(first);
    expect(await world.names()).toEqual([]);
  });

  it('says once when the ids are free, also where two finish it at once: a verdict must not change', async () => {
    await world.quarantined();
    await world.ask('discard');
    world.clock.nowMs += finishDiscardAfterMs;
    const deps = world.deps();
    const lanes = withCalls(deps.lanes, {
      commit: async (commit) => {
        world.clock.nowMs += minuteMs;
        await world.settle(tick, { ...world.deps(), failedRecords: withoutRemoval });
        return world.lanes.commit(commit);
      },
    });
    const withoutRemoval = withCalls(deps.failedRecords, { remove: unavailable });
    const [job] = await world.jobs();
    if (!job) throw new Error('no job');
    const freedAtMs = world.clock.nowMs + minuteMs + claimGraceMs;

    await finishDiscard({ ...deps, lanes }, job);

    expect((await world.receipt())?.freedAtMs).toBe(freedAtMs);
  });

  it('waits for a release that can tell what of a record of a later version was stored', async () => {
    await world.quarantined('newer_version');
    await world.failedRecords.put(name, ofLaterVersion(sealed()));
    await world.ask('discard');

    await finish();

    expect(await world.names()).toEqual([name]);
    expect(await world.jobs()).toHaveLength(1);
  });

  it('leaves the pages and the claims of others alone', async () => {
    const [first, ...rest] = events(5);
    await world.consume(sealed(first && [first], { batchId: 'other' }));
    await halfStored();
    await world.ask('discard');

    await finish();

    expect(world.pages.eventIds()).toEqual([first?.event_id]);
    const freed = [...world.identities.held.values()].filter(
      ({ untilMs }) => untilMs <= world.clock.nowMs + claimGraceMs,
    );
    expect(freed).toHaveLength(rest.length);
  });

  it('releases its claims after a while: an event sent again before is a duplicate, and stored afterwards', async () => {
    await halfStored();
    await world.ask('discard');
    await finish();
    const resent = (batchId: string) =>
      world.consume(sealed(events(5), { batchId, receivedAtMs: world.clock.nowMs }));

    expect((await resent('soon'))[0]).toMatchObject({ duplicates: 5, stored: 0 });
    world.clock.nowMs += claimGraceMs + 1;
    expect((await resent('later'))[0]).toMatchObject({ duplicates: 0, stored: 5 });
  });

  it.each([
    ['never was in quarantine', async () => {}],
    ['is counted', () => world.consume()],
    [
      'is discarded',
      async () => {
        await world.quarantined();
        await world.ask('discard');
      },
    ],
  ])('of a record that %s changes nothing', async (_what, prepare) => {
    await prepare();
    const receipt = await world.receipt();
    const jobs = await world.jobs();

    expect(await world.ask('discard')).toEqual({ outcome: 'not_in_quarantine' });
    expect(await world.receipt()).toEqual(receipt);
    expect(await world.jobs()).toEqual(jobs);
  });

  it('of a record that is counted at that moment answers not_in_quarantine', async () => {
    await world.quarantined();
    const deps = world.deps();
    const lanes = withCalls(deps.lanes, {
      commit: async (commit) => {
        await world.ask('replay');
        return world.lanes.commit(commit);
      },
    });

    expect(await world.ask('discard', { ...deps, lanes })).toEqual({ outcome: 'not_in_quarantine' });
    expect(await world.receipt()).toMatchObject({ state: 'counted' });
  });

  it('of a record that our own code cannot decode is finished too: nothing of it is stored', async () => {
    await world.quarantined('failed', poison());
    await world.ask('discard');

    await finish();

    expect(await world.names()).toEqual([]);
    expect(await world.jobs()).toEqual([]);
    expect(world.logger.error).toHaveBeenCalledWith(
      expect.stringContaining('nothing of it was stored'),
      expect.objectContaining({ ...tenant, record }),
    );
  });

  it('removes nothing if the receipt is not discarded', async () => {
    await halfStored();
    const receipt = await world.receipt();
    if (receipt) {
      const { receivedAtMs } = receipt;
      const job = newJob('discard', { lane, record, receivedAtMs }, world.clock.nowMs);
      world.quarantine.apply({ to: receipt, job });
    }

    await world.settle(tick);

    expect(world.pages.eventIds()).toHaveLength(5);
    expect(await world.names()).toEqual([name]);
  });

  it('is finished if the payload has expired', async () => {
    await world.quarantined();
    await world.ask('discard');
    await world.failedRecords.remove(name);

    await finish();

    expect(await world.jobs()).toEqual([]);
  });

  it('waits for every try that read the receipt before it changed, however long the change took', () => {
    expect(finishDiscardAfterMs).toBeGreaterThanOrEqual(
      delivery.consumeTimeoutSeconds * 1000 + settling.timeoutSeconds * 1000,
    );
  });

  it('that cannot be finished is rescheduled, and finished later', async () => {
    await halfStored();
    await world.ask('discard');
    world.clock.nowMs += finishDiscardAfterMs;
    await world.settle(tick, { ...world.deps(), pages: { write: unavailable, remove: unavailable } });
    expect((await world.jobs()).map(({ dueAtMs }) => dueAtMs)).toContain(world.clock.nowMs + replayLeaseMs);

    world.clock.nowMs += replayLeaseMs;
    await world.settle(tick);

    expect(world.pages.eventIds()).toEqual([]);
    expect(await world.names()).toEqual([]);
  });
});
