// Histories: which records there are, and what happens to them, choice by choice. What no choice disturbs succeeds.

import fc from 'fast-check';
import { violationsOf } from './invariants.ts';
import { faultsOfCounts, faultsOfRuns } from './lane-invariants.ts';
import { type Mutant, noMutant } from './mutant.ts';
import { givenAwayAfterDays, noOpening, type Opening, open } from './openings.ts';
import { deliverAgain, finish } from './quiet-times.ts';
import { foldAll } from './readers.ts';
import { denseIds, kinds, type RecordPlan, slots } from './records.ts';
import { EndlessHistory } from './scheduler.ts';
import { countingWeights, mostWhich, type StepName, stepOf, storingWeights } from './steps.ts';
import { World } from './world.ts';

/** What most of a history is about. All run the same functions. */
export type Focus = 'storing' | 'counting';

export type History = {
  readonly focus: Focus;
  readonly opening: Opening;
  readonly records: readonly RecordPlan[];
  readonly choices: readonly number[];
};

const tableOf = (weights: Readonly<Partial<Record<StepName, number>>>): readonly StepName[] =>
  Object.entries(weights).flatMap(([name, times]) => Array<StepName>(times).fill(name as StepName));

const tables: Readonly<Record<Focus, readonly StepName[]>> = {
  storing: tableOf(storingWeights),
  counting: tableOf(countingWeights),
};

const choicesOf = (focus: Focus, mostChoices: number) =>
  fc.array(fc.nat(tables[focus].length * (mostWhich + 1) - 1), { maxLength: mostChoices, size: 'max' });

/** Few ids and much that fails, so that records meet in claims, pages and quarantine. */
const storedPlans: fc.Arbitrary<RecordPlan> = fc.record({
  tenant: fc.constantFrom(0, 0, 0, 1),
  kind: fc.constantFrom(...Array<'plain'>(6).fill('plain'), ...kinds, 'fails at pages', 'fails at counting'),
  ids: fc.oneof(
    { weight: 9, arbitrary: fc.uniqueArray(fc.nat(3), { minLength: 1, maxLength: 4 }) },
    { weight: 1, arbitrary: fc.constant(denseIds) },
  ),
  others: fc.constantFrom(0, 0, 0, 1, 2, 3),
  retentionDays: fc.constantFrom(1, 1, 1, 20, 90),
  slot: fc.constantFrom(slots[0], slots[0], slots[0], slots[1]),
  isLate: fc.constantFrom(false, false, false, true),
  isDoubled: fc.constantFrom(false, false, true),
  made: fc.constantFrom(0, 0, 1, 2),
  back: fc.constantFrom(0, 0, 1, 3, 7),
});

const leftBehind: fc.Arbitrary<Opening> = fc.record({
  kind: fc.constant('left behind' as const),
  calls: fc.nat(6),
  isDiscarded: fc.boolean(),
});

const abandoned: fc.Arbitrary<Opening> = fc.record({
  kind: fc.constant('abandoned' as const),
  others: fc.constantFrom(0, 1),
  days: fc.constantFrom(1, givenAwayAfterDays),
});

const storing: fc.Arbitrary<History> = fc
  .record({
    focus: fc.constant('storing' as const),
    opening: fc.oneof(
      { weight: 13, arbitrary: fc.constant(noOpening) },
      { weight: 4, arbitrary: leftBehind },
      { weight: 2, arbitrary: abandoned },
    ),
    records: fc.array(storedPlans, { minLength: 1, maxLength: 6, size: 'max' }),
    choices: choicesOf('storing', 50),
  })
  .map((history) => ({
    ...history,
    records: history.records.map((plan) => planAfter(history.opening, plan)),
  }));

/** Ids are given away only if they were made, are kept for longer than the record is abandoned, and are sent back. */
function planAfter(opening: Opening, plan: RecordPlan): RecordPlan {
  if (opening.kind !== 'abandoned' || opening.days < givenAwayAfterDays) return plan;
  return { ...plan, retentionDays: 90, made: Math.max(1, plan.made), back: Math.max(1, plan.back) };
}

/** Records of few calls: mostly of ids made here, which nobody claims. */
const countedPlans: fc.Arbitrary<RecordPlan> = fc.record({
  tenant: fc.constant(0),
  kind: fc.constantFrom(
    ...Array<'plain'>(11).fill('plain'),
    'large',
    'fails at counting',
    'fails at counting',
  ),
  ids: fc.constantFrom([], [], [], [12], [13], [12, 13]),
  others: fc.constant(0),
  retentionDays: fc.constant(1),
  slot: fc.constant(slots[0]),
  isLate: fc.constantFrom(...Array(6).fill(false), true),
  isDoubled: fc.constant(false),
  made: fc.constantFrom(1, 1, 2, 3),
  back: fc.constant(0),
});

const lags: fc.Arbitrary<Opening> = fc.record({
  kind: fc.constant('lag' as const),
  laggards: fc.constantFrom(1, 1, 2, 2),
  foldCalls: fc.constantFrom(0, 2, 3, 3, 5, 5, 5, 6, 7, 8, 8, 9, 10),
  lateCalls: fc.constantFrom(0, 1, 1, 2, 2, 3, 4),
  readCalls: fc.constantFrom(0, 1, 2, 3, 3, 3),
  isKilled: fc.constantFrom(false, false, false, true),
});

const counting: fc.Arbitrary<History> = fc.record({
  focus: fc.constant('counting' as const),
  opening: fc.oneof({ weight: 1, arbitrary: fc.constant(noOpening) }, { weight: 2, arbitrary: lags }),
  records: fc.array(countedPlans, { minLength: 1, maxLength: 8, size: 'max' }),
  choices: choicesOf('counting', 32),
});

export const histories: Readonly<Record<Focus | 'any', fc.Arbitrary<History>>> = {
  storing,
  counting,
  any: fc.oneof(storing, counting),
};

export type Played = { readonly violations: readonly string[]; readonly trace: readonly string[] };

export async function play(history: History, mutant: Mutant = noMutant): Promise<Played> {
  const world = new World(history.records, mutant);
  const { trace } = world.scheduler;
  const table = tables[history.focus];
  try {
    await open(world, history.opening);
    for (const choice of history.choices) {
      const name = table[Math.floor(choice / (mostWhich + 1))];
      if (name) await stepOf(name)(world, choice & mostWhich);
    }
    world.log('from here on nothing fails');
    await finish(world);
    const unfolded = await faultsOfCounts(world);
    await deliverAgain(world);
    const violations = await violationsOf(world);
    world.log('all is folded');
    await foldAll(world);
    const folded = await faultsOfCounts(world);
    return {
      violations: [
        ...violations,
        ...world.violations,
        ...unfolded,
        ...folded.map((fault) => `when all is folded, ${fault}`),
        ...faultsOfRuns(world),
      ],
      trace,
    };
  } catch (error) {
    if (!(error instanceof EndlessHistory)) throw error;
    return { violations: [error.message], trace };
  }
}
