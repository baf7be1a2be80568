// The package weir-twin, from its tarball in a folder that has nothing else: its engines are linked from this repository,
// so that no registry is needed. Prints how long it takes from its start to the first 202.

import { execFileSync, spawn, spawnSync } from 'node:child_process';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { eventually } from '../support/eventually.ts';

const project = mkdtempSync(join(tmpdir(), 'weir-packed-'));
const modules = join(project, 'node_modules');
const program = join(modules, 'weir-twin', 'weir-twin.mjs');
const nodeModules = resolve('node_modules');

beforeAll(() => {
  const said = execFileSync(process.execPath, ['local/package/pack.ts'], { encoding: 'utf8' });
  const tarball = said.trim().split('\n').at(-1) ?? '';
  mkdirSync(join(modules, 'weir-twin'), { recursive: true });
  execFileSync('tar', ['-xzf', tarball, '-C', join(modules, 'weir-twin'), '--strip-components', '1']);
  const { dependencies, optionalDependencies } = JSON.parse(
    readFileSync(join(modules, 'weir-twin', 'package.json'), 'utf8'),
  );
  // Of the engines; Node finds their own dependencies beside where they really are.
  for (const name of Object.keys({ ...dependencies, ...optionalDependencies })) {
    if (!existsSync(join(nodeModules, name))) continue;
    mkdirSync(join(modules, name, '..'), { recursive: true });
    symlinkSync(join(nodeModules, name), join(modules, name));
  }
}, 60_000);
afterAll(() => rmSync(project, { recursive: true, force: true }));

it('starts in an empty folder, accepts an event within seconds, and ends at a signal with code 0', async () => {
  const readyFile = join(project, 'ready.json');
  const startedMs = performance.now();
  const child = spawn('node', [program, '--memory', '--port', '0', '--ready-file', readyFile], {
    cwd: project,
    // The compile cache of this process would make it faster than a first start is.
    env: { ...process.env, NODE_COMPILE_CACHE: join(project, 'compile-cache') },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const ended = new Promise((end) => child.once('exit', end));
  let said = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    said += text;
  });
  try {
    await eventually(
      async () => existsSync(readyFile) && readFileSync(readyFile, 'utf8').trim().endsWith('}'),
      (isReady) => isReady,
    );
    const { url, accounts } = JSON.parse(readFileSync(readyFile, 'utf8'));
    const answer = await fetch(`${url}/v1/events`, {
      method: 'POST',
      headers: { 'x-api-key': accounts[0].api_key, 'content-type': 'application/json' },
      body: JSON.stringify({ type: 'hello' }),
    });
    expect(answer.status).toBe(202);
    console.log(`weir-twin: first 202 after ${Math.round(performance.now() - startedMs)} ms`);
    const good = await fetch(`${url}/_weir/wait?count=1&timeout=10s`);
    expect(await good.json()).toMatchObject([{ account: 'demo', event: { type: 'hello' } }]);
    await eventually(
      async () => said,
      (text) => text.includes('Weir is ready at') && text.includes(accounts[0].api_key),
    );
    expect(said).not.toContain('npm run');
  } finally {
    child.kill('SIGTERM');
  }
  expect(await ended).toBe(0);
});

it('has a door for the setup of a test suite', () => {
  writeFileSync(
    join(project, 'suite.mjs'),
    `import { startWeirTwin } from 'weir-twin';
const twin = await startWeirTwin();
const send = (event) => fetch(twin.url + '/v1/events', {
  method: 'POST',
  headers: { 'x-api-key': twin.accounts[0].api_key, 'content-type': 'application/json' },
  body: JSON.stringify(event),
});
await send([{ type: 'order', user_id: 'ada' }, { tpye: 'order' }]);
const [{ event }] = await twin.wait(1, { type: 'order', timeout: '10s' });
const refused = await twin.wait(2, { timeout: '100ms' }).catch((error) => error.message);
await twin.reset();
const left = (await twin.good()).length + (await twin.bad()).length;
await twin.stop();
console.log(JSON.stringify({ user: event.user_id, left, refused: refused.includes('408') }));
`,
  );
  const { stdout, stderr, status } = spawnSync('node', ['suite.mjs'], { cwd: project, encoding: 'utf8' });
  expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
  expect(JSON.parse(stdout)).toEqual({ user: 'ada', left: 0, refused: true });
});

const examples = readFileSync('docs/guide/testing.md', 'utf8');
function writeExample(name: string) {
  const [, code = ''] =
    new RegExp(`\\n\\x60{3}\\w+\\n(?://|#) ${name}\\n([^]*?)\\x60{3}`).exec(examples) ?? [];
  expect(code, `the example ${name} of docs/guide/testing.md`).not.toBe('');
  writeFileSync(join(project, name), code);
}

it('runs the example for Vitest', () => {
  for (const name of ['weir.setup.ts', 'orders.test.ts', 'vitest.config.ts']) writeExample(name);
  symlinkSync(join(nodeModules, 'vitest'), join(modules, 'vitest'));
  const { status, stdout, stderr } = spawnSync(
    process.execPath,
    [join(nodeModules, 'vitest', 'vitest.mjs'), 'run', '--root', project],
    { cwd: project, encoding: 'utf8', env: { PATH: process.env.PATH } },
  );
  expect(status, `${stdout}${stderr}`).toBe(0);
  expect(stdout).toContain('1 passed');
});

it('runs the example for pytest, as pytest calls it', async () => {
  writeExample('test_orders.py');
  const readyFile = join(project, 'weir.json');
  const child = spawn('node', [program, '--memory', '--port', '0', '--ready-file', readyFile], {
    cwd: project,
    stdio: 'ignore',
  });
  const ended = new Promise((end) => child.once('exit', end));
  try {
    await eventually(
      async () => existsSync(readyFile) && readFileSync(readyFile, 'utf8').trim().endsWith('}'),
      (isReady) => isReady,
    );
    const asPytest =
      'import test_orders as t; t.setup_function(); t.test_an_order_is_tracked(); print("passed")';
    const { stdout, stderr } = spawnSync('python3', ['-c', asPytest], { cwd: project, encoding: 'utf8' });
    expect(stdout, stderr).toBe('passed\n');
  } finally {
    child.kill('SIGTERM');
    await ended;
  }
});

it('prints its help, and refuses what it does not know with code 2', () => {
  const run = (...args: string[]) =>
    spawnSync('node', [program, ...args], { cwd: project, encoding: 'utf8' });
  const help = run('--help');
  expect(help.status).toBe(0);
  expect(help.stdout).toMatch(/^Usage: npx weir-twin \[options\]/);
  expect(help.stdout).not.toContain('--watch');
  const wrong = run('--prot', '1');
  expect(wrong.status).toBe(2);
  expect(wrong.stderr).toContain('npx weir-twin --help');
});

it('holds no SDK and no path of the machine that made it', () => {
  const { dependencies } = JSON.parse(readFileSync(join(modules, 'weir-twin', 'package.json'), 'utf8'));
  expect(Object.keys(dependencies)).toEqual(['kinesalite']);
  expect(
    spawnSync('grep', ['-rlF', resolve('.'), join(modules, 'weir-twin')], { encoding: 'utf8' }).stdout,
  ).toBe('');
});
