import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { eventually } from '../support/eventually.ts';

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
  expect(paste(health)).toEqual({ status: 'ok' });
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
