// The twin as the event backend of a test suite: what it has stored, what it has not, and back to nothing.

import { setTimeout as sleep } from 'node:timers/promises';
import type { Twin } from '@weir/twin';
import { twinAccount } from '@weir/twin/template';
import type { Asked, AskedWait } from '../../cli/test-suite/asked.ts';
import type { BadEvent } from '../../cli/test-suite/bad.ts';
import type { GoodEvent } from '../../cli/test-suite/good.ts';

export type Counts = { readonly total: number; readonly good: number; readonly bad: number };

export type Suite = {
  good(asked: Asked): Promise<readonly GoodEvent[]>;
  bad(asked: Asked): Promise<readonly BadEvent[]>;
  all(asked: Asked): Promise<Counts>;
  /** Rejects with NotStored at its timeout. */
  wait(asked: AskedWait): Promise<readonly GoodEvent[]>;
  /** Returns what there was. */
  reset(): Promise<Counts>;
};

/** Fewer events were stored in time than were waited for. */
export class NotStored extends Error {
  override readonly name = 'NotStored';
  readonly good: readonly GoodEvent[];
  readonly bad: readonly BadEvent[];
  constructor({ count, timeoutMs }: AskedWait, good: readonly GoodEvent[], bad: readonly BadEvent[]) {
    const wrong = countOf(bad);
    super(
      `${good.length} of ${count} events were stored within ${timeoutMs} ms; ${wrong} were rejected or quarantined. ` +
        (wrong > 0
          ? 'See what is wrong with those in "bad".'
          : 'See whether the client has flushed, and whether its address and key are those of the twin.'),
    );
    this.good = good;
    this.bad = bad;
  }
}

const pollMs = 25;
const countOf = (bad: readonly BadEvent[]): number => bad.reduce((sum, { count }) => sum + count, 0);

/** `twinOf`: undefined until it runs. */
export function createSuite(stage: string, twinOf: () => Twin): Suite {
  // Loaded when it is first needed: a start needs no AWS client.
  let loaded: Promise<Awaited<ReturnType<typeof load>>> | undefined;
  const access = () => {
    loaded ??= load(stage, twinOf().proxyUrl);
    return loaded;
  };
  const now = () => twinOf().clock.now();
  const good = async (asked: Asked) => {
    const { readGood, tables } = await access();
    return readGood(tables, asked);
  };
  const bad = async (asked: Asked) => {
    const { readBad, tables } = await access();
    return readBad(tables, asked, now());
  };
  const all = async (asked: Asked) => {
    const [stored, wrong] = await Promise.all([good(asked), bad(asked)]);
    return countsOf(stored.length, countOf(wrong));
  };
  return {
    good,
    bad,
    all,
    wait: async (asked) => {
      const deadline = performance.now() + asked.timeoutMs;
      for (;;) {
        const stored = await good(asked);
        if (stored.length >= asked.count) return stored;
        if (performance.now() >= deadline) throw new NotStored(asked, stored, await bad(asked));
        await sleep(pollMs);
      }
    },
    reset: async () => {
      const { resetAccounts, readAsked, tables } = await access();
      const removed = await all(readAsked(new URLSearchParams(), now()));
      await resetAccounts(tables);
      const { functions } = twinOf();
      // It knows accounts by heart, in the generation of before.
      functions.replaceCode('authorize', functions.codeFolders().authorize ?? '');
      return removed;
    },
  };
}

const countsOf = (good: number, bad: number): Counts => ({ total: good + bad, good, bad });

async function load(stage: string, endpoint: string) {
  const [{ connectTables }, asked, { readGood }, { readBad }, { resetAccounts }] = await Promise.all([
    import('../../cli/test-suite/connect.ts'),
    import('../../cli/test-suite/asked.ts'),
    import('../../cli/test-suite/good.ts'),
    import('../../cli/test-suite/bad.ts'),
    import('../../cli/test-suite/reset.ts'),
  ]);
  const tables = await connectTables(stage, {
    endpoint,
    region: twinAccount.region,
    credentials: { accessKeyId: 'WEIROPERATOR', secretAccessKey: 'local' },
  });
  return { tables, readGood, readBad, resetAccounts, ...asked };
}
