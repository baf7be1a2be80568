import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { afterAll, expect, inject, it } from 'vitest';
import { createApi } from '../support/api.ts';
import { eventually } from '../support/eventually.ts';
import { removeTwinFolder } from '../support/logs.ts';
import { descendantsOf, stillRunning } from '../support/processes.ts';

const folder = mkdtempSync(join(tmpdir(), 'weir-kill-'));
let twin: ChildProcess | undefined;

async function start() {
  const child = spawn(process.execPath, ['test/support/run-twin.ts', folder, inject('assembly')], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  twin = child;
  for await (const line of createInterface({ input: child.stdout })) {
    const { url, apiKey } = JSON.parse(line) as { url: string; apiKey: string };
    return createApi(url, apiKey);
  }
  throw new Error('The twin ended before it was ready.');
}

async function kill() {
  const child = twin;
  if (!child || child.exitCode !== null || child.signalCode !== null) return;
  const started = descendantsOf(child.pid ?? 0).map(({ pid }) => pid);
  const gone = once(child, 'exit');
  child.kill('SIGKILL');
  await gone;
  // Nothing starts again before: a start would end an engine that was left, and hide that it was.
  await eventually(
    async () => stillRunning(started),
    ({ length }) => length === 0,
  );
  return started;
}

afterAll(async () => {
  await kill();
  removeTwinFolder(folder);
});

// Four starts of the whole platform, on a machine that may have more to do.
it('a kill -9 loses nothing that was acknowledged, and counts nothing twice', async () => {
  const accepted: string[] = [];
  for (let round = 0; round < 3; round += 1) {
    const api = await start();
    for (let index = 0; index < 20; index += 1) {
      const events = Array.from({ length: 10 }, (_, at) => ({
        event_id: `${round}-${index}-${at}`,
        type: 'kill',
      }));
      const { status, json } = await api.post('/v1/events', events);
      expect(status).toBe(202);
      accepted.push(json.batch_id);
    }
    // The engine and its guard.
    expect((await kill())?.length).toBeGreaterThanOrEqual(2);
  }

  const api = await start();

  const total = accepted.length * 10;
  const summary = await eventually(
    async () => (await api.get('/v1/accounts/acme/summary')).json,
    (seen) => seen.total >= total,
  );
  expect(summary).toMatchObject({ total, by_type: [{ type: 'kill', count: total }] });
  for (const batchId of accepted) {
    const { json } = await api.get(`/v1/batches/${batchId}`);
    expect(json).toMatchObject({ status: 'stored', accepted: 10, stored: 10, duplicates: 0 });
  }
}, 120_000);
