// How an event travels and rests (docs/design/architecture.md): in every history of crashes, lost answers, outages, doubled and
// late records, resends, conflicts, quarantine, replays and discards, every promise holds; and for each rule some history
// breaks one where the rule is taken away. WEIR_MODEL_HISTORIES says how many, WEIR_MODEL_SEED which ones, and
// WEIR_MODEL_PATH plays one again that was found.

import { expect, it } from 'vitest';
import { mutants } from './mutants.ts';
import { findBrokenPromise } from './search.ts';

const { WEIR_MODEL_HISTORIES = '3000', WEIR_MODEL_SEED = '1', WEIR_MODEL_PATH } = process.env;
const seed = Number(WEIR_MODEL_SEED);
const numRuns = Number(WEIR_MODEL_HISTORIES);
/** A machine that has more to do takes several times what one history takes alone. */
const timeoutMs = 120_000 + numRuns * 100;

it('keeps every promise in every history', { timeout: timeoutMs }, async () => {
  const broken = await findBrokenPromise({
    numRuns,
    seed,
    ...(WEIR_MODEL_PATH !== undefined && { path: WEIR_MODEL_PATH }),
  });

  expect(broken).toBeUndefined();
});

/** However few are asked for: a rule that is taken away is found out in so many. */
const enoughHistories = 3000;

it.each(Object.entries(mutants))(
  'finds out a world without a rule. %s',
  {
    timeout: 120_000 + enoughHistories * 100,
  },
  async (_, mutant) => {
    const broken = await findBrokenPromise({ mutant, numRuns: enoughHistories, seed: 1, endOnFailure: true });

    expect(broken).toBeDefined();
  },
);
