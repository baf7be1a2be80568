// The real program is killed while its change is under way, or just after it, and run again.

import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { resolve } from 'node:path';
import { expect } from 'vitest';
import { longestPrincipalAgeMs } from '../../../domain/accounts/accounts.ts';
import { parseSecret } from '../../../domain/accounts/secrets.ts';
import type { RunningWeir } from '../../../local/weir.ts';
import { createAccountOn, operatorOf } from '../../support/accounts.ts';
import { createApi } from '../../support/api.ts';
import { eventually } from '../../support/eventually.ts';
import { it } from '../../support/shared-weir.ts';

/** Each starts the program several times. */
const timeout = 120_000;

let twin: RunningWeir;
it.beforeAll(({ weir }) => {
  twin = weir.twin;
});
it.afterEach(() => twin.faults.clear());

const start = (...argv: string[]): ChildProcess =>
  spawn(process.execPath, [resolve('bin/weir.ts'), ...argv, '--json', '--endpoint', twin.proxyUrl], {
    stdio: ['ignore', 'pipe', 'pipe'],
  });

/** `lost`: the change was made, and its answer does not come. `under way`: it may be made or not. */
async function kill(moment: 'under way' | 'lost', ...argv: string[]): Promise<void> {
  const change = twin.faults.inject({
    on: { caller: 'operator', operation: 'TransactWriteItems' },
    do: moment === 'lost' ? { kind: 'drop_answer' } : { kind: 'latency', ms: 2000 },
  });
  const child = start(...argv);
  const ended = once(child, 'exit');
  await eventually(
    async () => change.met(),
    (met) => met > 0,
  );
  child.kill('SIGKILL');
  await ended;
  change.remove();
}

async function run(...argv: string[]) {
  const child = start(...argv);
  const texts = { out: '', err: '' };
  child.stdout?.on('data', (chunk) => (texts.out += chunk));
  child.stderr?.on('data', (chunk) => (texts.err += chunk));
  const [code] = await once(child, 'close');
  return { code, err: texts.err, json: texts.out === '' ? undefined : JSON.parse(texts.out) };
}

const send = async (apiKey: string) =>
  (await createApi(twin.url, apiKey).post('/v1/events', [{ type: 'tick' }])).status;
const keysOf = async (account: string) => (await operatorOf(twin)).keys.list(account);

it.for(['under way', 'lost'] as const)(
  'account create, killed while its change is %s',
  { timeout },
  async (moment) => {
    const account = `killed-${moment.replace(' ', '-')}`;
    await kill(moment, 'account', 'create', '--account', account);

    const again = await run('account', 'create', '--account', account);
    // What was under way may have come before it.
    const made = again.code === 0 ? again : await run('key', 'create', '--account', account);

    if (moment === 'lost') expect(again.err).toContain(`key create --account ${account}`);
    expect(made.code).toBe(0);
    expect(await send(made.json.api_key)).toBe(202);
    expect((await keysOf(account)).length).toBe(again.code === 0 ? 1 : 2);
  },
);

it('key rotate, killed after its change: its successor is named, and rotated in turn', {
  timeout,
}, async () => {
  const { api_key } = await createAccountOn(twin, 'killed-rotate', 'custom');
  const keyId = parseSecret(api_key)?.keyId ?? '';
  const rotate = (id: string, overlap: string) =>
    ['key', 'rotate', '--account', 'killed-rotate', '--key', id, '--overlap', overlap] as const;
  await kill('lost', ...rotate(keyId, '7d'));

  const again = await run(...rotate(keyId, '7d'));
  const lost = (await keysOf('killed-rotate')).find(({ key }) => key.id !== keyId)?.key.id ?? '';
  expect(again.code).toBe(1);
  expect(again.err).toContain(`key rotate --account killed-rotate --key ${lost} --overlap 0s`);
  const { json } = await run(...rotate(lost, '0s'));

  expect(await send(api_key)).toBe(202);
  expect(await send(json.api_key)).toBe(202);
  const keys = (await keysOf('killed-rotate')).map(({ key }) => [key.id, key.replacedBy]);
  expect(keys).toEqual([
    [keyId, lost],
    [lost, json.key_id],
    [json.key_id, undefined],
  ]);
});

it('account suspend, killed after its change, is done: once more changes nothing', { timeout }, async () => {
  const { api_key } = await createAccountOn(twin, 'killed-suspend', 'custom');
  await kill('lost', 'account', 'suspend', '--account', 'killed-suspend');

  const again = await run('account', 'suspend', '--account', 'killed-suspend');

  expect(again).toMatchObject({ code: 0, json: { status: 'suspended', changed: false } });
  twin.clock.moveBy(longestPrincipalAgeMs);
  expect(await send(api_key)).toBe(403);
  const entries = await (await operatorOf(twin)).auditLog.list('killed-suspend', {
    fromMs: 0,
    toMs: Date.now() + 10 * longestPrincipalAgeMs,
  });
  expect(entries.filter(({ what }) => what === 'account.suspended')).toHaveLength(1);
});
