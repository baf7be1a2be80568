// Histories of counting: what happens to the records of two lanes, choice by choice. What no choice disturbs succeeds.

import fc from 'fast-check';
import { dayMs, hourMs, minuteMs, secondMs } from '../../../domain/system/time.ts';
import { lane, lateLane } from '../../support/lanes.ts';
import { type Ending, EndlessHistory } from '../scheduler.ts';
import { consume, dayOf, fold, foldDay, read } from './functions.ts';
import { violationsOf, violationsOfRuns } from './invariants.ts';
import type { Mutant } from './mutant.ts';
import { type AcceptedRecord, lanes, type RecordPlan, World } from './world.ts';

export type History = {
  /** How many consumers have read that the first record has no receipt, and are late to put one. */
  readonly laggards: number;
  /** How many calls a fold of the others has made by then. */
  readonly foldCalls: number;
  /** Whether a reader is about to begin then. */
  readonly isRead: boolean;
  readonly records: readonly RecordPlan[];
  readonly choices: readonly number[];
};

/** A choice is a step and a number of 0 to 31: bits, or a position in a list. */
const mostWhich = 31;
type Step = (world: World, which: number) => Promise<void>;

const steps: readonly (readonly [times: number, name: string, step: Step])[] = [
  [20, 'go on', goOn],
  [8, 'go on to the end', toTheEnd],
  [
    4,
    'stall',
    async (world, which) => {
      const actor = await world.scheduler.goOn(which);
      if (actor) world.scheduler.stall(actor);
    },
  ],
  [
    8,
    'accept',
    async (world, which) => {
      for (let more = which % 4; more >= 0; more -= 1) {
        world.accept();
        if (which & 4) world.pass(20 * secondMs);
      }
    },
  ],
  [8, 'deliver', (world, which) => consume(world, chosen(openRecords(world), which), which % 3 === 0)],
  [
    3,
    'deliver twice at once',
    async (world, which) => {
      const records = chosen(openRecords(world), which);
      await consume(world, records, false);
      await consume(world, records, false);
    },
  ],
  [4, 'deliver anything', (world, which) => consume(world, chosen(onStream(world), which), false)],
  [6, 'fold', (world, which) => fold(world, laneBy(which))],
  [
    4,
    'fold to the end',
    async (world, which) => {
      await fold(world, laneBy(which));
      await toTheEnd(world, 0);
    },
  ],
  [6, 'read', (world, which) => read(world, laneBy(which))],
  [2, 'fold a day', (world, which) => foldDay(world, dayOf(world, 1 + (which % 3)))],
  [1, 'kill before', ending('killed before')],
  [5, 'kill after', ending('killed after')],
  [1, 'unavailable', ending('unavailable')],
  [2, 'lose an answer', ending('answer lost')],
  [
    7,
    'time',
    async (world, which) =>
      world.pass(
        [20 * secondMs, 20 * secondMs, secondMs, 20 * secondMs, 11 * minuteMs, 70 * minuteMs][which % 6] ?? 0,
      ),
  ],
  [
    2,
    'wake',
    async (world) => {
      world.scheduler.wake();
    },
  ],
  [
    1,
    'weeks',
    async (world) => {
      await foldAll(world);
      world.pass(60 * dayMs);
      world.forget();
    },
  ],
  [
    1,
    'forget',
    async (world) => {
      world.forget();
    },
  ],
  [
    1,
    'mend',
    async (world) => {
      world.isMended = true;
    },
  ],
];
const table = steps.flatMap(([times, , step]) => Array<Step>(times).fill(step));

const laneBy = (which: number) => (which % 4 === 3 ? lateLane : lane);
const openRecords = ({ records }: World) =>
  records.filter(({ isAcknowledged, heldBy }) => !isAcknowledged && heldBy === 0);
const onStream = ({ records, clock }: World) =>
  records.filter(({ receipt }) => receipt.receivedAtMs + dayMs > clock.nowMs);

/** Chosen by the bits of `which`; all if no bit is set. */
function chosen(records: readonly AcceptedRecord[], which: number): readonly AcceptedRecord[] {
  const some = records.filter((_, index) => (which & (1 << (index % 5))) !== 0);
  return some.length === 0 ? records : some;
}

