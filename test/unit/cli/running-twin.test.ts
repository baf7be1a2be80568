import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import type { OperatorOptions } from '../../../cli/connection.ts';
import { runCli } from '../../../cli/run.ts';
import { runningFolder } from '../../../cli/running-twin.ts';
import { startOperator } from './operator-fixture.ts';

let project: string;
beforeEach(() => {
  project = mkdtempSync(join(tmpdir(), 'weir-running-'));
  writeFileSync(join(project, 'cdk.json'), '{}');
});
afterEach(() => rmSync(project, { recursive: true }));

const { operator } = startOperator();

async function weir(folder: string, ...argv: string[]) {
  const connected: OperatorOptions[] = [];
  const said: string[] = [];
  const streams = { out: () => {}, err: (text: string) => void said.push(text) };
  const connect = async (options: OperatorOptions) => {
    connected.push(options);
    return operator;
  };
  const code = await runCli(argv, streams, connect, folder);
  return { code, err: said.join('\n'), connected };
}

/** No process has this id: Linux and macOS end before it. */
const deadPid = 2 ** 30;
const twin = {
  url: 'http://127.0.0.1:8787',
  endpoint: 'http://127.0.0.1:4001',
  stage: 'dev',
  pid: process.pid,
};

function leave(content: unknown, name = `${process.pid}.json`): void {
  mkdirSync(runningFolder(project), { recursive: true });
  writeFileSync(join(runningFolder(project), name), JSON.stringify(content));
}

it.each([
  [['--local', 'quarantine', 'list']],
  [['quarantine', '--local', 'list']],
  [['quarantine', 'list', '--local']],
])('%j connects to the twin that runs, with its stage and with credentials of this machine', async (argv) => {
  leave({ ...twin, stage: 'trial' });

  const { code, connected } = await weir(project, ...argv);

  expect(code).toBe(0);
  expect(connected).toEqual([
    {
      stage: 'trial',
      endpoint: 'http://127.0.0.1:4001',
      region: 'us-east-1',
      credentials: { accessKeyId: 'WEIROPERATOR', secretAccessKey: 'local' },
    },
  ]);
});

it('finds the twin from a folder inside the project', async () => {
  leave(twin);
  const inside = join(project, 'docs', 'guide');
  mkdirSync(inside, { recursive: true });

  expect((await weir(inside, '--local', 'quarantine', 'list')).connected).toMatchObject([
    { endpoint: twin.endpoint },
  ]);
});

it.each([
  ['no twin was ever started', () => {}],
  ['the twin was killed', () => leave({ ...twin, pid: deadPid })],
  ['the file is of no twin', () => leave('running')],
  ['the file names another machine', () => leave({ ...twin, endpoint: 'https://collector.example' })],
  ['the file names a group of processes', () => leave({ ...twin, pid: -1 })],
])('refuses where %s, and says what to do', async (_, prepare) => {
  prepare();

  const { code, err, connected } = await weir(project, 'quarantine', 'list', '--local');

  expect(code).toBe(1);
  expect(err).toContain(`error: No twin runs here (${project}).\n  next: Start it with npm start`);
  expect(connected).toEqual([]);
});

it('passes over the file of a twin that was killed', async () => {
  leave({ ...twin, pid: deadPid, endpoint: 'http://127.0.0.1:4009' }, '1.json');
  leave(twin);

  expect((await weir(project, '--local', 'quarantine', 'list')).connected).toMatchObject([
    { endpoint: twin.endpoint },
  ]);
});

it('chooses none of several twins, and names the endpoint of each', async () => {
  leave(twin);
  leave({ ...twin, pid: process.ppid, endpoint: 'http://127.0.0.1:4002' }, `${process.ppid}.json`);

  const { code, err, connected } = await weir(project, '--local', 'quarantine', 'list');

  expect(code).toBe(1);
  expect(err).toContain('2 twins run here');
  expect(err).toContain(
    `--endpoint http://127.0.0.1:4001 for http://127.0.0.1:8787 (process ${process.pid})`,
  );
  expect(err).toContain('--endpoint http://127.0.0.1:4002');
  expect(connected).toEqual([]);
});

it.each([
  ['--endpoint', 'http://127.0.0.1:4001'],
  ['--region', 'eu-west-1'],
  ['--stage', 'prod'],
])('--local and %s contradict one another', async (option, value) => {
  leave(twin);

  const { code, err, connected } = await weir(project, '--local', 'quarantine', 'list', option, value);

  expect(code).toBe(2);
  expect(err).toContain(`option '--local' cannot be used with option '${option}`);
  expect(connected).toEqual([]);
});

it('says where to look if a twin runs and does not answer', async () => {
  leave(twin);
  const said: string[] = [];
  const streams = { out: () => {}, err: (text: string) => void said.push(text) };

  const code = await runCli(
    ['--local', 'quarantine', 'list'],
    streams,
    () => Promise.reject(new Error('connect ECONNREFUSED')),
    project,
  );

  expect(code).toBe(1);
  expect(said).toEqual([
    'error: connect ECONNREFUSED\n  next: Look at the terminal of the twin, or stop it and start it again: npm start',
  ]);
});
