// The consumer folds runs that were due before its records, and settles plain receipts that it meets.

import { setImmediate } from 'node:timers/promises';
import { describe, expect, it, vi } from 'vitest';
import { placeOf } from '../../../../domain/counting/receipt.ts';
import { listOf, nextRun } from '../../../../domain/counting/runs.ts';
import { positionAfter } from '../../../../domain/keys.ts';
import { hourMs, minuteMs, secondMs } from '../../../../domain/system/time.ts';
import { Unavailable } from '../../../../domain/system/unavailable.ts';
import { event, events, nowMs } from '../../../support/events.ts';
import { lane } from '../../../support/lanes.ts';
import { recordOf, World } from './fixture.ts';

const worldOf = (receipts: number) => new World({ receipts, deltaBytes: 1_000_000 });
/** A record of one event, received so many seconds after now. */
const record = (name: string, seconds: number, more: Parameters<typeof recordOf>[3] = {}) =>
  recordOf(name, [event({ event_id: name })], nowMs + seconds * secondMs, more);
const runsOf = ({ lanes }: World) => [...lanes.runs.values()];

describe('a run is folded beside the records of the next invocation', () => {
  it('when it is full', async () => {
    const world = worldOf(3);
    await world.consume(record('a', 0), record('b', 1), record('c', 2));
    await world.consume(record('d', 60), record('e', 61), record('f', 62));
    expect(runsOf(world)).toEqual([]);

    await world.consume(record('g', 63));

    const [run, ...others] = runsOf(world);
    expect(others).toEqual([]);
    expect(run).toMatchObject({ state: 'folded', to: placeOf(world.receipt('c') ?? expect.fail()) });
    expect(await world.total()).toBe(7);
  });

  it('and again at the next one, if it was full', async () => {
    const world = worldOf(2);
    await world.consume(...['a', 'b', 'c', 'd'].map((name, index) => record(name, index)));
    await world.consume(record('e', 60), record('f', 61));
    await world.consume(record('g', 62));
    expect(runsOf(world)).toHaveLength(1);

    await world.consume(record('h', 63));

    expect(runsOf(world)).toHaveLength(2);
    expect(await world.total()).toBe(8);
  });

  it('never with a record of the invocation, or one that was received later', async () => {
    const due = [record('a', 0), record('b', 1), record('c', 2), record('e', 60)];
    const world = worldOf(3);
    await world.consume(...due);
    // Without this rule the run would be full with c.
    await world.consume(record('between', 2), record('f', 61));
    expect(runsOf(world)).toEqual([]);

    const other = worldOf(3);
    await other.consume(...due);
    await other.consume(record('f', 61));
    expect(runsOf(other)[0]?.to).toBe(placeOf(other.receipt('c') ?? expect.fail()));
  });

  it('whatever older records of other lanes the invocation has', async () => {
    const world = worldOf(3);
    await world.consume(record('a', 0), record('b', 1), record('c', 2), record('d', 60));

    await world.consume(record('old', -3600, { late: true }), record('e', 61));

    expect(runsOf(world)).toMatchObject([{ lane: { late: false }, state: 'folded' }]);
  });

  it('once the hour of its oldest record is over', async () => {
    const world = worldOf(100);
    await world.consume(record('a', 0));
    world.clock.nowMs += 30 * minuteMs;
    await world.consume(record('b', 1800));
    expect(runsOf(world)).toEqual([]);

    world.clock.nowMs += 30 * minuteMs;
    await world.consume(record('c', 3600));
    await world.consume(record('d', 3601));

    expect(runsOf(world)).toMatchObject([{ state: 'folded' }]);
    expect(world.lanes.listOfRun(runsOf(world)[0] ?? expect.fail())?.positions).toHaveLength(2);
    expect(await world.total()).toBe(4);
  });

  it('in at most four lanes, and in the others at the next one', async () => {
    const world = worldOf(1);
    const inEach = (name: string, seconds: number) =>
      Array.from({ length: 6 }, (_, slot) => record(`${name}${slot}`, seconds, { slot }));
    await world.consume(...inEach('a', 0));

    await world.consume(...inEach('b', 60));

    await world.consume(record('c', 120));
    expect(runsOf(world)).toHaveLength(4);

    await world.consume(record('d', 121));
    expect(new Set(runsOf(world).map((run) => run.lane.slot)).size).toBe(6);
  });
});

