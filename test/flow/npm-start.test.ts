import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import {
  existsSync,
  globSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join, resolve } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { createApi } from '../support/api.ts';
import { eventually } from '../support/eventually.ts';
import { removeTwinFolder } from '../support/logs.ts';
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
  url = ready().url;
});
afterAll(() => {
  npm.kill('SIGKILL');
  removeTwinFolder(folder);
});

const ready = () => JSON.parse(readFileSync(readyFile, 'utf8'));
const runningFile = () =>
  globSync('.weir/running/*.json').find((file) => JSON.parse(readFileSync(file, 'utf8')).url === url);
let url = '';
/** Another twin may run for this project, so that weir is run in a project that has the file of this one alone. */
const project = join(folder, 'project');
const weir = (...argv: string[]) =>
  spawnSync(process.execPath, [resolve('bin/weir.ts'), ...argv], { cwd: project, encoding: 'utf8' });

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

it('prints the address, the key, the token of a person and four curl lines that work when pasted', async () => {
  const [{ api_key }] = ready().accounts;
  expect(said).toContain(ready().url);
  expect(said).toContain(api_key);
  const [post = '', summary = '', asPerson = '', health = '', ...more] = said
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
  expect(asPerson).toContain('authorization: Bearer ey');
  expect(paste(asPerson)).toMatchObject({ account_id: 'demo', total: 2 });
  expect(paste(health)).toEqual({ status: 'alive', dependencies: 'not_checked' });
});

it('leaves a file for its owner alone, by which weir --local reaches it', async () => {
  const file = runningFile() ?? '';
  expect(statSync(file).mode & 0o777).toBe(0o600);
  mkdirSync(join(project, '.weir/running'), { recursive: true });
  symlinkSync(resolve(file), join(project, '.weir/running', basename(file)));
  writeFileSync(join(project, 'cdk.json'), '{}');

  const { status, stdout, stderr } = weir('--local', 'account', 'create', '--account', 'acme', '--json');

  expect(status, stderr).toBe(0);
  const api = createApi(ready().url, JSON.parse(stdout).api_key);
  expect((await api.post('/v1/events', [{ type: 't' }])).status).toBe(202);
  expect(said).toContain('npm run -s weir -- --local account create --account acme');
});

it('prints its options when asked, and starts nothing', () => {
  const { status, stdout, stderr } = spawnSync(process.execPath, ['local/main.ts', '--help'], {
    encoding: 'utf8',
  });

  expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
  expect(stdout).toContain('--ready-file FILE');
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
  npm.kill('SIGTERM');

  const answers = () =>
    fetch(`${url}/health`).then(
      () => true,
      () => false,
    );
  await eventually(answers, (answered) => !answered);
  await eventually(
    async () => runningFile(),
    (file) => file === undefined,
  );
  const { status, stderr } = weir('--local', 'quarantine', 'list');
  expect(status).toBe(1);
  expect(stderr).toContain('No twin runs here');
  expect(stderr).toContain('npm start');
});

it.each(['SIGKILL', 'SIGHUP'] as const)('leaves no process where npm alone gets %s', async (signal) => {
  const file = join(folder, `${signal}.json`);
  const alone = spawn('npm', ['start', '--', '--memory', '--port', '0', '--ready-file', file], {
    stdio: 'ignore',
    detached: true,
  });
  await eventually(
    async () => existsSync(file),
    (exists) => exists,
  );
  const started = descendantsOf(alone.pid ?? 0).map(({ pid }) => pid);
  // npm's shell or none, the platform, the engine and its guard.
  expect(started.length).toBeGreaterThanOrEqual(3);

  alone.kill(signal);

  await eventually(
    async () => stillRunning(started),
    ({ length }) => length === 0,
  );
});
