import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { createServer } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, it } from 'vitest';
import { readArguments } from '../../../local/arguments.ts';
import { synthesize, useAssembly } from '../../../local/synthesize.ts';
import { eventually } from '../../../test/support/eventually.ts';
import { descendantsOf } from '../../../test/support/processes.ts';
import { assertPortIsFree, close, listen } from '../../src/core/http/listen.ts';
import { type Startable, startInPhases } from '../../src/core/start-in-phases.ts';
import { findDynamoDb } from '../../src/services/dynamodb/binary.ts';
import { DynamoDbEngine } from '../../src/services/dynamodb/engine.ts';
import { nextRun } from '../../src/services/eventbridge/schedule-expression.ts';

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

it.each([
  [['--memory', '--port', '0', '--ready-file', 'r'], { port: 0, memory: true, readyFile: 'r' }],
  [[], {}],
  [['--watch'], { watch: true }],
  [['--faults', 'f'], { faultsFile: 'f' }],
])('reads the arguments %j', (args, given) => {
  const usual = { port: 8787, memory: false, watch: false, readyFile: undefined, faultsFile: undefined };

  expect(readArguments(args)).toEqual({ ...usual, ...given });
});

it.each([
  [['--prot', '1']],
  [['--port=']],
  [['--port', '70000']],
  [['--port', 'x']],
  [['--faults=']],
  [['extra']],
])('refuses the arguments %j with the usage', (args) => {
  expect(() => readArguments(args)).toThrow('Usage: npm start');
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

const projects: string[] = [];
afterAll(() => {
  for (const folder of projects) rmSync(folder, { recursive: true });
});

function project(app: string): string {
  const folder = mkdtempSync(join(tmpdir(), 'weir-synthesize-'));
  projects.push(folder);
  mkdirSync(join(folder, 'bin'));
  writeFileSync(join(folder, 'cdk.json'), JSON.stringify({ app: 'node bin/app.mjs', context: { a: 1 } }));
  writeFileSync(join(folder, 'bin', 'app.mjs'), app);
  return folder;
}

const manifest = `'${JSON.stringify({
  artifacts: { stack: { type: 'aws:cloudformation:stack', properties: { templateFile: 'stack.json' } } },
})}'`;

it('synthesizes with the stage in the context, and again only where a source has changed', async () => {
  const folder = project(`
    import { mkdirSync, writeFileSync } from 'node:fs';
    const { CDK_OUTDIR, CDK_CONTEXT_JSON } = process.env;
    mkdirSync(CDK_OUTDIR, { recursive: true });
    writeFileSync(CDK_OUTDIR + '/stack.json', JSON.stringify({ Resources: {}, context: JSON.parse(CDK_CONTEXT_JSON) }));
    writeFileSync(CDK_OUTDIR + '/manifest.json', ${manifest});
    writeFileSync('runs', '.', { flag: 'a' });`);
  const options = { project: folder, stage: 'dev', folder: join(folder, 'out') };

  const first = await synthesize(options);
  const again = await synthesize(options);
  utimesSync(join(folder, 'bin', 'app.mjs'), 1, 1);
  const changed = await synthesize(options);

  expect(JSON.parse(readFileSync(join(first, 'stack.json'), 'utf8')).context).toEqual({ a: 1, stage: 'dev' });
  expect(again).toBe(first);
  expect(readFileSync(join(folder, 'runs'), 'utf8')).toBe('..');
  expect(changed).not.toBe(first);
  expect(readdirSync(options.folder)).toHaveLength(2);
});

it('forgets old assemblies, but none that is in use', async () => {
  const folder = project(`
    import { mkdirSync, writeFileSync } from 'node:fs';
    mkdirSync(process.env.CDK_OUTDIR, { recursive: true });
    writeFileSync(process.env.CDK_OUTDIR + '/stack.json', '{"Resources":{}}');
    writeFileSync(process.env.CDK_OUTDIR + '/manifest.json', ${manifest});`);
  const changed = async (version: number) => {
    utimesSync(join(folder, 'bin', 'app.mjs'), version, version);
    const assembly = await synthesize({ project: folder, stage: 'dev', folder: join(folder, 'out') });
    utimesSync(assembly, version, version);
    return assembly;
  };

  const used = await changed(1);
  useAssembly(used);
  const given = await changed(2);
  useAssembly(given);
  useAssembly(given)();
  const released = await changed(3);
  useAssembly(released)();
  const killed = await changed(4);
  // No process has this id.
  writeFileSync(join(killed, 'used-by-2000000000-1'), '');
  // Marks are changes of a folder too.
  for (const assembly of [used, given, released, killed]) utimesSync(assembly, 1, 1);
  for (let version = 5; version < 10; version += 1) await changed(version);

  expect([used, given, released, killed].map(existsSync)).toEqual([true, true, false, false]);
});

it('passes on what the app complains about', async () => {
  const folder = project("console.error('Stage dev is not valid'); process.exit(1);");

  await expect(synthesize({ project: folder, stage: 'dev', folder: join(folder, 'out') })).rejects.toThrow(
    /"node bin\/app\.mjs" failed for stage dev:\nStage dev is not valid/,
  );
});
