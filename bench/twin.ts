// How fast the offline twin is: requests answered, where the time of a request goes, events stored, and a lane of small
// batches. Rates are printed next to floors of the same run (a bare HTTP server, the engine's bare claims). Trust the
// ratios, because machines differ. `--requests N` sends more or fewer of each kind, `--load TEXT` stores only the loads
// whose name has the text, and `--only requests|steady|stored|small|memory` runs one part.

import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { parseArgs } from 'node:util';
import { report } from './support/held.ts';
import { benchMemory } from './twin-bench/memory.ts';
import { benchRequests } from './twin-bench/requests.ts';
import { type Served, type ServedTwin, serveFloor, serveTwin } from './twin-bench/serve.ts';
import { benchSmallBatches } from './twin-bench/small-batches.ts';
import { benchSteady } from './twin-bench/steady.ts';
import { benchStored } from './twin-bench/stored.ts';

const { values } = parseArgs({
  options: {
    requests: { type: 'string', default: '500' },
    only: { type: 'string' },
    load: { type: 'string', default: '' },
    /** Internal: which child process this is. */
    serve: { type: 'string' },
    folder: { type: 'string', default: '' },
  },
});
const accounts = Array.from({ length: 8 }, (_, index) => (index === 0 ? 'bench' : `bench-${index}`));

if (values.serve === 'floor') await serveFloor();
else if (values.serve === 'twin') await serveTwin(values.folder, accounts, true);
else if (values.serve === 'kept') await serveTwin(values.folder, accounts, false);
else await bench(Number(values.requests));

async function start<Of extends Served>(
  kind: 'floor' | 'twin' | 'kept',
  folder: string,
): Promise<Of & { child: ChildProcess; pid: number }> {
  const child = spawn(process.execPath, [import.meta.filename, '--serve', kind, '--folder', folder], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  for await (const line of createInterface({ input: child.stdout }))
    return { child, pid: child.pid ?? 0, ...(JSON.parse(line) as Of) };
  throw new Error(`The ${kind} did not start.`);
}

async function stop(child: ChildProcess): Promise<void> {
  const gone = once(child, 'exit');
  child.kill('SIGTERM');
  await gone;
}

async function bench(count: number): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'weir-bench-'));
  const floor = await start<Served>('floor', folder);
  const twin = await start<ServedTwin>('twin', folder);
  const senders = accounts.map((account, index) => ({ account, apiKey: twin.apiKeys[index] ?? '' }));
  try {
    const runs = (part: string) => values.only === undefined || values.only === part;
    if (runs('requests')) await benchRequests(count, floor.url, twin.url, senders[0]?.apiKey ?? '', folder);
    if (runs('steady')) report('steady', await benchSteady(twin, senders[0]?.apiKey ?? ''));
    if (runs('stored')) report('stored', await benchStored(twin, senders, values.load));
    if (runs('small')) report('small', await benchSmallBatches(twin));
    if (runs('memory')) {
      const kept = await start<ServedTwin>('kept', join(folder, 'kept'));
      const all = kept.apiKeys.map((apiKey, index) => ({ account: accounts[index] ?? '', apiKey }));
      report('memory', await benchMemory(kept, all).finally(() => stop(kept.child)));
    }
  } finally {
    await Promise.all([stop(twin.child), stop(floor.child)]);
    rmSync(folder, { recursive: true });
  }
}
