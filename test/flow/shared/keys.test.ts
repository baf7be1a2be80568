// The life of API keys, as clients and operators meet it: rotated and revoked under load, expired, and suspended with
// their account.

import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'vitest';
import { changeStatus } from '../../../cli/account/status.ts';
import { createKey } from '../../../cli/key/create.ts';
import { RecentlyUsed, revokeKey } from '../../../cli/key/revoke.ts';
import { rotateKey } from '../../../cli/key/rotate.ts';
import type { Operator } from '../../../cli/operator.ts';
import { longestPrincipalAgeMs } from '../../../domain/accounts/accounts.ts';
import { parseSecret } from '../../../domain/accounts/secrets.ts';
import { dayMs, minuteMs } from '../../../domain/system/time.ts';
import type { RunningWeir } from '../../../local/weir.ts';
import { createAccountOn, operatorOf } from '../../support/accounts.ts';
import { type Answer, createApi } from '../../support/api.ts';
import { eventually } from '../../support/eventually.ts';
import { it } from '../../support/shared-weir.ts';
import { startLoad } from '../../support/watched-load.ts';

let twin: RunningWeir;
let operator: Operator;
it.beforeAll(async ({ weir }) => {
  twin = weir.twin;
  operator = { ...(await operatorOf(twin)), clock: twin.clock };
});

const userAgent = 'analytics-node/3.1.0 (linux)';
const send = async (apiKey: string) =>
  (await createApi(twin.url, apiKey).post('/v1/events', [{ type: 'tick' }], { 'user-agent': userAgent }))
    .status;

it('a key is rotated and revoked under load, and no request is lost', async () => {
  const { api_key: old } = await createAccountOn(twin, 'rotating', 'custom');
  const oldId = parseSecret(old)?.keyId ?? '';
  const load = startLoad(twin, send, old);
  await load.goOn();

  const made = await rotateKey(operator, 'rotating', oldId, { overlapMs: dayMs, isForced: false });
  await load.moveTimeBy(longestPrincipalAgeMs);
  await load.goOn();
  load.use(made.api_key);
  await load.goOn();
  await revokeKey(operator, 'rotating', oldId, true);
  await load.moveTimeBy(longestPrincipalAgeMs);
  await load.goOn();
  const statuses = await load.end();

  expect(statuses).toEqual(statuses.map(() => 202));
  expect(await send(old)).toBe(401);
}, 60_000);

/** An admin key of the account, and what it calls. */
async function adminOf(account_id: string) {
  const { api_key } = await createKey(operator, {
    account_id,
    environment: 'production',
    scopes: ['admin'],
  });
  return { admin: createApi(twin.url, api_key), adminId: parseSecret(api_key)?.keyId };
}

it('an admin key makes, rotates and revokes keys under load, and no request is lost; its log says so', async ({
  weir,
}) => {
  await createAccountOn(twin, 'managing', 'custom');
  const { admin, adminId } = await adminOf('managing');
  const made = await admin.post('/v1/keys', { scopes: ['ingest'], expires_in: '90d' });
  expect(made).toMatchObject({ status: 201, json: { account_id: 'managing', environment: 'production' } });
  expect(made.headers.get('cache-control')).toBe('no-store');
  const load = startLoad(twin, send, made.json.api_key);
  await load.goOn();

  const rotated = await admin.post(`/v1/keys/${made.json.key_id}/rotate`, { overlap: '2h' });
  expect(rotated).toMatchObject({ status: 201, json: { replaces: { key_id: made.json.key_id } } });
  await load.moveTimeBy(longestPrincipalAgeMs);
  load.use(rotated.json.api_key);
  await load.goOn();
  const revoked = await admin.delete(`/v1/keys/${made.json.key_id}?force=true`);
  expect(revoked).toMatchObject({ status: 200, json: { state: 'revoked' } });
  await load.moveTimeBy(longestPrincipalAgeMs);
  await load.goOn();
  const statuses = await load.end();

  expect(statuses).toEqual(statuses.map(() => 202));
  expect(await send(made.json.api_key)).toBe(401);
  const { keys } = (await admin.get('/v1/keys')).json;
  expect(keys.map(({ state }: { state: string }) => state).toSorted()).toEqual([
    'live',
    'live',
    'live',
    'revoked',
  ]);
  const { entries } = (await admin.get('/v1/audit?limit=4')).json;
  const by = { who: `key ${adminId}`, from: '127.0.0.1', environment: 'production' };
  expect(entries).toEqual([
    expect.objectContaining({ ...by, what: 'key.revoked', key_id: made.json.key_id }),
    expect.objectContaining({ ...by, what: 'key.created', key_id: rotated.json.key_id }),
    expect.objectContaining({ ...by, what: 'key.rotated', key_id: made.json.key_id }),
    expect.objectContaining({ ...by, what: 'key.created', key_id: made.json.key_id }),
  ]);
  // The operator reads the same log, the oldest first.
  const log = await operator.auditLog.list('managing', { fromMs: 0, toMs: twin.clock.now() + 1 });
  expect(log.map(({ what }) => what).slice(-4)).toEqual([
    'key.created',
    'key.rotated',
    'key.created',
    'key.revoked',
  ]);
  const logs = readdirSync(join(weir.folder, 'logs')).map((name) =>
    readFileSync(join(weir.folder, 'logs', name)),
  );
  for (const { json } of [made, rotated])
    expect(logs.some((log) => log.includes(json.api_key.slice(-38)))).toBe(false);
}, 60_000);

