// Each window of a summary, of accounts with few and many users, on one slot and on all slots that an account can have.

import { seededRandom } from '@weir/twin/faults';
import { boundsOf, type windows } from '../../domain/reading/summary.ts';
import { seedRandomBytes } from '../../domain/record/batch-id.ts';
import { dayMs, hourMs } from '../../domain/system/time.ts';
import { ProblemError } from '../../lambdas/edge/http.ts';
import { summaryLimits } from '../../lambdas/read/read-window.ts';
import { readSummary } from '../../lambdas/read/summary.ts';
import { type SealedRecord, sealed } from '../consume-bench/load.ts';
import { shopOf } from '../consume-bench/shop.ts';
import type { Held } from '../support/held.ts';
import { callerOf, percentile, startReadStage } from './stage.ts';

const endMs = Date.parse('2026-11-21T10:25:00.000Z');
const days = 30;
const batchesPerHour = 2;
const eventsPerBatch = 250;
const times = 100;
/** Each folds four days at most. */
const requestsThatFold = 12;
const users = [10, 1000, 100_000];
/** On two streams, an account has 8 on each. */
const slots = [1, 16];
const names = ['1h', '24h', '7d', '30d'] as const satisfies readonly (keyof typeof windows)[];
/** The objective for a summary that is not cached. */
const mostMs = 1000;

export async function benchSummary(): Promise<Held[]> {
  const held: Held[] = [];
  for (const count of users)
    for (const most of slots) {
      const stage = await startReadStage();
      try {
        await stage.store([...recordsOf(count, most)]);
        stage.clock.nowMs = endMs;
        await stage.finish();
        const deps = { ...stage.deps, summaryLimits };
        const ask = (name: (typeof names)[number]) =>
          readSummary(deps, { caller: callerOf(most), bounds: boundsOf(name, endMs) });
        // As the schedule has folded them by then.
        for (let request = 0; request < requestsThatFold; request += 1) await isReady(() => ask('30d'));
        console.log(`${count} users, ${most} slots`);
        for (const name of names) {
          const spent = [];
          for (let time = 0; time < times; time += 1)
            spent.push((await stage.measure(() => ask(name))).spent);
          const ms = spent.map((each) => each.ms);
          const last = spent.at(-1);
          console.log(
            `  ${name}: ${last?.units.toFixed(1)} units, ${last?.calls} calls; P50 ${percentile(ms, 0.5).toFixed(0)} ms, ` +
              `P99 ${percentile(ms, 0.99).toFixed(0)} ms`,
          );
          held.push({
            what: `ms at P99, ${count} users, ${most} slots, ${name}`,
            figure: percentile(ms, 0.99),
            most: mostMs,
          });
        }
      } finally {
        await stage.end();
      }
    }
  return held;
}

async function isReady(ask: () => Promise<unknown>): Promise<boolean> {
  try {
    await ask();
    return true;
  } catch (error) {
    if (error instanceof ProblemError && error.code === 'summary_not_ready') return false;
    throw error;
  }
}

function* recordsOf(count: number, most: number): Generator<SealedRecord> {
  const shop = shopOf({ count, named: 'by UUID' }, seededRandom(1));
  const stepMs = hourMs / batchesPerHour;
  for (let atMs = endMs - days * dayMs; atMs <= endMs; atMs += stepMs) {
    const sent = Array.from({ length: eventsPerBatch }, () => shop.event(atMs, stepMs));
    yield* sealed(sent, atMs, shop.bytes(seedRandomBytes), most);
  }
}
