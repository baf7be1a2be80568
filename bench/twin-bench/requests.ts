// How fast requests are answered, next to a bare HTTP server, and where the time of a request goes.

import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { CallCounts } from '@weir/twin';
import { type LoadRequest, type Outcome, sendLoad } from '../../test/support/load.ts';
import { benchEvent } from './events.ts';
import { quiet } from './quiet.ts';

export async function benchRequests(
  count: number,
  floorUrl: string,
  twinUrl: string,
  apiKey: string,
  folder: string,
): Promise<void> {
  const headers = { 'x-api-key': apiKey, 'content-type': 'application/json' };
  const kinds: Readonly<Record<string, (index: number) => LoadRequest>> = {
    'no route: the gateway alone': () => ({ method: 'GET', path: '/nowhere' }),
    'POST 1 event': (index) => ({
      method: 'POST',
      path: '/v1/events',
      headers,
      body: JSON.stringify(benchEvent(index)),
    }),
    'POST 100 events': (index) => ({
      method: 'POST',
      path: '/v1/events',
      headers,
      body: JSON.stringify(Array.from({ length: 100 }, (_, at) => benchEvent(index * 100 + at))),
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
    throw new Error(`A request was answered ${failed.status}: this does not measure the twin.`);
  const sorted = outcomes.map(({ milliseconds }) => milliseconds).sort((left, right) => left - right);
  const at = (share: number) => (sorted[Math.floor(sorted.length * share)] ?? 0).toFixed(1);
  return { perSecond: outcomes.length / seconds, p50: at(0.5), p95: at(0.95) };
}

type LogLine = Readonly<Record<'responseLatencyMs' | 'authorizerLatencyMs' | 'integrationLatencyMs', string>>;

/** From the access log, in whole milliseconds, and the call meter. Requests are sent one after another. */
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
