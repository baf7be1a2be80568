// Whatever call fails, and however, the next run ends in the state that one run without a failure ends in; and so do two
// that run at once, in whatever order their calls come.

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  claimGraceMs,
  finishDiscardAfterMs,
  jobRetryAfterMs,
  nextReplayAfterMs,
  replayLeaseMs,
} from '../../../../domain/quarantine/quarantine.ts';
import { hourMs } from '../../../../domain/system/time.ts';
import type { SettleDeps } from '../../../../lambdas/settle/settle.ts';
import { events } from '../../../support/events.ts';
import { arrived, asked, damaged, sealed, tick, World } from './fixture.ts';
import { failingAt, failures, interleave } from './ports-that-fail.ts';

type Story = {
  readonly what: string;
  readonly prepare: (world: World) => Promise<unknown>;
  readonly run: (world: World, deps: SettleDeps) => Promise<unknown>;
  /** Until the next run: a lease lapses, a job that was put off is due. */
  readonly waitMs: number;
};

const parkedRecords = [sealed(), Buffer.from('noise'), sealed(events(2), { batchId: 'c' }), sealed()];

const stories: readonly Story[] = [
  {
    what: 'an object is settled',
    prepare: (world) => world.park(parkedRecords),
    run: (world, deps) => world.settle(arrived, deps),
    waitMs: 0,
  },
  {
    what: 'an object is settled that holds a damaged record',
    prepare: (world) => world.park([damaged()], 'failed'),
    run: (world, deps) => world.settle(arrived, deps),
    waitMs: 0,
  },
  {
    what: 'a record is replayed',
    prepare: (world) => world.quarantined(),
    run: (world, deps) => world.settle(asked('replay'), deps),
    waitMs: replayLeaseMs,
  },
  {
    what: 'a record is replayed by itself',
    prepare: async (world) => {
      await world.quarantined('outage');
      world.clock.nowMs += nextReplayAfterMs(0) ?? 0;
    },
    run: (world, deps) => world.settle(tick, deps),
    waitMs: hourMs,
  },
  {
    what: 'a record is discarded',
    prepare: (world) => world.quarantined(),
    run: (world, deps) => world.settle(asked('discard'), deps),
    waitMs: 0,
  },
  {
    what: 'a discard is finished',
    prepare: async (world) => {
      await world.consume(sealed(events(3), { batchId: 'other' }));
      await world.quarantined('outage');
      await world.ask('discard');
      world.clock.nowMs += finishDiscardAfterMs;
    },
    run: (world, deps) => world.settle(tick, deps),
    waitMs: jobRetryAfterMs,
  },
];

/** A copy of what is counted serves nobody, and nobody waits for it to go. */
async function endOf(world: World) {
  const { bucket, ...state } = await world.state();
  const counted = state.receipt.state === 'counted';
  return { ...state, bucket: bucket.filter((name) => !counted || !name.startsWith('quarantine/')) };
}

describe.each(stories)('when $what', ({ prepare, run, waitMs }) => {
  const prepared = async () => {
    const world = new World();
    await prepare(world);
    return world;
  };

  it.each(failures)(
    'and $what any one call, the next run ends as if nothing had happened',
    async (failure) => {
      const undisturbed = await prepared();
      await run(undisturbed, undisturbed.deps());
      const expected = await endOf(undisturbed);
      let at = 1;
      for (let reached = true; reached; at += 1) {
        const world = await prepared();
        const failing = failingAt(world.deps(), at, failure);
        await run(world, failing.deps).catch(() => undefined);
        reached = failing.reached();
        world.clock.nowMs += waitMs;
        await run(world, world.deps());
        expect(await endOf(world), `at call ${at}`).toEqual(expected);
      }
      expect(at).toBeGreaterThan(3);
    },
  );
});

/** Everything that is left to do is done, however long that takes. */
async function atLast(world: World): Promise<void> {
  for (let round = 0; round < 20; round += 1) {
    world.clock.nowMs += hourMs;
    await world.settle(tick);
  }
}

type Rivals = readonly [string, (world: World) => Promise<unknown>, Process, Process];
type Process = (world: World) => (deps: SettleDeps) => Promise<unknown>;

const settling: Process = (world) => (deps) => world.settle(arrived, deps);
const consuming: Process = (world) => (deps) => world.consume(sealed(), deps);
const asking =
  (action: 'replay' | 'discard'): Process =>
  (world) =>
  (deps) =>
    world.settle(asked(action), deps);
const sweeping: Process = (world) => (deps) => world.settle(tick, deps);

const parked = (world: World) => world.park();
const aside = (world: World) => world.quarantined('crashed');
const dueNow = async (world: World) => {
  await world.quarantined('outage');
  world.clock.nowMs += nextReplayAfterMs(0) ?? 0;
};
const toFinish = async (world: World) => {
  await world.quarantined('outage');
  await world.ask('discard');
  world.clock.nowMs += finishDiscardAfterMs;
};

const rivals: readonly Rivals[] = [
  ['two settle one object', parked, settling, settling],
  ['a consumer counts what is settled', parked, settling, consuming],
  ['two replay one record', aside, asking('replay'), asking('replay')],
  ['a consumer counts what is replayed', aside, asking('replay'), consuming],
  ['a record is discarded while it is replayed', aside, asking('replay'), asking('discard')],
  ['a record is discarded while a consumer has it', aside, consuming, asking('discard')],
  ['two discard one record', aside, asking('discard'), asking('discard')],
  ['two sweeps meet', dueNow, sweeping, sweeping],
  ['an operator replays what a sweep replays', dueNow, sweeping, asking('replay')],
  ['an operator discards what a sweep replays', dueNow, sweeping, asking('discard')],
  ['two sweeps finish one discard', toFinish, sweeping, sweeping],
];

describe.each(rivals)('%s', (_what, prepare, one, other) => {
  it('and whatever the order of their calls, it is counted once or gone without a trace', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(fc.boolean(), { minLength: 1, maxLength: 24 }), async (turns) => {
        const world = new World();
        await prepare(world);

        await interleave(world.deps(), [one(world), other(world)], turns);
        await atLast(world);

        const { receipt, total, intake, events: stored, inList, jobs } = await endOf(world);
        expect(intake).toMatchObject({ received: 5, imbalance: 0 });
        expect(jobs).toEqual([]);
        expect(await world.names('aws/')).toEqual([]);
        const ends = {
          counted: { total: 5, stored: 5, quarantined: 0, inList: false },
          quarantined: { total: 0, stored: 0, quarantined: 5, inList: true },
          discarded: { total: 0, stored: 0, quarantined: 5, inList: false },
        };
        expect({ total, stored: stored.length, quarantined: intake.quarantined, inList }).toEqual(
          ends[receipt.state ?? 'quarantined'],
        );
        if (receipt.state !== 'discarded') return;
        expect(await world.names()).toEqual([]);
        for (const { untilMs } of world.identities.held.values())
          expect(untilMs).toBeLessThanOrEqual(world.clock.nowMs + claimGraceMs);
      }),
      { numRuns: 100 },
    );
  });
});
