import fc from 'fast-check';
import { beforeEach, describe, expect, it } from 'vitest';
import { mostLiveKeys } from '../../../../domain/accounts/key-changes.ts';
import { parseSecret, secretMatches } from '../../../../domain/accounts/secrets.ts';
import { dayMs, hourMs, iso, minuteMs } from '../../../../domain/system/time.ts';
import { startManage } from './fixture.ts';

type Started = Awaited<ReturnType<typeof startManage>>;
let { accounts, clock, weir, createFor, clientOf, logged, operator } = {} as Started;
let own: string;
let ask: ReturnType<Started['clientOf']>;
beforeEach(async () => {
  ({ accounts, clock, weir, createFor, clientOf, logged, operator } = await startManage());
  own = await createFor('acme');
  ask = clientOf('acme', own);
});

const create = (body: object = { scopes: ['ingest', 'read'] }) => ask('POST /v1/keys', { body });
const rotate = (key_id: string, body?: unknown, query: Record<string, string> = {}) =>
  ask('POST /v1/keys/{key_id}/rotate', { path: { key_id }, body, query });
const revoke = (key_id: string, query: Record<string, string> = {}) =>
  ask('DELETE /v1/keys/{key_id}', { path: { key_id }, query });
const list = async () => (await ask('GET /v1/keys')).json.keys;
const audited = async () => accounts.auditLog.list('acme', { fromMs: 0, toMs: clock.nowMs + 1 });
const use = (keyId: string, agoMs = 0) =>
  accounts.lastUses.write(keyId, { minuteMs: clock.nowMs - agoMs, client: 'analytics-node/3.1.0' });

it('a key is created in the environment of the caller, and its secret is answered once and kept nowhere', async () => {
  clock.nowMs += minuteMs;
  const { status, json, headers } = await create({ scopes: ['ingest'], expires_in: '90d' });

  expect(status).toBe(201);
  expect(headers).toMatchObject({ 'cache-control': 'no-store' });
  expect(json).toMatchObject({
    account_id: 'acme',
    environment: 'production',
    scopes: ['ingest'],
    expires_at: iso(clock.nowMs + 90 * dayMs),
  });
  expect(parseSecret(json.api_key)).toMatchObject({ account: 'acme', keyId: json.key_id });
  const principal = await accounts.findPrincipal('acme', json.key_id);
  expect(secretMatches(json.api_key, principal?.key.hash ?? new Uint8Array())).toBe(true);
  const [entry] = (await audited()).slice(-1);
  expect(entry).toMatchObject({
    what: 'key.created',
    key: json.key_id,
    who: `key ${own}`,
    from: '203.0.113.7',
  });
  expect(JSON.stringify([await list(), await audited(), logged])).not.toContain(json.api_key.slice(-38));
});

it('the list shows the keys of the environment, and when each was last used', async () => {
  const { key_id } = (await create()).json;
  await weir('key', 'create', '--account', 'acme', '--environment', 'staging');
  await use(key_id, 5 * minuteMs);

  const { json, headers } = await ask('GET /v1/keys');

  expect(headers).toMatchObject({ 'cache-control': 'no-store' });
  expect(json).toMatchObject({ account_id: 'acme', environment: 'production' });
  expect(json.keys).toHaveLength(2);
  expect(json.keys).toContainEqual({
    key_id,
    environment: 'production',
    scopes: ['ingest', 'read'],
    ...{ origins: null, events_per_minute: null },
    state: 'live',
    created_at: iso(clock.nowMs),
    created_by: `key ${own}`,
    last_used_at: iso(clock.nowMs - 5 * minuteMs),
    last_used_by: 'analytics-node/3.1.0',
    expires_at: null,
    revoked_at: null,
    replaced_by: null,
  });
});

it('a key is rotated as by the verb: the new one inherits, and the old one ends after a day, or as asked', async () => {
  const old = (await create({ scopes: ['ingest'], expires_in: '30d' })).json;
  const other = (await create()).json;

  const made = await rotate(old.key_id);

  expect(made).toMatchObject({
    status: 201,
    headers: { 'cache-control': 'no-store' },
    json: {
      scopes: ['ingest'],
      expires_at: old.expires_at,
      replaces: { key_id: old.key_id, ends_at: iso(clock.nowMs + dayMs) },
    },
  });
  expect((await rotate(other.key_id, { overlap: '2h' })).json.replaces.ends_at).toBe(
    iso(clock.nowMs + 2 * hourMs),
  );
  expect((await audited()).filter(({ what }) => what === 'key.rotated')).toHaveLength(2);
});

it('a key can rotate itself', async () => {
  expect(await rotate(own)).toMatchObject({ status: 201, json: { scopes: ['admin'] } });
});