it('an admin key reaches no key of another account or environment, and a key of other scopes manages nothing', async () => {
  const { api_key } = await createAccountOn(twin, 'managed', 'custom');
  await createAccountOn(twin, 'stranger', 'custom');
  const { admin } = await adminOf('stranger');
  const staged = await createKey(operator, {
    account_id: 'stranger',
    environment: 'staging',
    scopes: ['read'],
  });
  const theirs = parseSecret(api_key)?.keyId ?? '';
  const withoutRequest = ({ status, json: { request_id, ...json } }: Answer) => ({ status, json });

  const unknown = withoutRequest(await admin.delete('/v1/keys/ffffffffffff?force=true'));
  expect(unknown).toMatchObject({ status: 404, json: { code: 'unknown_key' } });
  for (const id of [theirs, staged.key_id]) {
    expect(withoutRequest(await admin.delete(`/v1/keys/${id}?force=true`))).toEqual(unknown);
    expect(withoutRequest(await admin.post(`/v1/keys/${id}/rotate`, ''))).toEqual(unknown);
  }
  const shown = JSON.stringify([(await admin.get('/v1/keys')).json, (await admin.get('/v1/audit')).json]);
  expect(shown).not.toContain(theirs);
  expect(shown).not.toContain(staged.key_id);
  const other = createApi(twin.url, api_key);
  for (const answer of [
    await other.get('/v1/keys'),
    await other.get('/v1/audit'),
    await other.post('/v1/keys', { scopes: ['ingest'] }),
    await other.delete(`/v1/keys/${theirs}`),
    await other.post('/v1/quarantine/x.0/discard', ''),
  ])
    expect(answer).toMatchObject({ status: 403, json: { code: 'missing_scope' } });
});

it('the last use of a key is told, to the minute and with the client, and keeps it from being revoked', async () => {
  const { api_key } = await createAccountOn(twin, 'used', 'custom');
  const keyId = parseSecret(api_key)?.keyId ?? '';
  const lastUse = async () => (await operator.accounts.findPrincipal('used', keyId))?.lastUse;
  expect(await lastUse()).toBeUndefined();

  // On a slow machine the write may take too long, and is left to the next read.
  const use = async () => {
    const status = await send(api_key);
    twin.clock.moveBy(longestPrincipalAgeMs);
    return { status, lastUse: await lastUse() };
  };
  const used = await eventually(use, ({ lastUse: written }) => written !== undefined);

  expect(used).toMatchObject({ status: 202, lastUse: { client: userAgent } });
  expect((used.lastUse?.minuteMs ?? 0) % minuteMs).toBe(0);
  expect(twin.clock.now() - (used.lastUse?.minuteMs ?? 0)).toBeLessThan(5 * minuteMs);
  await expect(revokeKey(operator, 'used', keyId, false)).rejects.toThrow(RecentlyUsed);
  expect(await send(api_key)).toBe(202);
});

it('a key is accepted until it expires, and not longer', async () => {
  await createAccountOn(twin, 'expiring', 'custom');
  const { api_key } = await createKey(operator, {
    account_id: 'expiring',
    environment: 'production',
    scopes: ['ingest'],
    expiresInMs: 2 * minuteMs,
  });

  expect(await send(api_key)).toBe(202);
  twin.clock.moveBy(1.5 * minuteMs);
  // From here on its principal would be known for 30 s.
  expect(await send(api_key)).toBe(202);
  twin.clock.moveBy(0.5 * minuteMs);
  expect(await send(api_key)).toBe(401);
});

it('a suspended account is refused within 30 s, until it is resumed', async () => {
  const { api_key } = await createAccountOn(twin, 'suspended', 'custom');
  const post = () => createApi(twin.url, api_key).post('/v1/events', [{ type: 'tick' }]);
  expect((await post()).status).toBe(202);

  await changeStatus(operator, 'suspended', 'suspended');
  twin.clock.moveBy(longestPrincipalAgeMs);
  const refused = await post();
  await changeStatus(operator, 'suspended', 'active');
  twin.clock.moveBy(longestPrincipalAgeMs);

  expect(refused.status).toBe(403);
  expect(refused.json).toMatchObject({ code: 'account_suspended' });
  expect((await post()).status).toBe(202);
});
