// How fast the offline twin is, and where the time of a request goes. Rates are printed beside those of a bare HTTP
// server in a process of its own that answers at once, under the same client in the same run: the ratio is what to
// trust, because machines differ. `--requests N` sends more or fewer of each kind.

import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createServer } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as sleep } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { listen } from '../local/http/listen.ts';
import type { CallCounts } from '../local/proxy/call-meter.ts';
import { startTwin } from '../local/twin.ts';
import { createAccountOn } from '../test/support/accounts.ts';
import { type LoadRequest, type Outcome, sendLoad } from '../test/support/load.ts';

const { values } = parseArgs({
  options: {
    requests: { type: 'string', default: '500' },
    /** Internal: what a child process is to be. */
    serve: { type: 'string' },
    folder: { type: 'string', default: '' },
  },
});

if (values.serve === 'floor') await serveFloor();
else if (values.serve === 'twin') await serveTwin(values.folder);
else await bench(Number(values.requests));

async function serveFloor(): Promise<void> {
  const answer = JSON.stringify({
    batch_id: 'x'.repeat(60),
    accepted: 1,
    rejected: [],
    receipt: 'x'.repeat(70),
  });
  const server = createServer((request, response) => {
    request.resume();
    request.on('end', () => response.writeHead(202, { 'content-type': 'application/json' }).end(answer));
  });
  console.log(JSON.stringify({ url: await listen(server, 0) }));
}

async function serveTwin(folder: string): Promise<void> {
  const twin = await startTwin({ memory: true, folder });
  // On the plan with the highest bursts, so that what is measured is the twin and not its throttle.
  const { api_key } = await createAccountOn(twin, 'bench', 'custom');
  console.log(JSON.stringify({ url: twin.url, apiKey: api_key }));
}

async function start(kind: 'floor' | 'twin', folder: string) {
  const child = spawn(process.execPath, [import.meta.filename, '--serve', kind, '--folder', folder], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  for await (const line of createInterface({ input: child.stdout }))
    return { child, ...(JSON.parse(line) as { url: string; apiKey?: string }) };
  throw new Error(`The ${kind} did not start.`);
}

async function stop(child: ChildProcess): Promise<void> {
  const gone = once(child, 'exit');
  child.kill('SIGTERM');
  await gone;
}

async function bench(count: number): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'weir-bench-'));
  const floor = await start('floor', folder);
  const twin = await start('twin', folder);
  try {
    await compare(count, floor.url, twin.url, twin.apiKey ?? '', folder);
  } finally {
    await Promise.all([stop(twin.child), stop(floor.child)]);
    rmSync(folder, { recursive: true });
  }
}

async function compare(
  count: number,
  floorUrl: string,
  twinUrl: string,
  apiKey: string,
  folder: string,
): Promise<void> {
  const headers = { 'x-api-key': apiKey, 'content-type': 'application/json' };
  const event = (index: number) => ({
    event_id: `b-${index}`,
    type: 'page.view',
    user_id: `u-${index % 50}`,
    service: 'web',
  });
  const kinds: Readonly<Record<string, (index: number) => LoadRequest>> = {
    'no route: the gateway alone': () => ({ method: 'GET', path: '/nowhere' }),
    'POST 1 event': (index) => ({
      method: 'POST',
      path: '/v1/events',
      headers,
      body: JSON.stringify(event(index)),
    }),
    'POST 100 events': (index) => ({
      method: 'POST',
      path: '/v1/events',
      headers,
      body: JSON.stringify(Array.from({ length: 100 }, (_, at) => event(index * 100 + at))),
    }),
    'GET summary': () => ({ method: 'GET', path: '/v1/accounts/bench/summary', headers }),
  };

  const rows: Record<string, object> = {};
  for (const concurrency of [1, 32]) {
    for (const [name, next] of Object.entries(kinds)) {
      const warm = {
        url: twinUrl,
        count: 64,
        concurrency,
        next: (index: number) => next(1_000_000 + index),
      };
      await sendLoad(warm);
      await quiet(twinUrl);
      const bare = await measure(() => sendLoad({ url: floorUrl, count, concurrency, next }));
      const ours = await measure(() => sendLoad({ url: twinUrl, count, concurrency, next }));
      rows[`${name}, ${concurrency} at once`] = {
        'requests/s': Math.round(ours.perSecond),
        'p50 ms': ours.p50,
        'p95 ms': ours.p95,
        'bare server/s': Math.round(bare.perSecond),
        ratio: `1/${Math.round(bare.perSecond / ours.perSecond)}`,
      };
      console.error(`${name}, ${concurrency} at once: done`);
    }
  }
  console.table(rows);

  for (const [name, next] of Object.entries(kinds).slice(1))
    await whereTimeGoes(name, next, count, twinUrl, folder);
}

