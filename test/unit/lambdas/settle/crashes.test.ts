// If any one call fails in any way, the next run ends in the same state as a single run without a failure. So do two runs
// at once, in any order of their calls.

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  claimGraceMs,
  finishDiscardAfterMs,
  nextReplayAfterMs,
  replayLeaseMs,
} from '../../../../domain/quarantine/quarantine.ts';
import { hourMs } from '../../../../domain/system/time.ts';
import type { SettleDeps } from '../../../../lambdas/settle/settle.ts';
import { events } from '../../../support/events.ts';
import { failingAt, failures, interleave } from './failing-ports.ts';
import { arrived, asked, damaged, sealed, tick, World } from './fixture.ts';

type Story = {
  readonly what: string;
  readonly prepare: (world: World) => Promise<unknown>;
  readonly run: (world: World, deps: SettleDeps) => Promise<unknown>;
  /** Until the next run: a lease expires, or a rescheduled job is due. */
  readonly waitMs: number;
};

const failedRecords = [sealed(), Buffer.from('noise'), sealed(events(2), { batchId: 'c' }), sealed()];

const stories: readonly Story[] = [
  {
    what: 'a dead letter is settled',
    prepare: (world) => world.putDeadLetter(failedRecords),
    run: (world, deps) => world.settle(arrived, deps),
    waitMs: 0,
  },
  {
    what: 'a dead letter with a damaged record is settled',
    prepare: (world) => world.putDeadLetter([damaged()], 'failed'),
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
    what: 'a record is replayed automatically',
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
    waitMs: replayLeaseMs,
  },
];

/** Without the payload of a counted record: it may stay until it expires. */
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

  it.each(failures)('and $what any one call, the next run ends as if nothing had failed', async (failure) => {
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
  });
});

/** Runs sweeps until no work is left. */
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

const withDeadLetter = (world: World) => world.putDeadLetter();
const quarantined = (world: World) => world.quarantined('crashed');
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
  ['two settle one dead letter', withDeadLetter, settling, settling],
  ['a consumer counts what is settled', withDeadLetter, settling, consuming],
  ['two replay one record', quarantined, asking('replay'), asking('replay')],
  ['a consumer counts what is replayed', quarantined, asking('replay'), consuming],
  ['a record is discarded while it is replayed', quarantined, asking('replay'), asking('discard')],
  ['a record is discarded while a consumer has it', quarantined, consuming, asking('discard')],
  ['two discard one record', quarantined, asking('discard'), asking('discard')],
  ['two sweeps meet', dueNow, sweeping, sweeping],
  ['an operator replays what a sweep replays', dueNow, sweeping, asking('replay')],
  ['an operator discards what a sweep replays', dueNow, sweeping, asking('discard')],
  ['two sweeps finish one discard', toFinish, sweeping, sweeping],
];

describe.each(rivals)('%s', (_what, prepare, one, other) => {
  it('and in any order of their calls, it is counted once, in quarantine, or gone', async () => {
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
          void: undefined,
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
