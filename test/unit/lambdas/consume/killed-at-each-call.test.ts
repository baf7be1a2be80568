// The consumer is killed before and after each of its calls, folds included. The next invocation and the schedule finish
// what it left, and the end is the same as without a kill.

import { describe, expect, it } from 'vitest';
import { isPlain } from '../../../../domain/counting/receipt.ts';
import { imbalanceOf } from '../../../../domain/documents/intake.ts';
import { lanesOf } from '../../../../domain/keys.ts';
import { hourMs, minuteMs, secondMs } from '../../../../domain/system/time.ts';
import { createConsume } from '../../../../lambdas/consume/consume.ts';
import { foldRun } from '../../../../lambdas/counting/fold-run.ts';
import { Tallies } from '../../../../lambdas/counting/tallies.ts';
import { seededRandom } from '../../../support/clock.ts';
import { event, nowMs } from '../../../support/events.ts';
import { kinesisEvent } from '../../../support/kinesis.ts';
import { recordOf, tenant, World } from './fixture.ts';

const limits = { receipts: 2, deltaBytes: 1_000_000 };
const slots = 2;

const at = (seconds: number) => nowMs + seconds * secondMs;
const one = (id: string, ageMs = 0) => event({ event_id: id, timestamp: nowMs - ageMs });
const damaged = (record: ReturnType<typeof recordOf>) => ({ ...record, data: record.data.subarray(0, -1) });
const random = seededRandom();
/** Too many users for a plain receipt. */
const large = Array.from({ length: 1000 }, (_, index) =>
  event({ event_id: `large-${index}`, user_id: Buffer.from(random.bytes(40)).toString('base64url') }),
);

/** Of both lanes and two slots, with a duplicate, a conflict, several hours, one that cannot be stored, and a large one. */
const before = [
  recordOf('a', [one('1'), one('2', hourMs)], at(0)),
  recordOf('b', [one('3'), one('1')], at(1)),
  recordOf('c', [{ ...one('2', hourMs), type: 'other' }, one('4')], at(2)),
  recordOf('d', [one('5', 30 * hourMs)], at(3), { late: true }),
];
/** Late enough that a run of the records before is due. */
const between = [recordOf('x', [one('20')], at(40)), recordOf('y', [one('21')], at(41))];
const records = [
  recordOf('e', [one('6'), one('3')], at(60)),
  recordOf('f', [one('7')], at(61), { slot: 1 }),
  damaged(recordOf('g', [one('8'), one('9')], at(62))),
  recordOf('h', [one('10', 31 * hourMs)], at(63), { late: true }),
  recordOf('i', large, at(64)),
];

type Kill = { readonly call: number; readonly when: 'before' | 'after' };

/** An invocation that ends at a call: what waits for that call waits for ever. */
async function invoke(world: World, sent: typeof records, kill?: Kill): Promise<string[]> {
  const calls: string[] = [];
  const killed = Promise.withResolvers<void>();
  const ending = <T extends object>(target: T): T =>
    new Proxy(target, {
      get: (_, name: keyof T & string) => {
        const real = target[name];
        if (typeof real !== 'function') return real;
        return async (...args: unknown[]) => {
          const call = calls.push(name);
          const isLast = call === kill?.call;
          if (kill && (call > kill.call || (isLast && kill.when === 'before'))) return end();
          const answer = await real.apply(target, args);
          return isLast ? end() : answer;
        };
      },
    });
  const end = () => {
    killed.resolve();
    return new Promise(() => undefined);
  };
  const { identities, pages, lanes, failedRecords } = world;
  const consume = createConsume({
    ...world.deps(),
    tallies: world.tallies,
    identities: ending(identities),
    pages: ending(pages),
    lanes: ending(lanes),
    failedRecords: ending(failedRecords),
  });
  await Promise.race([consume(kinesisEvent(sent), () => 900_000), killed.promise]);
  return calls;
}

/** The schedule comes once the hour is over. */
async function foldAll(world: World): Promise<void> {
  world.clock.nowMs = nowMs + 3 * hourMs;
  const deps = { ...world.deps(), limits, tallies: new Tallies(limits) };
  for (const lane of lanesOf(tenant, slots)) while ((await foldRun(deps, lane)) !== 'not due');
}

async function stateOf(world: World) {
  const lanes = lanesOf(tenant, slots);
  const intakes = await Promise.all(lanes.map(world.intake));
  return {
    totals: await Promise.all(lanes.map(world.total)),
    // Whether a record was in time depends on how often it was tried.
    intakes: intakes.map(({ slow: _slow, ...counted }) => counted),
    imbalances: intakes.map(imbalanceOf),
    stored: world.pages.eventIds().toSorted(),
    receipts: [...world.lanes.stored.values()]
      .map(({ record, state, stored, duplicates, conflicts }) => ({
        record,
        state,
        stored,
        duplicates,
        conflicts,
      }))
      .toSorted((a, b) => (a.record < b.record ? -1 : 1)),
    inQuarantine: (await Array.fromAsync(world.lanes.quarantine.newest(tenant))).length,
  };
}

async function play(kill?: Kill) {
  const world = new World(limits);
  await world.consume(...before);
  await world.consume(...between);
  world.clock.nowMs = at(65);
  const calls = await invoke(world, records, kill);
  world.clock.nowMs += minuteMs;
  if (kill) await invoke(world, records);
  const soon = await stateOf(world);
  await foldAll(world);
  return { calls, soon, end: await stateOf(world), world };
}

const calm = await play();

describe('without a kill', () => {
  it('the invocation stores, counts, quarantines and folds', () => {
    expect(calm.calls).toEqual(
      expect.arrayContaining([
        'claim',
        'write',
        'putReceipts',
        'commit',
        'announce',
        'seal',
        'putDocument',
        'markFolded',
      ]),
    );
    expect(calm.end.totals.reduce((sum, total) => sum + total, 0)).toBe(12 - 2 + 1000);
    expect(calm.end).toEqual(calm.soon);
    expect(calm.end.imbalances).toEqual([0, 0, 0, 0]);
    expect(calm.end.inQuarantine).toBe(1);
    expect([...calm.world.lanes.stored.values()].filter((receipt) => !isPlain(receipt))).toHaveLength(2);
  });
});

const kills = calm.calls.flatMap((name, index) =>
  (['before', 'after'] as const).map((when) => ({ name, when, call: index + 1 })),
);

describe('a consumer is killed', () => {
  it.each(kills)('$when call $call, $name', async ({ when, call }) => {
    const { soon, end } = await play({ when, call });

    expect(soon).toEqual(calm.end);
    expect(end).toEqual(calm.end);
  });
});