type Measured = { readonly perSecond: number; readonly p50: string; readonly p95: string };

async function measure(work: () => Promise<readonly Outcome[]>): Promise<Measured> {
  const startedAtMs = performance.now();
  const outcomes = await work();
  const seconds = (performance.now() - startedAtMs) / 1000;
  const failed = outcomes.find(({ status }) => status >= 429);
  if (failed !== undefined)
    throw new Error(`An answer was ${failed.status}: this would not measure the twin.`);
  const sorted = outcomes.map(({ milliseconds }) => milliseconds).sort((left, right) => left - right);
  const at = (share: number) => (sorted[Math.floor(sorted.length * share)] ?? 0).toFixed(1);
  return { perSecond: outcomes.length / seconds, p50: at(0.5), p95: at(0.95) };
}

/** Until nothing runs behind the stream any more, whose work would be counted as the next kind's. */
async function quiet(url: string): Promise<void> {
  for (;;) {
    const { consume } = (await (await fetch(`${url}/_weir/functions`)).json()) as {
      consume: { busy: number };
    };
    if (consume.busy === 0) return;
    await sleep(50);
  }
}

type LogLine = Readonly<Record<'responseLatencyMs' | 'authorizerLatencyMs' | 'integrationLatencyMs', string>>;

/** From the gateway's access log, in whole milliseconds, and the call meter; requests one after the other. */
async function whereTimeGoes(
  name: string,
  next: (index: number) => LoadRequest,
  count: number,
  url: string,
  folder: string,
): Promise<void> {
  await quiet(url);
  await fetch(`${url}/_weir/calls`, { method: 'DELETE' });
  const log = join(folder, 'logs', 'access.log');
  const before = readFileSync(log, 'utf8').length;
  await sendLoad({ url, count, concurrency: 1, next: (index) => next(2_000_000 + index) });
  await sleep(200);
  const lines = readFileSync(log, 'utf8')
    .slice(before)
    .split('\n')
    .filter(Boolean)
    .map((line) => JSON.parse(line) as LogLine);
  const mean = (field: keyof LogLine) =>
    lines.reduce((sum, line) => sum + Number(line[field]), 0) / lines.length;
  const calls = (await (await fetch(`${url}/_weir/calls`)).json()) as CallCounts;
  const callsOf = (verb: string) =>
    Object.entries(calls[verb] ?? {}).map(
      ([operation, { calls: times, milliseconds }]) =>
        `${operation} ${(milliseconds / count).toFixed(1)} ms in ${(times / count).toFixed(1)} calls`,
    );
  const total = mean('responseLatencyMs');
  const authorizer = mean('authorizerLatencyMs');
  const integration = mean('integrationLatencyMs');
  const verb = next(0).method === 'POST' ? 'ingest' : 'read';
  console.log(
    [
      `\n${name}, one at a time: ${total.toFixed(1)} ms each in the gateway, of which`,
      `  gateway itself   ${Math.max(0, total - authorizer - integration).toFixed(1)} ms`,
      `  authorize        ${authorizer.toFixed(1)} ms   ${callsOf('authorize').join(', ')}`,
      `  ${verb.padEnd(16)} ${integration.toFixed(1)} ms   ${callsOf(verb).join(', ')}`,
    ].join('\n'),
  );
}
