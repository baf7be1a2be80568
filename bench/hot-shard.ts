// What one account that floods its shard does to others. A standard account sends batches of 32 events of 11.5 KB of
// noise from 64 connections: eight a second, which is three times what a shard takes, or with `--rude` as fast as it can.
// Two quiet accounts send an event twice a second: one on another shard, one on the same. `npm run bench:hot-shard`.

import { setTimeout as sleep } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { countByStatus, type Outcome, sendSteadily } from '../test/support/load.ts';
import { nameInShard } from '../test/support/shards.ts';
import { headersOf, startFlood } from './support/flood.ts';
import { report } from './support/held.ts';
import { serveAccounts, withServed } from './support/served-accounts.ts';
import { processorSeconds, renderUse } from './twin-bench/processor.ts';

const { values } = parseArgs({
  options: { serve: { type: 'string' }, rude: { type: 'boolean', default: false } },
});
const quietPerSecond = 2;
const floodPerSecond = 8;
const accounts = {
  loud: { name: nameInShard(0, 'loud'), tier: 'standard' },
  apart: { name: nameInShard(1, 'apart'), tier: 'standard' },
  beside: { name: nameInShard(0, 'beside'), tier: 'standard' },
} as const;

const bench = () =>
  withServed<keyof typeof accounts>(import.meta.filename, async ({ url, pid, keys }) => {
    const quiet = async (seconds: number) => {
      const [apart, beside] = await Promise.all(
        [keys.apart, keys.beside].map((key) => sendQuietly(url, key, seconds)),
      );
      return { apart: apart ?? [], beside: beside ?? [] };
    };
    await quiet(3);
    const alone = await quiet(15);
    const flood = startFlood(url, keys.loud, values.rude ? undefined : floodPerSecond);
    await sleep(1000);
    const before = processorSeconds(pid);
    const during = await quiet(15);
    const use = renderUse(before, processorSeconds(pid), 15);
    const loud = await flood.end();
    const after = await quiet(10);
    print('alone', alone);
    print('beside the flood', during);
    print('after it', after);
    console.log(`the flood was answered ${JSON.stringify(countByStatus(loud))}, P99 ${at(loud, 0.99)} ms`);
    console.log(`processors beside the flood: ${use}`);
    const failed = during.apart.filter(({ status }) => status !== 202).length;
    report('hot shard', [
      { what: 'requests of the account on another shard that failed', figure: failed, most: 0 },
    ]);
  });

const at = (outcomes: readonly Outcome[], share: number) =>
  (
    outcomes.map(({ milliseconds }) => milliseconds).toSorted((one, other) => one - other)[
      Math.ceil(outcomes.length * share) - 1
    ] ?? Number.NaN
  ).toFixed(0);

function print(phase: string, byShard: Readonly<Record<'apart' | 'beside', readonly Outcome[]>>): void {
  for (const [where, outcomes] of Object.entries(byShard))
    console.log(
      `${phase}, ${where === 'apart' ? 'another shard' : 'the same shard'}: ` +
        `${JSON.stringify(countByStatus(outcomes))}, P50 ${at(outcomes, 0.5)} ms, P95 ${at(outcomes, 0.95)} ms, P99 ${at(outcomes, 0.99)} ms`,
    );
}

const sendQuietly = (url: string, key: string, seconds: number) =>
  sendSteadily({
    url,
    perSecond: quietPerSecond,
    count: seconds * quietPerSecond,
    next: () => ({ method: 'POST', path: '/v1/events', headers: headersOf(key), body: '[{"type":"tick"}]' }),
  });

if (values.serve === undefined) await bench();
else await serveAccounts(values.serve, accounts);
