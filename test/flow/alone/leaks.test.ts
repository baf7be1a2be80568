import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { afterAll, beforeAll, expect, inject, it } from 'vitest';
import { type RunningWeir, startWeir } from '../../../local/weir.ts';
import { createAccountOn } from '../../support/accounts.ts';
import { eventually } from '../../support/eventually.ts';
import { hurried } from '../../support/hurried.ts';
import { countByStatus, sendLoad } from '../../support/load.ts';
import { removeTwinFolder } from '../../support/logs.ts';
import { workerCount } from '../../support/workers.ts';

const folder = mkdtempSync(join(tmpdir(), 'weir-leaks-'));
let twin: RunningWeir;
let apiKey: string;

beforeAll(async () => {
  // On disk, because a stream in memory would rightly grow.
  twin = await startWeir({ ...hurried, memory: false, folder, assembly: inject('assembly') });
  // On a plan that lets 1,000 requests a second through, with bursts of 3,000.
  apiKey = (await createAccountOn(twin, 'busy', 'custom')).api_key;
});
afterAll(async () => {
  await twin.stop();
  removeTwinFolder(folder);
});

setFlagsFromString('--expose-gc');
const collectGarbage = runInNewContext('gc') as () => void;

const requestsOfRound = 300;

type Held = { readonly workers: number; readonly sockets: number; readonly memoryMebibytes: number };

async function lookAtHeld(): Promise<Held> {
  await untilSocketsAreClosed();
  // What was measured is kept for days, and grows with the minutes rather than the requests.
  twin.metrics.reset();
  twin.metricStore.clear();
  collectGarbage();
  const { heapUsed, external } = process.memoryUsage();
  return {
    workers: workerCount(),
    sockets: socketCount(),
    // Of this thread, buffers included: the gateway, the proxy and the stream. Workers have heaps of their own.
    memoryMebibytes: (heapUsed + external) / 2 ** 20,
  };
}

const socketCount = () => process.getActiveResourcesInfo().filter((name) => name === 'TCPSocketWrap').length;

/** Closing takes two sides and a moment: until no more of them go. */
async function untilSocketsAreClosed(): Promise<void> {
  let last = Number.POSITIVE_INFINITY;
  await eventually(
    async () => socketCount(),
    (count) => {
      const settled = count === last;
      last = count;
      return settled;
    },
  );
}

/** Half of them store an event, half of them read. */
async function roundOfRequests(): Promise<Held> {
  const headers = { 'x-api-key': apiKey, 'content-type': 'application/json' };
  const outcomes = await sendLoad({
    url: twin.url,
    count: requestsOfRound,
    concurrency: 32,
    next: (index) =>
      index % 2 === 0
        ? { method: 'POST', path: '/v1/events', headers, body: '{"type":"load"}' }
        : { method: 'GET', path: '/v1/quarantine', headers },
  });
  expect(countByStatus(outcomes)).toEqual({ 202: requestsOfRound / 2, 200: requestsOfRound / 2 });

  await eventually(
    async () => Object.values(twin.functions.activity()),
    (functions) => functions.every(({ busy }) => busy === 0),
  );
  return lookAtHeld();
}

it('hundreds of requests at concurrency 32 leak no worker, no socket and no memory', async () => {
  // What leaks grows with every round; what a cache or the collector keeps for now does not.
  const held = [await roundOfRequests(), await roundOfRequests()];
  if (leastGrowth(held, 'memoryMebibytes') >= leakMebibytes) held.push(await roundOfRequests());

  const environments = Object.values(twin.functions.activity()).reduce(
    (sum, each) => sum + each.environments,
    0,
  );
  // One thread is the engine's of streams.
  expect(held.at(-1)?.workers).toBe(environments + 1);
  expect(leastGrowth(held, 'workers')).toBeLessThanOrEqual(1);
  // Each request leaking one would be hundreds more.
  expect(leastGrowth(held, 'sockets')).toBeLessThan(20);
  expect(leastGrowth(held, 'memoryMebibytes')).toBeLessThan(leakMebibytes);
}, 120_000);

/** Three kilobytes a request. */
const leakMebibytes = (requestsOfRound * 3) / 1024;

function leastGrowth(held: readonly Held[], of: keyof Held): number {
  return Math.min(...held.slice(1).map((each, index) => each[of] - (held[index]?.[of] ?? 0)));
}
