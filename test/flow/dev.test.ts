import { cpSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { startTwin, type Twin } from '../../local/twin.ts';
import { startWatchedTwin } from '../../local/watch/watched-twin.ts';
import { createApi } from '../support/api.ts';
import { eventually } from '../support/eventually.ts';

// A copy of the project, whose sources may be changed.
const project = mkdtempSync(join(tmpdir(), 'weir-dev-'));
const folder = join(project, '.weir');
const said: string[] = [];
const renewed: Twin[] = [];
let twin: Twin;

beforeAll(async () => {
  for (const name of ['bin', 'lib', 'lambdas', 'domain', 'adapters', 'cdk.json', 'package.json'])
    cpSync(name, join(project, name), { recursive: true });
  symlinkSync(resolve('node_modules'), join(project, 'node_modules'));
  twin = await startWatchedTwin({
    project,
    folder,
    stage: 'dev',
    start: () => startTwin({ memory: true, project, folder, accountIds: ['acme'] }),
    onRenewed: (started) => renewed.push(started),
    say: (line) => said.push(line),
    onFailure: (error) => said.push(`failed: ${error.message}`),
  });
});
afterAll(async () => {
  await twin.stop();
  rmSync(project, { recursive: true });
});

const change = (file: string, from: string, to: string) => {
  const path = join(project, file);
  const text = readFileSync(path, 'utf8');
  expect(text).toContain(from);
  writeFileSync(path, text.replace(from, to));
};
const untilSaid = (pattern: RegExp) =>
  eventually(
    async () => said.join('\n'),
    (text) => pattern.test(text),
  );

it('puts new code of a function into the running twin, and leaves the others', async () => {
  const api = createApi(twin.url, twin.accounts[0]?.api_key);
  expect((await api.get('/health')).json).toEqual({ status: 'ok' });

  change('lambdas/read/read.ts', "status: 'ok'", "status: 'new'");

  await untilSaid(/^New code: read \(\d+\.\d s\)\.$/m);
  expect((await api.get('/health')).json).toEqual({ status: 'new' });
});

it('says what does not compile, with its place, and goes on with the old code', async () => {
  const api = createApi(twin.url);
  change('lambdas/read/read.ts', "status: 'new'", "status: 'new");

  await untilSaid(/Not rebuilt; the old code goes on\.\n(.*\n)*lambdas\/read\/read\.ts:\d+:\d+: ERROR/);
  expect((await api.get('/health')).json).toEqual({ status: 'new' });

  change('lambdas/read/read.ts', "status: 'new", "status: 'mended'");
  await eventually(
    async () => (await api.get('/health')).json,
    ({ status }) => status === 'mended',
  );
});

it('starts anew where the template has changed, with the code as it is now', async () => {
  change('lib/api/routes.ts', 'publicBurst = 20', 'publicBurst = 21');

  const [again] = await eventually(
    async () => renewed,
    ({ length }) => length > 0,
  );

  expect((await createApi(again?.url ?? '').get('/health')).json).toEqual({ status: 'mended' });
  expect(said.at(-1)).not.toMatch(/^failed/);
});
