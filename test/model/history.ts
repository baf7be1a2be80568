// Histories: which records there are, and what happens to them, choice by choice. What no choice disturbs succeeds.

import fc from 'fast-check';
import { violationsOf } from './invariants.ts';
import { type Mutant, noMutant } from './mutant.ts';
import { finish } from './quiet-times.ts';
import { denseIds, kinds, type RecordPlan, slots } from './records.ts';
import { EndlessHistory } from './scheduler.ts';
import { mostWhich, type StepName, stepOf, weights } from './steps.ts';
import { World } from './world.ts';

export type History = { readonly records: readonly RecordPlan[]; readonly choices: readonly number[] };

const table = Object.entries(weights).flatMap(([name, times]) =>
  Array<StepName>(times).fill(name as StepName),
);
const mostRecords = 6;
const mostChoices = 70;

const plans: fc.Arbitrary<RecordPlan> = fc.record({
  tenant: fc.constantFrom(0, 0, 0, 1),
  kind: fc.constantFrom(...Array<'plain'>(6).fill('plain'), ...kinds, 'fails at pages', 'fails at counting'),
  ids: fc.oneof(
    { weight: 9, arbitrary: fc.uniqueArray(fc.nat(3), { minLength: 1, maxLength: 4 }) },
    { weight: 1, arbitrary: fc.constant(denseIds) },
  ),
  others: fc.constantFrom(0, 0, 0, 1, 2, 3),
  retentionDays: fc.constantFrom(1, 1, 1, 20),
  slot: fc.constantFrom(slots[0], slots[0], slots[0], slots[1]),
  isDoubled: fc.constantFrom(false, false, true),
  made: fc.constantFrom(0, 0, 1, 2),
  back: fc.constantFrom(0, 0, 1, 3, 7),
});

export const histories: fc.Arbitrary<History> = fc.record({
  records: fc.array(plans, { minLength: 1, maxLength: mostRecords, size: 'max' }),
  choices: fc.array(fc.nat(table.length * (mostWhich + 1) - 1), { maxLength: mostChoices, size: 'max' }),
});

export type Played = { readonly violations: readonly string[]; readonly trace: readonly string[] };

export async function play({ records, choices }: History, mutant: Mutant = noMutant): Promise<Played> {
  const world = new World(records, mutant);
  const { trace } = world.scheduler;
  try {
    for (const choice of choices) {
      const name = table[Math.floor(choice / (mostWhich + 1))];
      if (name) await stepOf(name)(world, choice & mostWhich);
    }
    world.log('from here on nothing fails');
    await finish(world);
  } catch (error) {
    if (!(error instanceof EndlessHistory)) throw error;
    return { violations: [error.message], trace };
  }
  return { violations: await violationsOf(world), trace };
}
