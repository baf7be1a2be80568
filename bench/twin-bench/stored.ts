// How many events are stored per second, from the first request until consume has counted all of them. Next to it, in the
// same run, the rate at which the engine takes bare claims of event ids, which is the least that storing an event costs,
// and the CPU time of each thread.

import { DynamoIdentities } from '../../adapters/storing/dynamodb-identities.ts';
import { eventually } from '../../test/support/eventually.ts';
import { sendLoad } from '../../test/support/load.ts';
import { startTables } from '../../test/support/tables.ts';
import { bareClaims } from '../support/bare-claims.ts';
import type { Held } from '../support/held.ts';
import { batchRequest, type Ids, type Sender } from './events.ts';
import { consumeMetrics, forgetMetrics, storedIn } from './metrics.ts';
import { processorSeconds, renderUse } from './processor.ts';
import { quiet } from './quiet.ts';
import type { Twin } from './serve.ts';

type Load = { readonly batchSize: number; readonly ids: Ids; readonly count: number; readonly goal?: number };

/** Each is enough for some seconds of work. */
const loads: readonly Load[] = [
  { batchSize: 1, ids: 'numbered', count: 600 },
  { batchSize: 10, ids: 'numbered', count: 6000 },
  { batchSize: 100, ids: 'numbered', count: 40_000 },
  { batchSize: 500, ids: 'numbered', count: 60_000 },
  { batchSize: 100, ids: 'UUIDv7 of now', count: 100_000, goal: 10_000 },
  { batchSize: 500, ids: 'UUIDv7 of now', count: 200_000, goal: 20_000 },
];
const requestsAtOnce = 16;

export async function benchStored(
  { url, pid }: Twin,
  senders: readonly Sender[],
  only: string,
): Promise<readonly Held[]> {
  const claims = await claimsPerSecond();
  const rows: Record<string, object> = {};
  const shares: string[] = [];
  const micros: string[] = [];
  const held: Held[] = [];
  const firstSent = 5_000_000;
  let sent = firstSent;
  const ofOthers = (await countedOf(url, senders)).total;
  const check = async () => checkCounts(await countedOf(url, senders), ofOthers + sent - firstSent);
  for (const some of [senders.slice(0, 1), senders])
    for (const load of loads) {
      const { batchSize, ids, count, goal } = load;
      const name = `batches of ${batchSize}, ids ${ids}, ${some.length} account${some.length === 1 ? '' : 's'}`;
      if (!name.includes(only)) continue;
      await store(url, some, { ...load, count: 8 * batchSize }, sent);
      sent += 8 * batchSize;
      await check();
      await quiet(url);
      const before = processorSeconds(pid);
      const { acceptedPerSecond, storedPerSecond, seconds } = await store(url, some, load, sent);
      sent += count;
      await check();
      rows[name] = {
        'accepted/s': Math.round(acceptedPerSecond),
        'stored/s': Math.round(storedPerSecond),
        'bare claims/s': Math.round(claims),
        ratio: `1/${(claims / storedPerSecond).toFixed(1)}`,
      };
      const after = processorSeconds(pid);
      shares.push(`  ${name.padEnd(45)} ${renderUse(before, after, seconds)}`);
      micros.push(`  ${name.padEnd(45)} ${renderUse(before, after, count / 1e6)}`);
      if (goal) held.push({ what: `µs an event: ${name}`, figure: 1e6 / storedPerSecond, most: 1e6 / goal });
      console.error(`${name}: done`);
    }
  console.table(rows);
  console.log(['Processors in use by thread, of the twin and its engines:', ...shares].join('\n'));
  console.log(['µs of CPU an event by thread:', ...micros].join('\n'));
  return held;
}

async function store(
  url: string,
  senders: readonly Sender[],
  { batchSize, ids, count }: Load,
  from: number,
): Promise<{ acceptedPerSecond: number; storedPerSecond: number; seconds: number }> {
  await forgetMetrics(url);
  const startMs = performance.now();
  const since = () => (performance.now() - startMs) / 1000;
  const outcomes = await sendLoad({
    url,
    count: count / batchSize,
    concurrency: requestsAtOnce,
    next: (index) => batchRequest(senders, index, { batchSize, ids, from }),
  });
  const acceptedSeconds = since();
  const refused = outcomes.find(({ status }) => status !== 202);
  if (refused !== undefined)
    throw new Error(`A request was answered ${refused.status}: not all events are stored.`);
  // By the metrics, which cost nothing: a summary reads what no run has folded yet, some thousand receipts.
  await eventually(
    () => consumeMetrics(url),
    (lines) => storedIn(lines) >= count,
    120_000,
  );
  const seconds = since();
  return { acceptedPerSecond: count / acceptedSeconds, storedPerSecond: count / seconds, seconds };
}

type Counted = { readonly total: number; readonly isWhole: boolean };

/** Not whole where a summary says that it is behind: of what no run has taken yet, it reads a megabyte. */
async function countedOf(url: string, senders: readonly Sender[]): Promise<Counted> {
  let [total, isWhole] = [0, true];
  for (const { account, apiKey } of senders) {
    const askedAtMs = Date.now();
    const response = await fetch(`${url}/v1/accounts/${account}/summary?window=24h`, {
      headers: { 'x-api-key': apiKey },
    });
    const summary = (await response.json()) as { readonly total: number; readonly as_of: string };
    total += summary.total;
    isWhole &&= Date.parse(summary.as_of) >= askedAtMs;
  }
  return { total, isWhole };
}

function checkCounts({ total, isWhole }: Counted, expected: number): void {
  if (total > expected || (isWhole && total < expected))
    throw new Error(`The summaries count ${total} events of ${expected}.`);
}

async function claimsPerSecond(): Promise<number> {
  const count = 20_000;
  const tables = await startTables();
  const identities = new DynamoIdentities(tables.table('identities'));
  const claim = (prefix: string, length: number) => identities.claim(bareClaims(prefix, length));
  await claim('warm', 1000);
  const startMs = performance.now();
  await claim('bare', count);
  const seconds = (performance.now() - startMs) / 1000;
  await tables.end();
  return count / seconds;
}
