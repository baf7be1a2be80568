// What accounts notice of a loud one, with 6 ms of latency on every AWS call. Two quiet accounts send an event a second,
// one of them on the shard of the loud one. The loud account backfills: batches of 500 events over 30 days, as fast as they
// are accepted, then at a pace at which 60 % of the processors are busy. Then it floods the shard. `npm run bench:neighbours`;
// `--seconds N` makes each part shorter or longer, `--only` runs one of alone, fast, paced, flood.

import { availableParallelism } from 'node:os';
import { setTimeout as sleep } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { metricNames } from '../domain/service-levels/metrics.ts';
import { eventually } from '../test/support/eventually.ts';
import { countByStatus } from '../test/support/load.ts';
import { nameInShard } from '../test/support/shards.ts';
import { eventsInBatch, startBackfill } from './neighbours-bench/backfill.ts';
import { at, type Heard, renderHeard, sendQuietly, together } from './neighbours-bench/quiet-account.ts';
import { startFlood } from './support/flood.ts';
import { report } from './support/held.ts';
import { serveAccounts, withServed } from './support/served-accounts.ts';
import { consumeSeries, forgetMetrics } from './twin-bench/metrics.ts';
import { processorSeconds, renderUse } from './twin-bench/processor.ts';

const { values } = parseArgs({
  options: {
    serve: { type: 'string' },
    seconds: { type: 'string', default: '60' },
    only: { type: 'string' },
  },
});
const seconds = Number(values.seconds);
const callMs = 6;
const busyShare = 0.6;
const paceEveryMs = 3000;
const patienceMs = 600_000;
/** A shard takes two or three such batches a second. */
const floodPerSecond = 4;
const accounts = {
  loud: { name: nameInShard(0, 'loud'), tier: 'custom' },
  apart: { name: nameInShard(1, 'apart'), tier: 'standard' },
  beside: { name: nameInShard(0, 'beside'), tier: 'standard' },
} as const;
const isRun = (part: string) => values.only === undefined || values.only === part;

const bench = () =>
  withServed<keyof typeof accounts>(import.meta.filename, async ({ url, pid, keys }) => {
    const rules = [{ on: {}, do: { kind: 'latency', ms: callMs } }];
    const { ok } = await fetch(`${url}/_weir/faults`, { method: 'PUT', body: JSON.stringify({ rules }) });
    if (!ok) throw new Error('The twin did not take the fault plan.');
    const quiet = async (part: string, forSeconds = seconds) => {
      const before = processorSeconds(pid);
      const heard = together(
        await Promise.all([keys.apart, keys.beside].map((key) => sendQuietly(url, key, forSeconds))),
      );
      console.log(renderHeard(part, heard));
      console.log(`  processors: ${renderUse(before, processorSeconds(pid), forSeconds)}`);
      return heard;
    };
    const fresh = ({ failed, freshnessMs }: Heard) => [
      { what: 'requests of quiet accounts that failed', figure: failed, most: 0 },
      { what: 's of freshness P95', figure: at(0.95, freshnessMs) / 1000, most: 5 },
    ];

    await quiet('to warm up', 10);
    const alone = await quiet('alone');
    const beside = ({ freshnessMs }: Heard) => ({
      what: 'times the freshness P99 of being alone',
      figure: at(0.99, freshnessMs) / at(0.99, alone.freshnessMs),
      most: 1.5,
    });

    if (isRun('fast')) {
      const { heard, perSecond } = await whileBackfilling(url, keys.loud, () => quiet('beside a backfill'));
      report('a backfill as fast as it is accepted', [
        ...fresh(heard),
        { what: 's of freshness P99', figure: at(0.99, heard.freshnessMs) / 1000, most: 15 },
        { what: 'ms to store 1,000 events of it', figure: 1e6 / perSecond, most: 500 },
      ]);
    }
    if (isRun('paced')) {
      const backfill = startBackfill(url, keys.loud);
      const pace = keepBusy(pid, backfill.pace);
      await sleep(5 * paceEveryMs);
      const heard = await quiet('beside a backfill at 60 % of the processors');
      pace.end();
      const { accepted, refused } = await backfill.end();
      console.log(`  ${accepted} batches accepted, ${refused} refused`);
      report('a backfill at 60 % of the processors', [...fresh(heard), beside(heard)]);
    }
    if (isRun('flood')) {
      const flood = startFlood(url, keys.loud, floodPerSecond);
      await sleep(1000);
      const heard = await quiet('beside a flood of one shard');
      console.log(`  the flood was answered ${JSON.stringify(countByStatus(await flood.end()))}`);
      report('a flood of one shard', [...fresh(heard), beside(heard)]);
    }
  });

/** And how many events of the backfill were stored a second, until all were. */
async function whileBackfilling(url: string, key: string, work: () => Promise<Heard>) {
  await forgetMetrics(url);
  const startMs = Date.now();
  const backfill = startBackfill(url, key);
  const heard = await work();
  const { accepted, refused } = await backfill.end();
  const sentSeconds = (Date.now() - startMs) / 1000;
  const stored = () => consumeSeries(url, metricNames.storedEvents);
  const meanwhile = await stored();
  const all = await eventually(stored, ({ sum }) => sum >= accepted * eventsInBatch, patienceMs);
  const perSecond = all.sum / ((Date.parse(all.latest_at) - startMs) / 1000);
  const late = await consumeSeries(url, metricNames.lateFreshness);
  console.log(
    `  ${accepted} batches accepted, ${refused} refused, in ${sentSeconds.toFixed(0)} s; ` +
      `${meanwhile.sum} events stored by then, all at ${perSecond.toFixed(0)} a second; ` +
      `late events wait up to ${(late.max / 1000).toFixed(0)} s`,
  );
  return { heard, perSecond };
}

/** Paces so that the twin uses its share of the processors. */
function keepBusy(pid: number, pace: (perSecond: number) => void): { end(): void } {
  let perSecond = 2;
  pace(perSecond);
  const usedSeconds = () => [...processorSeconds(pid).values()].reduce((sum, some) => sum + some, 0);
  let [usedAt, nowAt] = [usedSeconds(), performance.now()];
  const timer = setInterval(() => {
    const [used, now] = [usedSeconds(), performance.now()];
    const share = (used - usedAt) / ((now - nowAt) / 1000) / availableParallelism();
    [usedAt, nowAt] = [used, now];
    perSecond = Math.max(0.2, perSecond * Math.min(1.3, Math.max(0.7, busyShare / share)));
    pace(perSecond);
  }, paceEveryMs);
  return { end: () => clearInterval(timer) };
}

if (values.serve === undefined) await bench();
else await serveAccounts(values.serve, accounts);