function ending(how: Ending): Step {
  return async (world, which) => {
    await world.scheduler.goOn(which, how);
  };
}

/** Mostly few, so that actors stop between any two calls. */
const moreCalls = [0, 0, 1, 1, 2, 2, 3, 6];

async function goOn({ scheduler }: World, which: number): Promise<void> {
  const actor = await scheduler.goOn(which & 3);
  for (let more = moreCalls[which >> 2] ?? 0; actor && more > 0 && scheduler.placeOf(actor) >= 0; more -= 1)
    await scheduler.goOn(scheduler.placeOf(actor));
}

async function toTheEnd({ scheduler }: World, which: number): Promise<void> {
  const { waiting } = scheduler;
  const actor = await scheduler.goOn(waiting - 1 - (which % Math.max(1, waiting)));
  while (actor && scheduler.placeOf(actor) >= 0) await scheduler.goOn(scheduler.placeOf(actor));
}

async function calm(world: World): Promise<void> {
  world.scheduler.wake();
  for (;;) {
    while (world.scheduler.waiting > 0) await world.scheduler.goOn(0);
    const open = openRecords(world);
    if (open.length === 0) return;
    await consume(world, open, false);
  }
}

async function foldAll(world: World): Promise<void> {
  await calm(world);
  world.pass(2 * hourMs);
  for (const lane of lanes)
    for (let folded = -1; folded !== world.runsFolded; ) {
      folded = world.runsFolded;
      await fold(world, lane);
      await calm(world);
    }
}

/** The records after the first one have their receipts, and a run that covers the first one is being folded. */
async function lag(world: World, { laggards, foldCalls, isRead }: History): Promise<void> {
  for (let records = 0; records < 4 && world.accept(); records += 1) world.pass(20 * secondMs);
  const [first, ...others] = world.records;
  if (!first) return;
  for (let consumer = 0; consumer < laggards; consumer += 1) await consume(world, [first], false);
  for (let consumer = 0; consumer < laggards; consumer += 1) await world.scheduler.goOn(0);
  await consume(world, others, false);
  await toTheEnd(world, 0);
  await fold(world, first.receipt.lane);
  for (let calls = 0; calls < foldCalls; calls += 1) await world.scheduler.goOn(laggards);
  if (isRead) await read(world, first.receipt.lane);
}

const plans: fc.Arbitrary<RecordPlan> = fc.record({
  isLate: fc.constantFrom(false, false, false, false, true),
  ages: fc.array(fc.constantFrom(0, 0, 0, 1, 26), { minLength: 1, maxLength: 3 }),
  isBroken: fc.constantFrom(false, false, false, false, false, false, true),
  isLarge: fc.constantFrom(false, false, false, false, false, false, false, true),
});

export const histories: fc.Arbitrary<History> = fc.record({
  laggards: fc.constantFrom(0, 1, 1, 2, 2),
  foldCalls: fc.constantFrom(0, 2, 3, 4, 6, 8, 8, 9, 9, 10),
  isRead: fc.constantFrom(false, true, true),
  records: fc.array(plans, { minLength: 1, maxLength: 8, size: 'max' }),
  choices: fc.array(fc.nat(table.length * (mostWhich + 1) - 1), { maxLength: 50, size: 'max' }),
});

export type Played = { readonly violations: readonly string[]; readonly trace: readonly string[] };

export async function play(history: History, mutant: Mutant = {}): Promise<Played> {
  const { laggards, records, choices } = history;
  const world = new World(records, mutant);
  const { trace } = world.scheduler;
  try {
    if (laggards > 0) await lag(world, history);
    for (const choice of choices)
      await table[Math.floor(choice / (mostWhich + 1))]?.(world, choice & mostWhich);
    world.log('from here on nothing fails');
    while (world.accept());
    await calm(world);
    const unfolded = await violationsOf(world);
    world.log('all is folded');
    await foldAll(world);
    const folded = await violationsOf(world);
    return {
      violations: [
        ...world.violations,
        ...unfolded,
        ...folded.map((fault) => `when all is folded, ${fault}`),
        ...violationsOfRuns(world),
      ],
      trace,
    };
  } catch (error) {
    if (!(error instanceof EndlessHistory)) throw error;
    return { violations: [error.message], trace };
  }
}
