import { createServer } from 'node:http';
import { expect, it } from 'vitest';
import { assertPortIsFree, close, listen } from '../../src/core/http/listen.ts';
import { type Startable, startInPhases } from '../../src/core/start-in-phases.ts';
import { DynamoDbEngine } from '../../src/services/dynamodb/engine.ts';
import { findDynamoDb } from '../../src/services/dynamodb/find-engine.ts';
import { nextRun } from '../../src/services/eventbridge/schedule-expression.ts';
import { eventually } from '../support/eventually.ts';
import { descendantsOf } from '../support/processes.ts';

function services(log: string[], failing?: string) {
  return (name: string): Startable => ({
    name,
    start: async () => {
      if (name === failing) throw new Error('no room');
      log.push(`+${name}`);
    },
    end: async () => {
      log.push(`-${name}`);
    },
  });
}

it('starts phase by phase and ends in reverse', async () => {
  const log: string[] = [];
  const service = services(log);

  const end = await startInPhases([
    { resources: [service('c')], engines: [service('a')] },
    { engines: [service('b')] },
  ]);
  await end();

  expect(log).toEqual(['+a', '+b', '+c', '-c', '-a', '-b']);
});

it('ends what had started where a start fails, and names who failed', async () => {
  const log: string[] = [];
  const service = services(log, 'c');

  const parts = [{ claim: [service('a')], engines: [service('b'), service('c')], resources: [service('d')] }];
  await expect(startInPhases(parts)).rejects.toThrow('c: no room');

  expect(log).toEqual(['+a', '+b', '-b', '-a']);
});

it('says which port is taken and how to choose another one', async () => {
  const server = createServer();
  const port = Number(new URL(await listen(server, 0)).port);

  await expect(assertPortIsFree(port)).rejects.toThrow(`Port ${port} is in use`);
  await expect(assertPortIsFree(port)).rejects.toThrow('--port');
  await close(server);
  await assertPortIsFree(port);
});

it.each<
  [name: string, packaged: string | undefined, executable: string, endpoint: string, expected: unknown]
>([
  ['the package of the platform', '/p/dynoxide', '/p/dynoxide', '', { kind: 'binary', path: '/p/dynoxide' }],
  ['the program on the PATH', undefined, '/usr/dynoxide', '', { kind: 'binary', path: '/usr/dynoxide' }],
  ['the address in the environment', undefined, '', 'http://x', { kind: 'endpoint', url: 'http://x' }],
])('finds a DynamoDB engine in %s', (_name, packaged, executable, endpoint, expected) => {
  const found = findDynamoDb({
    platform: 'linux-x64',
    environment: { PATH: '/bin:/usr', WEIR_DYNAMODB_ENDPOINT: endpoint },
    resolvePackage: () => packaged,
    isExecutable: (path) => path === executable,
  });

  expect(found).toEqual(expected);
});

it('tells that the DynamoDB engine is gone, unless it was told to go', async () => {
  const losses: string[] = [];
  const onLoss = (message: string) => losses.push(message);
  const [lost, ended] = [new DynamoDbEngine({ onLoss }), new DynamoDbEngine({ onLoss })];
  await Promise.all([lost.start(), ended.start()]);
  const port = new URL(lost.endpoint).port;
  const engine = descendantsOf(process.pid).find(({ command }) => command.includes(`--port ${port}`));

  await ended.end();
  process.kill(engine?.pid ?? 0, 'SIGKILL');

  await eventually(
    async () => losses,
    ({ length }) => length > 0,
  );
  expect(losses).toEqual([expect.stringMatching(/^the DynamoDB engine ended by itself \(SIGKILL\)/)]);
  await lost.end();
});

it('says so where the DynamoDB engine cannot be run', async () => {
  const source = { kind: 'binary', path: '/nowhere/dynoxide' } as const;
  const engine = new DynamoDbEngine({ source, onLoss: () => undefined });

  await expect(engine.start()).rejects.toThrow(/^It ended while starting\. .*\/nowhere\/dynoxide ENOENT/);
});

it('says what to do where there is no DynamoDB engine', () => {
  const nothing = { resolvePackage: () => undefined, isExecutable: () => false };

  expect(() => findDynamoDb({ platform: 'sunos-sparc', environment: {}, ...nothing })).toThrow(
    /sunos-sparc.*npm ci.*PATH.*WEIR_DYNAMODB_ENDPOINT/,
  );
});

it.each([
  ['rate(15 minutes)', '2026-11-21T05:15:36.000Z'],
  ['rate(1 day)', '2026-11-22T05:00:36.000Z'],
  ['cron(0/15 * * * ? *)', '2026-11-21T05:15:00.000Z'],
  ['cron(0 4 * * ? *)', '2026-11-22T04:00:00.000Z'],
  ['cron(30 6-8,10 * * ? *)', '2026-11-21T06:30:00.000Z'],
  ['cron(0 0 1 * ? *)', '2026-12-01T00:00:00.000Z'],
  ['cron(0 12 ? * 1 *)', '2026-11-22T12:00:00.000Z'],
  ['cron(0 0 29 2 ? *)', '2028-02-29T00:00:00.000Z'],
  ['cron(59 23 31 12 ? 2026)', '2026-12-31T23:59:00.000Z'],
])('runs %s next at %s', (expression, expected) => {
  const after = Date.UTC(2026, 10, 21, 5, 0, 36);

  expect(new Date(nextRun(expression, after)).toISOString()).toBe(expected);
});

it('never runs again what was for a year that is over', () => {
  expect(nextRun('cron(0 0 1 1 ? 2026)', Date.UTC(2026, 10, 21))).toBe(Number.POSITIVE_INFINITY);
});

it.each(['cron(0 12 ? * FRI#2 *)', 'cron(0 12 L * ? *)', 'at(2026-01-01T00:00:00)'])(
  'says that %s is not modelled',
  (expression) => {
    expect(() => nextRun(expression, 0)).toThrow('not modelled');
  },
);