it('a rotation again changes nothing and names the key that is there, which is rotated if its secret was lost', async () => {
  const old = (await create()).json;
  const made = (await rotate(old.key_id)).json;
  const before = await list();

  const again = await rotate(old.key_id);

  expect(again).toMatchObject({
    status: 409,
    json: { code: 'key_replaced', replaced_by: made.key_id, ends_at: made.replaces.ends_at },
  });
  expect(await list()).toEqual(before);
  expect((await rotate(made.key_id, { overlap: '0s' })).status).toBe(201);
  expect((await rotate(made.key_id)).json).toMatchObject({ code: 'key_not_live', state: 'expired' });
});

it('a rotation ends a key within an hour of its last use only by force', async () => {
  const { key_id } = (await create()).json;
  await use(key_id, 41 * minuteMs);
  const before = await list();

  for (const query of [{}, { force: 'false' }] as Record<string, string>[])
    expect(await rotate(key_id, { overlap: '0s' }, query)).toMatchObject({
      status: 409,
      json: { code: 'key_in_use', last_used_at: iso(clock.nowMs - 41 * minuteMs) },
    });
  expect(await list()).toEqual(before);

  const forced = await rotate(key_id, { overlap: '0s' }, { force: 'true' });
  expect(forced).toMatchObject({ status: 201, json: { replaces: { ends_at: iso(clock.nowMs) } } });
});

it('a key that was used in the last hour is revoked only by force', async () => {
  const { key_id } = (await create()).json;
  await use(key_id, 41 * minuteMs);

  const refused = await revoke(key_id);
  expect(refused).toMatchObject({
    status: 409,
    json: {
      code: 'key_in_use',
      last_used_at: iso(clock.nowMs - 41 * minuteMs),
      last_used_by: 'analytics-node/3.1.0',
    },
  });
  expect((await revoke(key_id, { force: 'false' })).status).toBe(409);
  const forced = await revoke(key_id, { force: 'true' });
  expect(forced).toMatchObject({
    status: 200,
    json: { key_id, state: 'revoked', revoked_at: iso(clock.nowMs) },
  });

  const entries = await audited();
  expect(await revoke(key_id)).toMatchObject({ status: 200, json: { state: 'revoked' } });
  expect(await audited()).toEqual(entries);
  expect((await rotate(key_id)).json).toMatchObject({ code: 'key_not_live', state: 'revoked' });
});

describe('a key that is not of the account and environment of the caller', () => {
  it('is answered as one that is not there, byte for byte', async () => {
    await createFor('other');
    const others = (await clientOf('other', 'x')('POST /v1/keys', { body: { scopes: ['read'] } })).json
      .key_id;
    const { out } = await weir('key', 'create', '--account', 'acme', '--environment', 'staging', '--json');
    const elsewhere = JSON.parse(out).key_id;

    for (const act of [rotate, revoke]) {
      const unknown = await act('ffffffffffff');
      expect(unknown).toMatchObject({ status: 404, json: { code: 'unknown_key' } });
      for (const key_id of [others, elsewhere, 'FFFFFFFFFFFF', '', "' or 1=1", `${own}0`])
        expect(await act(key_id)).toEqual(unknown);
    }
    expect((await accounts.findPrincipal('other', others))?.key.revokedAtMs).toBeUndefined();
  });
});

it.each<[string, object, string]>([
  ['POST /v1/keys', { body: {} }, 'scopes'],
  ['POST /v1/keys', { body: { scopes: [] } }, 'scopes'],
  ['POST /v1/keys', { body: { scopes: ['all'] } }, 'scopes'],
  ['POST /v1/keys', { body: { scopes: ['read', 'read'] } }, 'scopes'],
  ['POST /v1/keys', { body: { scopes: 'read' } }, 'scopes'],
  ['POST /v1/keys', { body: { scopes: ['read'], expires_in: 90 } }, 'expires_in'],
  ['POST /v1/keys', { body: { scopes: ['read'], expires_in: '9999d' } }, 'expires_in'],
  ['POST /v1/keys', { body: { scopes: ['read'], environment: 'staging' } }, 'environment'],
  ['POST /v1/keys', { body: { scopes: ['read'] }, query: { account: 'other' } }, 'account'],
  ['POST /v1/keys', { body: ['read'] }, 'body'],
  ['POST /v1/keys/{key_id}/rotate', { body: { overlap: 'soon' } }, 'overlap'],
  ['POST /v1/keys/{key_id}/rotate', { body: { scopes: ['admin'] } }, 'scopes'],
  ['POST /v1/keys/{key_id}/rotate', { query: { overlap: '2h' } }, 'overlap'],
  ['POST /v1/keys/{key_id}/rotate', { query: { force: 'yes' } }, 'force'],
  ['DELETE /v1/keys/{key_id}', { query: { force: 'yes' } }, 'force'],
  ['DELETE /v1/keys/{key_id}', { query: { forse: 'true' } }, 'forse'],
  ['DELETE /v1/keys/{key_id}', { query: { force: ['true', 'true'] } }, 'force'],
  ['GET /v1/keys', { query: { limit: '1' } }, 'limit'],
  ['GET /v1/keys', { query: { ['x'.repeat(999)]: '1' } }, 'x'.repeat(64)],
])('%s with %j is a 400 that names the parameter, and nothing changes', async (route, asked, parameter) => {
  const before = await list();

  const { status, json } = await ask(route, { path: { key_id: own }, ...asked });

  expect(status).toBe(400);
  expect(json).toMatchObject({ code: 'invalid_parameter', parameter });
  expect(await list()).toEqual(before);
});

