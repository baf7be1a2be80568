// How fast the offline twin is: requests answered, where the time of a request goes, and events stored. Rates are printed
// next to floors of the same run (a bare HTTP server, the engine's bare claims). Trust the ratios, because machines
// differ. `--requests N` sends more or fewer of each kind; `--only requests|stored` runs one half.

import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { parseArgs } from 'node:util';
import { benchRequests } from './twin-bench/requests.ts';
import { type Served, serveFloor, serveTwin } from './twin-bench/serve.ts';
import { benchStored } from './twin-bench/stored.ts';

const { values } = parseArgs({
  options: {
    requests: { type: 'string', default: '500' },
    only: { type: 'string' },
    /** Internal: which child process this is. */
    serve: { type: 'string' },
    folder: { type: 'string', default: '' },
  },
});
const accounts = Array.from({ length: 8 }, (_, index) => (index === 0 ? 'bench' : `bench-${index}`));

if (values.serve === 'floor') await serveFloor();
else if (values.serve === 'twin') await serveTwin(values.folder, accounts);
else await bench(Number(values.requests));

async function start(kind: 'floor' | 'twin', folder: string): Promise<Served & { child: ChildProcess }> {
  const child = spawn(process.execPath, [import.meta.filename, '--serve', kind, '--folder', folder], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  for await (const line of createInterface({ input: child.stdout }))
    return { child, ...(JSON.parse(line) as Served) };
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
  const senders = accounts.map((account, index) => ({ account, apiKey: twin.apiKeys[index] ?? '' }));
  try {
    if (values.only !== 'stored')
      await benchRequests(count, floor.url, twin.url, senders[0]?.apiKey ?? '', folder);
    if (values.only !== 'requests') await benchStored(twin.url, twin.child.pid ?? 0, senders);
  } finally {
    await Promise.all([stop(twin.child), stop(floor.child)]);
    rmSync(folder, { recursive: true });
  }
}