describe('a fold never costs the invocation anything:', () => {
  const dueIn = async () => {
    const world = worldOf(1);
    await world.consume(record('a', 0), record('b', 60));
    return world;
  };

  it.each([
    ['an outage', new Unavailable('unavailable'), 'warn', 'a run is not folded yet'],
    ['a bug', new TypeError('a bug'), 'error', 'a run cannot be folded'],
  ] as const)('%s in it is logged, and the records are done', async (_what, error, level, line) => {
    const world = await dueIn();
    vi.spyOn(world.lanes, 'announce').mockRejectedValue(error);

    expect(await world.consume(record('c', 61))).toEqual({ batchItemFailures: [] });

    expect(world.logger[level]).toHaveBeenCalledWith(
      line,
      expect.objectContaining({ lane: expect.any(String) }),
    );
    expect(await world.total()).toBe(3);
  });

  it('it is awaited before the invocation ends: Lambda would freeze it', async () => {
    const world = await dueIn();
    const folding = Promise.withResolvers<undefined>();
    vi.spyOn(world.lanes, 'lastRun').mockReturnValueOnce(folding.promise);
    let hasEnded = false;

    const consuming = world.consume(record('c', 61)).finally(() => {
      hasEnded = true;
    });
    await vi.waitFor(() => expect(world.receipt('c')).toBeDefined());
    await setImmediate();
    expect(hasEnded).toBe(false);

    folding.resolve(undefined);
    expect(await consuming).toEqual({ batchItemFailures: [] });
    expect(runsOf(world)).toHaveLength(1);
  });
});

describe('a plain receipt that the consumer meets', () => {
  /** Its record was counted by an invocation that ended before it looked for the run, which has passed it by. */
  const passedBy = async () => {
    const world = worldOf(100);
    const own = recordOf('a', events(5));
    const look = vi.spyOn(world.lanes, 'lastRun').mockRejectedValue(new Unavailable('unavailable'));
    const { batchItemFailures } = await world.consume(own);
    look.mockRestore();
    expect(batchItemFailures).toHaveLength(1);
    expect(world.receipt('a')).toMatchObject({ state: 'counted', mode: 'plain' });
    const run = nextRun(lane, undefined, positionAfter(nowMs));
    await world.lanes.announce(run);
    await world.lanes.seal(run, listOf(run, []));
    await world.lanes.markFolded(run, nowMs + hourMs);
    return { world, own };
  };

  it('is settled before its record is done: no run would ever have it (C5)', async () => {
    const { world, own } = await passedBy();
    expect(await world.total()).toBe(0);

    expect(await world.consume(own)).toEqual({ batchItemFailures: [] });

    expect(world.receipt('a')?.mode).toBe('direct');
    expect(await world.total()).toBe(5);
    await world.consume(own);
    expect(await world.total()).toBe(5);
  });

  it('keeps its record open while it cannot be settled, and no other: it leaves the stream alone', async () => {
    const { world, own } = await passedBy();
    const commit = vi.spyOn(world.lanes, 'commit').mockRejectedValue(new Unavailable('unavailable'));
    const other = recordOf('b', [event({ event_id: 'x' })], nowMs, { late: true });

    const { batchItemFailures } = await world.consume(own, other);

    expect(batchItemFailures).toEqual([]);
    expect(await world.deadLettered()).toEqual([['a']]);
    expect(world.receipt('b')?.state).toBe('counted');
    commit.mockRestore();
    world.clock.nowMs += minuteMs;
    expect(await world.consume(own)).toEqual({ batchItemFailures: [] });
    expect(await world.total()).toBe(5);
  });
});
