import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { cpSync, mkdtempSync, readdirSync, readFileSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { close, listen } from '@weir/twin/parts';
import { afterAll, beforeAll, expect, inject, it } from 'vitest';
import { startWeir } from '../../local/weir.ts';
import { createApi } from '../support/api.ts';
import { eventually } from '../support/eventually.ts';
import { removeTwinFolder } from '../support/logs.ts';
import { descendantsOf, stillRunning } from '../support/processes.ts';

const root = mkdtempSync(join(tmpdir(), 'weir-failed-start-'));
const good = join(root, 'good');
const server = createServer();
let takenPort = '';

beforeAll(async () => {
  takenPort = new URL(await listen(server, 0)).port;
  const twin = await startWeir({ folder: good, assembly: inject('assembly'), accountIds: ['acme'] });
  await twin.stop();
});
afterAll(async () => {
  await close(server);
  removeTwinFolder(root);
});

/** A start in a process of its own, which ends by itself where nothing is left running in it. */
async function start(folder: string, port = '0') {
  const child = spawn(process.execPath, ['test/support/run-twin.ts', folder, inject('assembly'), port], {
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let said = '';
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    said += text;
  });
  const started = new Set<number>();
  const look = setInterval(() => {
    for (const { pid } of descendantsOf(child.pid ?? 0)) started.add(pid);
  }, 50);
  child.stdout.once('data', () => child.kill('SIGKILL'));
  const [exitCode] = await once(child, 'exit');
  clearInterval(look);
  return { exitCode, said, leftBehind: stillRunning([...started]) };
}

const damaged = /is damaged \(.+\)\. Move the whole data folder that holds it away .* or start with --memory/;

it.each<[name: string, damage: (folder: string) => void, says: RegExp]>([
  [
    'a database that is none',
    (folder) => writeFileSync(join(folder, 'dynamodb.sqlite'), 'x'.repeat(5000)),
    new RegExp(`^the DynamoDB engine: .*dynamodb\\.sqlite ${damaged.source}`),
  ],
  [
    'a stream that is damaged',
    (folder) => {
      const kinesis = join(folder, 'kinesis');
      for (const name of readdirSync(kinesis))
        if (/CURRENT|MANIFEST/.test(name)) writeFileSync(join(kinesis, name), 'x');
    },
    new RegExp(`^the Kinesis engine: .*kinesis\\S* ${damaged.source}`),
  ],
  [
    'keys that are no JSON',
    (folder) => writeFileSync(join(folder, 'api-gateway.json'), '{'),
    new RegExp(`^the API keys: .*api-gateway\\.json ${damaged.source}`),
  ],
  [
    'tables that are gone',
    (folder) => rmSync(join(folder, 'dynamodb.sqlite')),
    new RegExp(`^the DynamoDB engine: .*dynamodb\\.sqlite ${damaged.source}`),
  ],
  [
    'a stream that is gone',
    (folder) => rmSync(join(folder, 'kinesis'), { recursive: true }),
    new RegExp(`^the Kinesis engine: .*kinesis\\S* ${damaged.source}`),
  ],
  [
    'keys that are gone',
    (folder) => rmSync(join(folder, 'api-gateway.json')),
    new RegExp(`^the API keys: .*api-gateway\\.json ${damaged.source}`),
  ],
  [
    'an account whose key has another letter',
    (folder) => {
      const file = join(folder, 'demo-account.json');
      writeFileSync(file, readFileSync(file, 'utf8').replace('weir_production_', 'weir_productiom_'));
    },
    new RegExp(`^the seed: .*demo-account\\.json ${damaged.source}`),
  ],
  [
    'a file in the place of the folder',
    (folder) => {
      rmSync(folder, { recursive: true });
      writeFileSync(folder, '');
    },
    /^the data folder: .* cannot be used \(EEXIST\)\. It has to be a folder that you may write to\.$/m,
  ],
])('a start on %s says what to do and leaves nothing running', async (_name, damage, says) => {
  const folder = mkdtempSync(join(root, 'damaged-'));
  cpSync(good, folder, { recursive: true });
  damage(folder);

  const { exitCode, said, leftBehind } = await start(folder);

  expect(said).toMatch(says);
  expect(said.trim().split('\n')).toHaveLength(1);
  expect(exitCode).toBe(1);
  expect(leftBehind).toEqual([]);
});

it('a start on a port that is taken says how to choose another one', async () => {
  const { exitCode, said } = await start(good, takenPort);

  expect(said).toContain(
    `Port ${takenPort} is in use. Stop what listens there, or choose another one with --port.`,
  );
  expect(exitCode).toBe(1);
});

it('events are counted on where the stream was made anew under an old checkpoint', async () => {
  const folder = mkdtempSync(join(root, 'anew-'));
  cpSync(good, folder, { recursive: true });
  const count = async (expected: number) => {
    const twin = await startWeir({ folder, assembly: inject('assembly') });
    const api = createApi(twin.url, twin.accounts[0]?.api_key);
    await api.post('/v1/events', [{ event_id: `anew-${expected}`, type: 'tick' }]);
    await eventually(
      async () => (await api.get('/v1/accounts/acme/summary')).json,
      ({ total }) => total === expected,
    );
    await twin.stop();
  };

  await count(1);
  for (const name of ['kinesis', 'marks']) rmSync(join(folder, name), { recursive: true });
  await count(2);
});

/** A project whose app writes what Weir's own wrote, in no time. */
function projectOf(assembly: string): string {
  const project = mkdtempSync(join(root, 'project-'));
  writeFileSync(join(project, 'cdk.json'), JSON.stringify({ app: 'node app.mjs' }));
  writeFileSync(
    join(project, 'app.mjs'),
    `import { cpSync } from 'node:fs';
     cpSync(${JSON.stringify(assembly)}, process.env.CDK_OUTDIR, { recursive: true });`,
  );
  return project;
}

it('an assembly that was cut off is made again', async () => {
  const folder = mkdtempSync(join(root, 'stale-'));
  const project = projectOf(inject('assembly'));
  const first = await startWeir({ folder, project });
  await first.stop();
  const manifest = join(first.assemblyFolder, 'manifest.json');
  const whole = readFileSync(manifest, 'utf8');
  writeFileSync(manifest, '{');

  const twin = await startWeir({ folder, project });

  expect((await fetch(`${twin.url}/health`)).status).toBe(200);
  expect(readFileSync(manifest, 'utf8')).toBe(whole);
  await twin.stop();
});

it('accounts whose tables are gone are made again, with a key that works', async () => {
  const folder = mkdtempSync(join(root, 'no-tables-'));
  cpSync(good, folder, { recursive: true });
  for (const name of readdirSync(folder))
    if (/^dynamodb\.sqlite|^marks$/.test(name)) rmSync(join(folder, name));
  // Of long ago, because the engine tells a table's age in whole seconds.
  utimesSync(join(folder, 'demo-account.json'), 1, 1);

  const twin = await startWeir({ folder, assembly: inject('assembly'), accountIds: ['acme'] });

  const [account] = twin.accounts;
  const answer = await fetch(`${twin.url}/v1/accounts/${account?.account_id}/summary`, {
    headers: { 'x-api-key': account?.api_key ?? '' },
  });
  await twin.stop();
  expect(answer.status).toBe(200);
});
