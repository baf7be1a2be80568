// Plays histories until one of them breaks a promise, and tells the shortest of its kind in words.

import fc from 'fast-check';
import { type History, histories, play } from './history.ts';
import { type Mutant, noMutant } from './mutant.ts';

export type Search = {
  readonly mutant?: Mutant;
  readonly numRuns: number;
  readonly seed: number;
  /** Of a history that was found before: it alone is played, and shrunk. */
  readonly path?: string;
  /** The first that is found is told as it is. */
  readonly endOnFailure?: boolean;
};

class BrokenPromise extends Error {
  override readonly name = 'BrokenPromise';
}

/** Undefined where every history keeps every promise. */
export async function findBrokenPromise({ mutant = noMutant, ...how }: Search): Promise<string | undefined> {
  const promise = fc.asyncProperty(histories, async (history: History) => {
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
