import {
  cpSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterAll, beforeAll, expect, it, vi } from 'vitest';
import { startWatchedTwin } from '../../local/watch/watched-twin.ts';
import { type RunningWeir, startWeir } from '../../local/weir.ts';
import { anyAnswer, createApi } from '../support/api.ts';
import { eventually as eventuallyWithin } from '../support/eventually.ts';
import { removeTwinFolder } from '../support/logs.ts';

// Each save is bundled and synthesized in full, which takes its time on a machine that has more to do.
vi.setConfig({ testTimeout: 180_000 });
const eventually = <T>(look: () => Promise<T>, enough: (seen: T) => boolean) =>
  eventuallyWithin(look, enough, 90_000);

// A copy of the project, whose sources may be changed.
const project = mkdtempSync(join(tmpdir(), 'weir-dev-'));
const folder = join(project, '.weir');
const said: string[] = [];
const renewed: RunningWeir[] = [];
let twin: RunningWeir;

beforeAll(async () => {
  // What judges a template takes longer than what makes it, and nothing here depends on it.
  vi.stubEnv('CDK_VALIDATION', 'false');
  for (const name of ['bin', 'lib', 'lambdas', 'domain', 'adapters', 'cdk.json', 'package.json'])
    cpSync(name, join(project, name), { recursive: true });
  symlinkSync(resolve('node_modules'), join(project, 'node_modules'));
  twin = await startWatchedTwin({
    project,
    folder,
    stage: 'dev',
    start: (assembly) => startWeir({ assembly, memory: true, project, folder, accountIds: ['acme'] }),
    onRenewed: (started) => {
      renewed.push(started);
    },
    say: (line) => said.push(line),
    onFailure: (error) => said.push(`failed: ${error.message}`),
  });
});
afterAll(() => {
  vi.unstubAllEnvs();
  removeTwinFolder(project);
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
  const api = createApi(twin.url, twin.accounts[0]?.api_key, anyAnswer);
  expect((await api.get('/health')).json).toEqual({ status: 'alive', dependencies: 'not_checked' });

  change('lambdas/read/read.ts', "status: 'alive'", "status: 'new'");

  await untilSaid(/^New code: read \(\d+\.\d s\)\.$/m);
  expect((await api.get('/health')).json).toEqual({ status: 'new', dependencies: 'not_checked' });
});

it('does not start anew for code alone, and leaves no assembly but the one in use and the latest', async () => {
  for (const name of ['one', 'two', 'three', 'four', 'five']) {
    const old = join(folder, 'assembly', `dev-${name}`);
    mkdirSync(old);
    utimesSync(old, 0, 0);
  }
  const [firstLine = ''] = readFileSync(join(project, 'domain/storing/pages.ts'), 'utf8').split('\n');
  change('domain/storing/pages.ts', firstLine, '// another');

  await eventually(
    async () => readdirSync(join(folder, 'assembly')).length,
    (length) => length <= 5,
  );

  expect(renewed).toEqual([]);
});

it('says what does not compile, with its place, and goes on with the old code', async () => {
  const api = createApi(twin.url, undefined, anyAnswer);
  change('lambdas/read/read.ts', "status: 'new'", "status: 'new");

  await untilSaid(/Not rebuilt; the old code goes on\.\n(.*\n)*lambdas\/read\/read\.ts:\d+:\d+: ERROR/);
  expect((await api.get('/health')).json).toEqual({ status: 'new', dependencies: 'not_checked' });

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

  expect((await createApi(again?.url ?? '', undefined, anyAnswer).get('/health')).json).toEqual({
    status: 'mended',
    dependencies: 'not_checked',
  });
});

it('goes on where a changed template cannot be made or cannot be started, and takes the next save', async () => {
  const route = readFileSync(join(project, 'lib/api/routes.ts'), 'utf8');
  change('lib/api/routes.ts', 'publicBurst = 21', 'publicBurst = ;');
  await untilSaid(/The template could not be made; the old one goes on\./);
  expect((await createApi(renewed.at(-1)?.url ?? '', undefined, anyAnswer).get('/health')).status).toBe(200);

  writeFileSync(join(project, 'lib/api/routes.ts'), route);
  change('lib/api/gateway-responses.ts', "'x-request-id': 'context.requestId'", "'x-request-id': 'body.id'");
  await untilSaid(/It does not start; save again to try again\.\n.*the source body\.id is not modelled/);
  change('lib/api/gateway-responses.ts', "'x-request-id': 'body.id'", "'x-request-id': 'context.requestId'");

  await eventually(
    async () => renewed,
    ({ length }) => length === 2,
  );
  expect(
    (await createApi(renewed.at(-1)?.url ?? '', undefined, anyAnswer).get('/health')).json,
  ).toMatchObject({
    status: 'mended',
  });
  expect(said.filter((line) => line.startsWith('failed'))).toEqual([]);
});

it('leaves no build behind when it ends', async () => {
  await twin.stop();

  expect(readdirSync(join(folder, 'rebuilt'))).toEqual([]);
});
