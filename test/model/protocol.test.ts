// The protocol of docs/design/protocol.md: in every history of crashes, lost answers, outages, doubled and late records,
// resends, conflicts, quarantine, replays, discards, expired links, folds and readers, every promise holds. Without a rule,
// some history breaks one.
// WEIR_MODEL_HISTORIES sets how many histories are played, WEIR_MODEL_SEED which, and WEIR_MODEL_PATH replays one.

import { expect, it, vi } from 'vitest';
import { mutants } from './mutants.ts';
import { findBrokenPromise } from './search.ts';

vi.mock('node:zlib', async (importOriginal) => {
  const { plainZstd } = await import('./plain-zstd.ts');
  return plainZstd(await importOriginal());
});

const { WEIR_MODEL_HISTORIES = '1200', WEIR_MODEL_SEED = '1', WEIR_MODEL_PATH } = process.env;
const seed = Number(WEIR_MODEL_SEED);
const numRuns = Number(WEIR_MODEL_HISTORIES);
/** A loaded machine takes several times as long as an idle one. */
const timeoutMs = 120_000 + numRuns * 100;

it('keeps every promise in every history', { timeout: timeoutMs }, async () => {
  const broken = await findBrokenPromise({
    numRuns,
    seed,
    ...(WEIR_MODEL_PATH !== undefined && { path: WEIR_MODEL_PATH }),
  });

  expect(broken).toBeUndefined();
});

/** Independent of WEIR_MODEL_HISTORIES: so many histories find every missing rule. */
const enoughHistories = 2000;

it.each(Object.entries(mutants))(
  'finds a broken promise where %s',
  { timeout: 120_000 + enoughHistories * 100 },
  async (_, mutantAndFocus) => {
    const broken = await findBrokenPromise({
      ...mutantAndFocus,
      numRuns: enoughHistories,
      seed: 1,
      endOnFailure: true,
    });

    expect(broken).toBeDefined();
  },
);
