// Counting by plain receipts, runs and folds: in every history of crashes, lost answers, delays and repeated deliveries,
// every counted event is counted once. WEIR_MODEL_HISTORIES, _SEED and _PATH are those of ../protocol.test.ts.

import fc from 'fast-check';
import { expect, it } from 'vitest';
import { type History, histories, play } from './history.ts';
import type { Mutant } from './mutant.ts';
import { mutants } from './mutants.ts';

const { WEIR_MODEL_HISTORIES = '1000', WEIR_MODEL_SEED = '1', WEIR_MODEL_PATH } = process.env;
const timeoutMs = 120_000 + Number(WEIR_MODEL_HISTORIES) * 100;

class BrokenPromise extends Error {
  override readonly name = 'BrokenPromise';
}

async function findBrokenPromise(mutant: Mutant, how: fc.Parameters<[History]>): Promise<string | undefined> {
  const promise = fc.asyncProperty(histories, async (history) => {
    const { violations } = await play(history, mutant);
    if (violations.length > 0) throw new BrokenPromise(violations.join('\n'));
  });
  const { failed, counterexample, counterexamplePath, seed } = await fc.check(promise, how);
  const [history] = counterexample ?? [];
  if (!failed || !history) return undefined;
  const { trace, violations } = await play(history, mutant);
  const again = `WEIR_MODEL_SEED=${seed} WEIR_MODEL_PATH=${counterexamplePath}`;
  return [...trace, '', ...violations, '', `Again: ${again}`].join('\n');
}

it('counts every event once in every history', { timeout: timeoutMs }, async () => {
  const broken = await findBrokenPromise(
    {},
    {
      numRuns: Number(WEIR_MODEL_HISTORIES),
      seed: Number(WEIR_MODEL_SEED),
      ...(WEIR_MODEL_PATH !== undefined && { path: WEIR_MODEL_PATH }),
    },
  );

  expect(broken).toBeUndefined();
});

it.each(Object.entries(mutants))(
  'finds a broken promise where %s',
  { timeout: 420_000 },
  async (_, mutant) => {
    const broken = await findBrokenPromise(mutant, { numRuns: 3000, seed: 1, endOnFailure: true });

    expect(broken).toBeDefined();
  },
);
