// What one account that floods its shard does to others. A standard account sends batches of 32 events of 11.5 KB of
// noise from 64 connections: eight a second, which is three times what a shard takes, or with `--rude` as fast as it can.
// Two quiet accounts send an event twice a second: one on another shard, one on the same. `npm run bench:hot-shard`.

import { type ChildProcess, spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { Agent, request } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as sleep } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { startWeir } from '../local/weir.ts';
import { createAccountOn } from '../test/support/accounts.ts';
import { countByStatus, type Outcome, sendSteadily } from '../test/support/load.ts';
import { nameInShard } from '../test/support/shards.ts';
import { report } from './support/held.ts';
import { processorSeconds, renderUse } from './twin-bench/processor.ts';

const { values } = parseArgs({
  options: { serve: { type: 'string' }, rude: { type: 'boolean', default: false } },
});
const quietPerSecond = 2;
const connections = 64;
/** Of a connection, between the beginnings of two batches. */
const pauseMs = 8000;
const names = {
  loud: nameInShard(0, 'loud'),
  apart: nameInShard(1, 'apart'),
  beside: nameInShard(0, 'beside'),
};

async function serve(folder: string): Promise<void> {
  const twin = await startWeir({ memory: true, folder, report: () => {} });
  const keys: Record<string, string> = {};
  for (const [role, account] of Object.entries(names))
    keys[role] = (await createAccountOn(twin, account, 'standard')).api_key;
  console.log(JSON.stringify({ url: twin.url, keys }));
}

type Served = { readonly url: string; readonly keys: Readonly<Record<keyof typeof names, string>> };

async function start(folder: string): Promise<Served & { child: ChildProcess; pid: number }> {
  const child = spawn(process.execPath, [import.meta.filename, '--serve', folder], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  for await (const line of createInterface({ input: child.stdout }))
    return { child, pid: child.pid ?? 0, ...(JSON.parse(line) as Served) };
  throw new Error('The twin did not start.');
}

async function bench(): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'weir-hot-shard-'));
  const { child, pid, url, keys } = await start(folder);
  try {
    const quiet = async (seconds: number) => {
      const [apart, beside] = await Promise.all(
        [keys.apart, keys.beside].map((key) => sendQuietly(url, key, seconds)),
      );
      return { apart: apart ?? [], beside: beside ?? [] };
    };
    await quiet(3);
    const alone = await quiet(15);
    const flood = startFlood(url, keys.loud);
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
  } finally {
    const gone = once(child, 'exit');
    child.kill('SIGTERM');
    await gone;
    rmSync(folder, { recursive: true });
  }
}

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

const headersOf = (key: string) => ({ 'x-api-key': key, 'content-type': 'application/json' });

const sendQuietly = (url: string, key: string, seconds: number) =>
  sendSteadily({
    url,
    perSecond: quietPerSecond,
    count: seconds * quietPerSecond,
    next: () => ({ method: 'POST', path: '/v1/events', headers: headersOf(key), body: '[{"type":"tick"}]' }),
  });

function startFlood(url: string, key: string): { end(): Promise<readonly Outcome[]> } {
  const agent = new Agent({ keepAlive: true });
  const noise = () => ({ type: 'noise', metadata: { noise: randomBytes(8625).toString('base64') } });
  const bodies = Array.from({ length: 8 }, () => JSON.stringify(Array.from({ length: 32 }, noise)));
  const outcomes: Outcome[] = [];
  let isOver = false;
  const firstMs = performance.now();
  const connection = async (index: number) => {
    for (let round = 0; !isOver; round += 1) {
      const dueMs = firstMs + (index * pauseMs) / connections + round * pauseMs;
      if (!values.rude) await sleep(Math.max(0, dueMs - performance.now()));
      outcomes.push(await post(url, key, bodies[(index + round) % bodies.length] ?? '', agent));
    }
  };
  const all = Promise.all(Array.from({ length: connections }, (_, index) => connection(index)));
  return {
    end: async () => {
      isOver = true;
      await all;
      agent.destroy();
      return outcomes;
    },
  };
}

function post(url: string, key: string, body: string, agent: Agent): Promise<Outcome> {
  const startedAtMs = performance.now();
  return new Promise((resolve, reject) => {
    const outgoing = request(
      new URL('/v1/events', url),
      { agent, method: 'POST', headers: headersOf(key) },
      (incoming) => {
        incoming.resume();
        incoming.on('end', () =>
          resolve({
            status: incoming.statusCode ?? 0,
            milliseconds: performance.now() - startedAtMs,
          }),
        );
      },
    );
    outgoing.on('error', reject);
    outgoing.end(body);
  });
}

if (values.serve !== undefined) await serve(values.serve);
else await bench();
