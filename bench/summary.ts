// What a 30-day summary of full documents takes: memory and CPU of a process that reads it as the function does, from a
// server that has as many full documents as the account has slots. Live and late events, every hour of every lane. The
// days are not folded at first, then as many are as the requests before have folded, then all folds are stale. CPU time
// needs a quiet machine.
// `npm run bench:summary`.

import { fork } from 'node:child_process';
import { once } from 'node:events';
import { type FullTable, nowMs, startFullTable } from './summary-bench/full-table.ts';
import type { ReaderReport } from './summary-bench/reader.ts';
import { report } from './support/held.ts';

/** The function has 1,024 MiB, and V8 takes what it may before it collects: the heap is what a summary must do with. */
const heap = ['--max-old-space-size=96', '--max-semi-space-size=4'];
const mostMegabytes = 256;
const mostCpuMs = 1000;
const reader = new URL('./summary-bench/reader.ts', import.meta.url);

for (const slots of [1, 8]) {
  const table = await startFullTable(slots);
  try {
    console.log(`${slots} slots, ${table.documentKilobytes.toFixed(0)} KB a document`);
    for (const state of ['unfolded', 'folded in part', 'stale']) {
      if (state === 'stale') table.makeStale();
      const read = await readIn(table);
      console.log(`  ${state}: ${render(read)}`);
      report(`${slots} slots, ${state}`, [
        { what: 'MB of memory', figure: read.mostMegabytes, most: mostMegabytes },
        { what: 'ms of CPU a request', figure: read.mostCpuMs, most: mostCpuMs },
        { what: 'events missing', figure: Math.abs(table.total - read.total), most: 0 },
      ]);
    }
  } finally {
    await table.end();
  }
}

/** In a process of its own. */
async function readIn({ url, slots }: FullTable): Promise<ReaderReport> {
  const child = fork(reader, [url, String(slots), String(nowMs)], { execArgv: heap });
  const [answer] = (await once(child, 'message')) as [ReaderReport];
  return answer;
}

function render(read: ReaderReport): string {
  return (
    `${read.notReady} requests are told that it is not ready; of all ${read.requests} the dearest takes ` +
    `${read.mostCpuMs.toFixed(0)} ms of CPU, the last one ${read.lastCpuMs.toFixed(0)}; ` +
    `${read.mostMegabytes.toFixed(0)} MB of memory, ${read.idleMegabytes.toFixed(0)} before the first`
  );
}