it.each<[unknown, Record<string, string>, number, string]>([
  ['{"scopes":', {}, 400, 'invalid_json'],
  [{ scopes: ['read'] }, { 'content-type': 'text/plain' }, 415, 'unsupported_media_type'],
  [' '.repeat(16 * 1024 + 1), {}, 400, 'bad_request'],
])('a body %j with %j is a %i', async (body, headers, status, code) => {
  expect(await ask('POST /v1/keys', { body, headers })).toMatchObject({ status, json: { code } });
});

it('any body is answered, with a 201 or a 4xx', async () => {
  await fc.assert(
    fc.asyncProperty(fc.oneof(fc.json(), fc.string()), async (body) => {
      const { status } = await ask('POST /v1/keys', { body });
      expect([201, 400]).toContain(status);
    }),
  );
});

it('an account makes 100 live keys and no more, and can still rotate them', async () => {
  for (let count = 1; count < mostLiveKeys; count += 1) await create();

  expect(await create()).toMatchObject({ status: 409, json: { code: 'too_many_keys' } });
  expect((await rotate(own)).status).toBe(201);
  expect((await list()).length).toBe(mostLiveKeys + 1);
});

it('of two changes of a key at once, the second is decided again by what the first left', async () => {
  const { key_id } = (await create()).json;
  const change = accounts.keys.change.bind(accounts.keys);
  let isFirst = true;
  accounts.keys.change = async (planned) => {
    if (isFirst) {
      isFirst = false;
      await weir('key', 'revoke', '--account', 'acme', '--key', key_id);
    }
    return change(planned);
  };

  expect(await rotate(key_id)).toMatchObject({
    status: 409,
    json: { code: 'key_not_live', state: 'revoked' },
  });
});

it('a key that changes at each try is a 503, which can be repeated', async () => {
  accounts.keys.change = async () => false;

  expect(await revoke(own)).toMatchObject({ status: 503, json: { code: 'unavailable' } });
  expect(operator.actor.who).toBe('operator ada');
});

describe('a key that manages', () => {
  it('is refused from its revocation on, also while authorize still knows it', async () => {
    const spare = (await create()).json.key_id;
    await weir('key', 'revoke', '--account', 'acme', '--key', own, '--yes');

    const refused = { status: 401, json: { code: 'unauthorized' } };
    expect(await create({ scopes: ['admin'] })).toMatchObject(refused);
    expect(await rotate(spare)).toMatchObject(refused);
    expect(await revoke(spare, { force: 'true' })).toMatchObject(refused);
  });

  it('that ends makes none that outlives it, and rotates none', async () => {
    const ending = (await create({ scopes: ['admin'], expires_in: '1h' })).json;
    const asEnding = clientOf('acme', ending.key_id);

    const made = await asEnding('POST /v1/keys', { body: { scopes: ['admin'] } });
    expect(made.json.expires_at).toBe(ending.expires_at);
    const longer = await asEnding('POST /v1/keys', { body: { scopes: ['admin'], expires_in: '90d' } });
    expect(longer.json.expires_at).toBe(ending.expires_at);
    const shorter = await asEnding('POST /v1/keys', { body: { scopes: ['read'], expires_in: '5m' } });
    expect(shorter.json.expires_at).toBe(iso(clock.nowMs + 5 * minuteMs));
    expect(await asEnding('POST /v1/keys/{key_id}/rotate', { path: { key_id: own } })).toMatchObject({
      status: 409,
      json: { code: 'key_outlives_caller' },
    });
    const itself = { path: { key_id: ending.key_id } };
    expect((await asEnding('POST /v1/keys/{key_id}/rotate', itself)).status).toBe(201);
  });

  it('makes none that ends at once', async () => {
    expect(await create({ scopes: ['read'], expires_in: '0s' })).toMatchObject({
      status: 400,
      json: { code: 'invalid_parameter', parameter: 'expires_in' },
    });
  });

  it('of one environment does not use up the keys of another', async () => {
    const staging = clientOf('acme', await stagingKey(), 'staging');
    for (let made = 1; made < mostLiveKeys; made += 1)
      await staging('POST /v1/keys', { body: { scopes: ['read'] } });

    expect((await staging('POST /v1/keys', { body: { scopes: ['read'] } })).json.code).toBe('too_many_keys');
    expect((await create()).status).toBe(201);
  });
});

async function stagingKey(): Promise<string> {
  const words = ['key', 'create', '--account', 'acme', '--environment', 'staging', '--scopes', 'admin'];
  return JSON.parse((await weir(...words, '--json')).out).key_id;
}
