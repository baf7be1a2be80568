import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { createApi } from '../support/api.ts';
import { eventually } from '../support/eventually.ts';
import { descendantsOf, stillRunning } from '../support/processes.ts';

const folder = mkdtempSync(join(tmpdir(), 'weir-start-'));
const readyFile = join(folder, 'ready.json');
let npm: ChildProcess;
let said = '';

beforeAll(async () => {
  npm = spawn('npm', ['start', '--', '--memory', '--port', '0', '--ready-file', readyFile], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  npm.stdout?.setEncoding('utf8').on('data', (text: string) => {
    said += text;
  });
  await eventually(
    async () => said,
    () => existsSync(readyFile) && said.includes('/health'),
  );
});
afterAll(() => {
  npm.kill('SIGKILL');
  rmSync(folder, { recursive: true });
});

const ready = () => JSON.parse(readFileSync(readyFile, 'utf8'));

it('writes where it is and whom it knows when it is ready', () => {
  const account = (account_id: string) => ({
    account_id,
    environment: 'production',
    api_key: expect.stringMatching(/^weir_production_/),
    scopes: ['ingest', 'read'],
  });

  expect(ready()).toEqual({
    url: expect.stringMatching(/^http:\/\/127\.0\.0\.1:\d+$/),
    accounts: [account('demo'), account('demo-two')],
  });
});

it('prints the address, the key and three curl lines that work when pasted', async () => {
  const [{ api_key }] = ready().accounts;
  expect(said).toContain(ready().url);
  expect(said).toContain(api_key);
  const [post = '', summary = '', health = '', ...more] = said
    .split('\n')
    .filter((line) => line.trim().startsWith('curl '))
    .map((line) => line.trim());
  expect(more).toEqual([]);
  const paste = (line: string) => JSON.parse(spawnSync('sh', ['-c', line], { encoding: 'utf8' }).stdout);

  expect(paste(post)).toMatchObject({ accepted: 2, rejected: [] });
  await eventually(
    async () => paste(summary),
    ({ total }) => total === 2,
  );
  expect(paste(health)).toEqual({ status: 'alive', dependencies: 'not_checked' });
});

it('takes a Ctrl-C with requests in flight, ends them or breaks them off, and leaves no process', async () => {
  const file = join(folder, 'interrupted.json');
  // A group of its own, because Ctrl-C goes to every process of the terminal's.
  const group = spawn('npm', ['start', '--', '--memory', '--port', '0', '--ready-file', file], {
    stdio: 'ignore',
    detached: true,
  });
  const pid = group.pid ?? 0;
  await eventually(
    async () => existsSync(file),
    (exists) => exists,
  );
  const { url, accounts } = JSON.parse(readFileSync(file, 'utf8'));
  const api = createApi(url, accounts[0].api_key);
  const started = descendantsOf(pid).map((each) => each.pid);
  const events = Array.from({ length: 500 }, (_, index) => ({ type: 'busy', event_id: `busy-${index}` }));
  const inFlight = Array.from({ length: 64 }, () => api.post('/v1/events', events));
  const outcomes = Promise.allSettled(inFlight);
  await Promise.any(inFlight);

  process.kill(-pid, 'SIGINT');

  await eventually(
    async () => stillRunning([pid, ...started]),
    ({ length }) => length === 0,
  );
  expect(started.length).toBeGreaterThanOrEqual(3);
  const statuses = (await outcomes).flatMap((outcome) =>
    outcome.status === 'fulfilled' ? [outcome.value.status] : [],
  );
  expect(statuses).toContain(202);
});

it('leaves nothing behind when npm is told to end', async () => {
  const { url } = ready();

  npm.kill('SIGTERM');

  const answers = () =>
    fetch(`${url}/health`).then(
      () => true,
      () => false,
    );
  await eventually(answers, (answered) => !answered);
});
