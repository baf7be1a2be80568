import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { expect, it, onTestFinished } from 'vitest';
import { toOperatorOptions } from '../../../cli/connection.ts';
import { runCli } from '../../../cli/run.ts';
import { runningFolder } from '../../../cli/running-twin.ts';

const credentials = { accessKeyId: 'WEIROPERATOR', secretAccessKey: 'local' };

it.each([
  [{ stage: 'dev' }, { stage: 'dev' }],
  [
    { stage: 'prod', region: 'eu-west-1' },
    { stage: 'prod', region: 'eu-west-1' },
  ],
  [
    { stage: 'dev', endpoint: 'http://localhost:4566' },
    { stage: 'dev', endpoint: 'http://localhost:4566', region: 'us-east-1', credentials },
  ],
  [
    { stage: 'dev', endpoint: 'http://[::1]:4566', region: 'eu-west-1' },
    { stage: 'dev', endpoint: 'http://[::1]:4566', region: 'eu-west-1', credentials },
  ],
  [
    { stage: 'dev', endpoint: 'https://vpce.example' },
    { stage: 'dev', endpoint: 'https://vpce.example' },
  ],
])('%j leaves region and credentials to the environment unless the endpoint is here', (options, expected) => {
  expect(toOperatorOptions(options, '/')).toEqual(expected);
});

function projectWithTwin(): string {
  const project = mkdtempSync(join(tmpdir(), 'weir-region-'));
  onTestFinished(() => rmSync(project, { recursive: true }));
  writeFileSync(join(project, 'cdk.json'), '{}');
  mkdirSync(runningFolder(project), { recursive: true });
  const twin = { url: 'http://127.0.0.1:1', endpoint: 'http://127.0.0.1:2', stage: 'dev', pid: process.pid };
  writeFileSync(join(runningFolder(project), `${process.pid}.json`), JSON.stringify(twin));
  return project;
}

it.each([
  ['/', 'For AWS give --region. For a twin start it with npm start and add --local.'],
  ['a twin', 'For the twin that runs here add --local; for AWS give --region.'],
])('without a region, in %s, says what to add', async (where, next) => {
  const folder = where === '/' ? where : projectWithTwin();
  const said: string[] = [];
  const streams = { out: () => {}, err: (text: string) => void said.push(text) };
  const connect = () => Promise.reject(new Error('Region is missing'));

  expect(await runCli(['quarantine', 'list'], streams, connect, folder)).toBe(2);

  expect(said).toEqual([`error: No region.\n  next: ${next}`]);
});

it('the AWS SDK still says so if it finds no region', async () => {
  const configured = { AWS_CONFIG_FILE: '/none', AWS_SHARED_CREDENTIALS_FILE: '/none' };
  const { PATH } = process.env;
  const { status, stderr } = spawnSync(process.execPath, [resolve('bin/weir.ts'), 'quarantine', 'list'], {
    cwd: '/',
    encoding: 'utf8',
    env: { PATH, ...configured },
  });

  expect(status, stderr).toBe(2);
  expect(stderr).toContain('error: No region.');
});
