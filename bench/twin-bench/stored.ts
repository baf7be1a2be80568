// How many events are stored per second, from the first request until the summaries count all of them. Next to it, in the
// same run, the rate at which the engine takes bare claims of event ids, which is the least that storing an event costs,
// and the CPU time of each thread.

import { DynamoIdentities } from '../../adapters/storing/dynamodb-identities.ts';
import { eventually } from '../../test/support/eventually.ts';
import { sendLoad } from '../../test/support/load.ts';
import { startTables } from '../../test/support/tables.ts';
import { bareClaims } from '../support/bare-claims.ts';
import { benchEvent } from './events.ts';
import { processorSeconds } from './processor.ts';
import { quiet } from './quiet.ts';

export type Sender = { readonly account: string; readonly apiKey: string };

/** By batch size: enough for some seconds of work. */
const eventsToSend = new Map([
  [1, 600],
  [10, 6000],
  [100, 40_000],
  [500, 60_000],
]);
const requestsAtOnce = 16;

export async function benchStored(url: string, pid: number, senders: readonly Sender[]): Promise<void> {
  const claims = await claimsPerSecond();
  const rows: Record<string, object> = {};
  const shares: string[] = [];
  let sent = 5_000_000;
  for (const some of [senders.slice(0, 1), senders])
    for (const [batchSize, count] of eventsToSend) {
      await store(url, some, batchSize, 8 * batchSize, sent);
      sent += 8 * batchSize;
      await quiet(url);
      const before = processorSeconds(pid);
      const { acceptedPerSecond, storedPerSecond, seconds } = await store(url, some, batchSize, count, sent);
      sent += count;
      const name = `batches of ${batchSize}, ${some.length} account${some.length === 1 ? '' : 's'}`;
      rows[name] = {
        'accepted/s': Math.round(acceptedPerSecond),
        'stored/s': Math.round(storedPerSecond),
        'bare claims/s': Math.round(claims),
        ratio: `1/${(claims / storedPerSecond).toFixed(1)}`,
      };
      shares.push(`  ${name.padEnd(30)} ${renderShares(before, processorSeconds(pid), seconds)}`);
      console.error(`${name}: done`);
    }
  console.table(rows);
  console.log(['Processors in use by thread, of the twin and its engines:', ...shares].join('\n'));
}

async function store(
  url: string,
  senders: readonly Sender[],
  batchSize: number,
  count: number,
  from: number,
): Promise<{ acceptedPerSecond: number; storedPerSecond: number; seconds: number }> {
  const before = await totalOf(url, senders);
  const startMs = performance.now();
  const since = () => (performance.now() - startMs) / 1000;
  const outcomes = await sendLoad({
    url,
    count: count / batchSize,
    concurrency: requestsAtOnce,
    next: (index) => ({
      method: 'POST',
      path: '/v1/events',
      headers: {
        'x-api-key': senders[index % senders.length]?.apiKey ?? '',
        'content-type': 'application/json',
      },
      body: JSON.stringify(
        Array.from({ length: batchSize }, (_, at) => benchEvent(from + index * batchSize + at)),
      ),
    }),
  });
  const acceptedSeconds = since();
  const refused = outcomes.find(({ status }) => status !== 202);
  if (refused !== undefined)
    throw new Error(`A request was answered ${refused.status}: not all events are stored.`);
  await eventually(
    () => totalOf(url, senders),
    (total) => total >= before + count,
    120_000,
  );
  const seconds = since();
  return { acceptedPerSecond: count / acceptedSeconds, storedPerSecond: count / seconds, seconds };
}

async function totalOf(url: string, senders: readonly Sender[]): Promise<number> {
  let total = 0;
  for (const { account, apiKey } of senders) {
    const response = await fetch(`${url}/v1/accounts/${account}/summary?window=24h`, {
      headers: { 'x-api-key': apiKey },
    });
    total += ((await response.json()) as { total: number }).total;
  }
  return total;
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

function renderShares(
  before: ReadonlyMap<string, number>,
  after: ReadonlyMap<string, number>,
  seconds: number,
): string {
  const used = [...after]
    .map(([name, total]) => ({ name, share: (total - (before.get(name) ?? 0)) / seconds }))
    .filter(({ share }) => share >= 0.05)
    .sort((one, other) => other.share - one.share);
  return (
    used.map(({ name, share }) => `${name} ${share.toFixed(2)}`).join(', ') || 'not available on this system'
  );
}
