// Schemathesis sends requests that it makes of the OpenAPI document to a twin, and compares the answers with it: no 5xx, and
// no status, type, header or body that is not described. The seed makes a run repeatable.
// Arguments: --install-only, --seconds 60, --seed 1. Exit codes: 0 nothing found, 1 something found, 2 wrong arguments,
// 3 it cannot be installed here.

import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { createKey } from '../../cli/key/create.ts';
import { addMember } from '../../cli/member/add.ts';
import { type RunningWeir, startWeir } from '../../local/weir.ts';
import { createAccountOn, operatorOf } from '../support/accounts.ts';
import { installTool, NotInstalled, notInstallable } from '../support/python-tools.ts';

const version = '4.32.5';
/** As the examples of the document name it. */
const account = 'demo';
const owner = 'owner@fuzz.test';
const checks = [
  'not_a_server_error',
  'status_code_conformance',
  'content_type_conformance',
  'response_headers_conformance',
  'response_schema_conformance',
];

/** Of some routes an account may ask only so much a second. A faster clock lets more through, and a much faster one ends time-outs. */
const clock = { everyMs: 50, byMs: 200 };

type Run = { readonly seconds: number; readonly seed: number; readonly args: readonly string[] };

/** In a folder without the examples of earlier runs. */
async function fuzz(program: string, url: string, folder: string, { seconds, seed, args }: Run) {
  const child = spawn(
    program,
    [
      ...['run', `${url}/v1/openapi.json`, '--url', url, '--checks', checks.join(',')],
      ...['--phases', 'examples,coverage,fuzzing', '--max-time', String(seconds), '--max-examples', '25'],
      // More than one worker crashes Python 3.11 now and then.
      ...['--seed', String(seed), '--workers', '1', '--request-timeout', '15', '--warnings', 'off'],
      ...['--suppress-health-check', 'all', '--no-shrink', '--continue-on-failure', ...args],
    ],
    {
      stdio: 'inherit',
      cwd: folder,
      env: {
        ...process.env,
        NO_COLOR: '1',
        PYTHONPATH: import.meta.dirname,
        PYTHONDONTWRITEBYTECODE: '1',
        SCHEMATHESIS_HOOKS: 'ndjson',
      },
    },
  );
  const [code] = await once(child, 'exit');
  return code === 0;
}

async function prepare(twin: RunningWeir) {
  await createAccountOn(twin, account, 'custom');
  const operator = { ...(await operatorOf(twin)), clock: twin.clock };
  const { api_key } = await createKey(operator, {
    account_id: account,
    environment: 'production',
    scopes: ['admin'],
  });
  await addMember(operator, account, owner, 'owner');
  return { key: api_key, token: await twin.issuer.token(owner) };
}

/** While the clock goes faster, the start of a function could take longer than its time-out. */
async function warmUp(url: string, key: string): Promise<void> {
  const headers = { 'x-api-key': key, 'content-type': 'application/json' };
  const post = { method: 'POST', headers, body: '{}' };
  for (const [path, init] of [
    ['/v1/events', post],
    ['/v1/events:debug', post],
    ['/v1/usage', { headers }],
    ['/v1/keys', { headers }],
  ] as const)
    await fetch(`${url}${path}`, init);
}

async function run(program: string, seconds: number, seed: number): Promise<boolean> {
  const folder = mkdtempSync(join(tmpdir(), 'weir-fuzz-'));
  const twin = await startWeir({ memory: true, folder, environmentsPerFunction: 2 });
  const { key, token } = await prepare(twin);
  await warmUp(twin.url, key);
  const timer = setInterval(() => twin.clock.moveBy(clock.byMs), clock.everyMs);
  try {
    console.log(`Seed ${seed}: ${seconds} s with a key, and then a while as an owner, who manages members.`);
    const byKey = await fuzz(program, twin.url, folder, {
      ...{ seconds, seed },
      args: ['--header', `x-api-key: ${key}`],
    });
    const byOwner = await fuzz(program, twin.url, folder, {
      ...{ seconds: Math.ceil(seconds / 4), seed },
      args: ['--header', `authorization: Bearer ${token}`, '--include-tag', 'members'],
    });
    return byKey && byOwner;
  } finally {
    clearInterval(timer);
    await twin.stop();
    rmSync(folder, { recursive: true, force: true });
  }
}

function readArguments() {
  try {
    return parseArgs({
      options: {
        'install-only': { type: 'boolean', default: false },
        seconds: { type: 'string', default: '60' },
        seed: { type: 'string', default: '1' },
      },
    }).values;
  } catch (error) {
    console.error((error as Error).message);
    process.exit(2);
  }
}

const { 'install-only': installOnly, seconds, seed } = readArguments();
try {
  const program = installTool('schemathesis', version);
  if (!installOnly) process.exitCode = (await run(program, Number(seconds), Number(seed))) ? 0 : 1;
} catch (error) {
  if (!(error instanceof NotInstalled)) throw error;
  console.error(error.message);
  process.exitCode = notInstallable;
}
