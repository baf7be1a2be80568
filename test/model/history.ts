// Histories: which records there are, and what happens to them, choice by choice. What no choice disturbs succeeds.

import { violationsOf } from './invariants.ts';
import { faultsOfCounts, faultsOfRuns } from './lane-invariants.ts';
import { type Mutant, noMutant } from './mutant.ts';
import { type Opening, open } from './openings.ts';
import { deliverAgain, finish } from './quiet-times.ts';
import { foldAll } from './readers.ts';
import type { RecordPlan } from './records.ts';
import { EndlessHistory } from './scheduler.ts';
import {
  claimingWeights,
  countingWeights,
  mostWhich,
  refusingWeights,
  type StepName,
  stepOf,
  storingWeights,
} from './steps.ts';
import { World } from './world.ts';

/** What most of a history is about. All run the same functions. */
export type Focus = 'storing' | 'refusing' | 'claiming' | 'counting';

export type History = {
  readonly focus: Focus;
  readonly opening: Opening;
  readonly records: readonly RecordPlan[];
  readonly choices: readonly number[];
};

const tableOf = (weights: Readonly<Partial<Record<StepName, number>>>): readonly StepName[] =>
  Object.entries(weights).flatMap(([name, times]) => Array<StepName>(times).fill(name as StepName));

/** A choice of a history names a step of its table, and what the step is about. */
export const tables: Readonly<Record<Focus, readonly StepName[]>> = {
  storing: tableOf(storingWeights),
  refusing: tableOf(refusingWeights),
  claiming: tableOf(claimingWeights),
  counting: tableOf(countingWeights),
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
