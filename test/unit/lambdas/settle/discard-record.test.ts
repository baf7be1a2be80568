import { beforeEach, describe, expect, it } from 'vitest';
import { payloadName } from '../../../../domain/keys.ts';
import {
  claimGraceMs,
  finishDiscardAfterMs,
  jobRetryAfterMs,
  longestInvocationMs,
  settling,
} from '../../../../domain/quarantine/quarantine.ts';
import { delivery } from '../../../../domain/record/delivery.ts';
import { Unavailable } from '../../../../domain/system/unavailable.ts';
import { events } from '../../../support/events.ts';
import { poison, record, sealed, tenant, tick, World } from './fixture.ts';

let world: World;
beforeEach(() => {
  world = new World();
});

const name = payloadName(tenant, record);
const away = () => Promise.reject(new Unavailable('away'));

/** Stored as far as it goes without being counted, and in quarantine. */
async function halfStored() {
  const deps = world.deps();
  const counts = { receipts: async () => [], documents: away, commit: away };
  await expect(world.consume(sealed(), { ...deps, counts })).rejects.toThrow('away');
  await world.quarantined('outage');
}

async function finish() {
  world.clock.nowMs += finishDiscardAfterMs;
  return world.settle(tick);
}

describe('a discard', () => {
  it('turns the receipt at once, and nobody counts the record any more', async () => {
    await world.quarantined();

    expect(await world.ask('discard')).toEqual({ outcome: 'discarded' });

    expect(await world.receipt()).toMatchObject({ state: 'discarded', reason: 'crashed', accepted: 5 });
    expect(await world.entry()).toBeUndefined();
    expect(await world.consume()).toEqual([]);
    expect(await world.ask('replay')).toEqual({ outcome: 'not_in_quarantine' });
    expect(await world.total()).toBe(0);
  });

  it('leaves its events in the count of those set aside, so that what was received adds up', async () => {
    await world.quarantined();

    await world.ask('discard');
    await finish();

    expect(await world.intake()).toMatchObject({ received: 5, quarantined: 5, imbalance: 0 });
  });

  it('takes nothing away before whoever began earlier is done', async () => {
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

  it('frees its claims after a moment: what is sent again before is told duplicate, and afterwards is stored', async () => {
    await halfStored();
    await world.ask('discard');
    await finish();
    const resent = (batchId: string) =>
      world.consume(sealed(events(5), { batchId, receivedAtMs: world.clock.nowMs }));

    expect((await resent('soon'))[0]).toMatchObject({ duplicates: 5, fresh: [] });
    world.clock.nowMs += claimGraceMs + 1;
    expect((await resent('later'))[0]).toMatchObject({ duplicates: 0, fresh: { length: 5 } });
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
  ])('of what %s changes nothing', async (_what, prepare) => {
    await prepare();
    const receipt = await world.receipt();
    const jobs = await world.jobs();

    expect(await world.ask('discard')).toEqual({ outcome: 'not_in_quarantine' });
    expect(await world.receipt()).toEqual(receipt);
    expect(await world.jobs()).toEqual(jobs);
  });

  it('that loses to whoever counts at that moment says so', async () => {
    await world.quarantined();
    const deps = world.deps();
    const counts = {
      receipts: (of: Parameters<typeof world.counts.receipts>[0]) => world.counts.receipts(of),
      documents: (keys: Parameters<typeof world.counts.documents>[0]) => world.counts.documents(keys),
      commit: async (commit: Parameters<typeof world.counts.commit>[0]) => {
        await world.ask('replay');
        return world.counts.commit(commit);
      },
    };

    expect(await world.ask('discard', { ...deps, counts })).toEqual({ outcome: 'not_in_quarantine' });
    expect(await world.receipt()).toMatchObject({ state: 'counted' });
  });

  it('of a record that our own code fails at is finished too: nothing can have been stored of it', async () => {
    await world.quarantined('failed', poison());
    await world.ask('discard');

    await finish();

    expect(await world.names()).toEqual([]);
    expect(await world.jobs()).toEqual([]);
    expect(world.logger.error).toHaveBeenCalledWith(
      expect.stringContaining('nothing was stored of it'),
      expect.objectContaining({ ...tenant, record }),
    );
  });

  it('takes nothing of a record away whose receipt does not say so', async () => {
    await halfStored();
    const receipt = await world.receipt();
    if (receipt) {
      const { receivedAtMs } = receipt;
      const job = { kind: 'discard', dueAtMs: world.clock.nowMs, tenant, record, receivedAtMs } as const;
      world.quarantine.apply({ to: receipt, job });
    }

    await world.settle(tick);

    expect(world.pages.eventIds()).toHaveLength(5);
    expect(await world.names()).toEqual([name]);
  });

  it('whose payload has expired has come to its end', async () => {
    await world.quarantined();
    await world.ask('discard');
    await world.failedRecords.remove(name);

    await finish();

    expect(await world.jobs()).toEqual([]);
  });

  it('waits for whoever read the receipt just before it was turned, however long turning it took', () => {
    expect(finishDiscardAfterMs).toBeGreaterThanOrEqual(
      delivery.consumeTimeoutSeconds * 1000 + settling.timeoutSeconds * 1000,
    );
  });

  it('that cannot be finished is put off, and finished later', async () => {
    await halfStored();
    await world.ask('discard');
    world.clock.nowMs += finishDiscardAfterMs;
    await world.settle(tick, { ...world.deps(), pages: { write: away, remove: away } });
    expect((await world.jobs()).map(({ dueAtMs }) => dueAtMs)).toContain(world.clock.nowMs + jobRetryAfterMs);

    world.clock.nowMs += jobRetryAfterMs;
    await world.settle(tick);

    expect(world.pages.eventIds()).toEqual([]);
    expect(await world.names()).toEqual([]);
  });
});
