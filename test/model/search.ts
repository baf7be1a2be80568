// Plays histories until one breaks a promise, and returns the trace of the shortest such history.

import fc from 'fast-check';
import { histories } from './histories.ts';
import { type History, play } from './history.ts';
import { type Mutant, noMutant } from './mutant.ts';

export type Search = {
  readonly mutant?: Mutant;
  readonly focus?: keyof typeof histories;
  readonly numRuns: number;
  readonly seed: number;
  /** The path of a history that was found before: only this one is played and shrunk. */
  readonly path?: string;
  /** Returns the first history that is found, without shrinking it. */
  readonly endOnFailure?: boolean;
};

class BrokenPromise extends Error {
  override readonly name = 'BrokenPromise';
}

/** Undefined if every history keeps every promise. */
export async function findBrokenPromise({
  mutant = noMutant,
  focus = 'any',
  ...how
}: Search): Promise<string | undefined> {
  const promise = fc.asyncProperty(histories[focus], async (history: History) => {
    const { violations } = await play(history, mutant);
    if (violations.length > 0) throw new BrokenPromise(violations.join('\n'));
  });
  const { failed, counterexample, counterexamplePath, seed } = await fc.check(promise, how);
  if (!failed) return undefined;
  const [history] = counterexample ?? [];
  const { trace, violations } = await play(history as History, mutant);
  const again = `WEIR_MODEL_SEED=${seed} WEIR_MODEL_PATH=${counterexamplePath}`;
  return [...trace, '', ...violations, '', `Again: ${again}`].join('\n');
}
