// What a 30-day summary of full documents takes: memory and CPU of a process that reads it as the function does, from a
// server that has as many full documents as the account has slots. Live and late events, every hour of every lane. The
// days are not folded at first, then as many are as the requests before have folded, then all folds are stale. And what a
// series of the same hours takes, and reads of the folds instead of the hours. CPU time needs a quiet machine.
// `npm run bench:summary`.

import { fork } from 'node:child_process';
import { once } from 'node:events';
import { heapOptions } from '../lib/function/weir-function.ts';
import { readHeap } from '../lib/hops/read.ts';
import { type FullTable, nowMs, type Reads, startFullTable } from './summary-bench/full-table.ts';
import type { ReaderReport } from './summary-bench/reader.ts';
import { report } from './support/held.ts';

const mostMegabytes = 256;
const mostCpuMs = 1000;
const reader = new URL('./summary-bench/reader.ts', import.meta.url);

for (const slots of [1, 8]) {
  const table = await startFullTable(slots);
  try {
    console.log(`${slots} slots, ${table.documentKilobytes.toFixed(0)} KB a document`);
    for (const state of ['unfolded', 'folded in part', 'series', 'stale', 'stale series']) {
      if (state === 'stale') table.makeStale();
      table.takeReads();
      const read = await readIn(table, state.endsWith('series') ? 'series' : 'summary');
      const reads = table.takeReads();
      console.log(`  ${state}: ${render(read)}`);
      if (state === 'series') console.log(`  ${renderReads(reads, read.requests, table)}`);
      report(`${slots} slots, ${state}`, [
        { what: 'MB of memory', figure: read.mostMegabytes, most: mostMegabytes },
        { what: 'ms of CPU of the first request', figure: read.firstCpuMs, most: mostCpuMs },
        { what: 'ms of CPU of a later request', figure: read.laterCpuMs, most: mostCpuMs },
        { what: 'events missing', figure: Math.abs(table.total - read.total), most: 0 },
      ]);
    }
  } finally {
    await table.end();
  }
}

/** In a process of its own. */
async function readIn({ url, slots }: FullTable, what: 'summary' | 'series'): Promise<ReaderReport> {
  const child = fork(reader, [url, String(slots), String(nowMs), what], { execArgv: heapOptions(readHeap) });
  const [answer] = (await once(child, 'message')) as [ReaderReport];
  return answer;
}

function renderReads(
  { items, units }: Reads,
  requests: number,
  { slots, documentKilobytes }: FullTable,
): string {
  const hours = 2 * slots * 720;
  return (
    `a month of hours by type is ${(items / requests).toFixed(0)} items and ${(units / requests).toFixed(0)} read units, ` +
    `instead of ${hours} items and ${((hours * documentKilobytes) / 4).toFixed(0)} units`
  );
}

function render(read: ReaderReport): string {
  return (
    `${read.notReady} of ${read.requests} requests are told that it is not ready; the first one takes ` +
    `${read.firstCpuMs.toFixed(0)} ms of CPU, the dearest later one ${read.laterCpuMs.toFixed(0)}, ` +
    `the last one ${read.lastCpuMs.toFixed(0)}; ` +
    `${read.mostMegabytes.toFixed(0)} MB of memory, ${read.idleMegabytes.toFixed(0)} before the first`
  );
}
