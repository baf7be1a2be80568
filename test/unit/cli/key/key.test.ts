import { beforeEach, describe, expect, it } from 'vitest';
import { parseSecret, secretMatches } from '../../../../domain/accounts/secrets.ts';
import { dayMs, hourMs, iso, minuteMs } from '../../../../domain/system/time.ts';
import { startOperator } from '../operator-fixture.ts';

let { accounts, operator, weir, clock } = startOperator();
beforeEach(async () => {
  ({ accounts, operator, weir, clock } = startOperator());
  await weir('account', 'create', '--account', 'acme');
});

const json = async (...argv: string[]) => {
  const { code, out, err } = await weir(...argv, '--json');
  expect(code, err).toBe(0);
  return JSON.parse(out);
};
const create = (...argv: string[]) => json('key', 'create', '--account', 'acme', ...argv);
const list = async () => (await json('key', 'list', '--account', 'acme')).keys;
const audited = async () =>
  (await json('audit', '--account', 'acme')).entries.map(({ what }: { what: string }) => what);
const use = (keyId: string, agoMs: number, client = 'analytics-node/3.1.0') =>
  accounts.lastUses.write(keyId, { minuteMs: clock.nowMs - agoMs, client });

describe('create', () => {
  it('adds a key that works to those that there are', async () => {
    const created = await create('--environment', 'staging', '--scopes', 'ingest', '--expires-in', '90d');

    expect(created).toMatchObject({
      account_id: 'acme',
      environment: 'staging',
      scopes: ['ingest'],
      expires_at: iso(clock.nowMs + 90 * dayMs),
    });
    expect(parseSecret(created.api_key)).toEqual({
      environment: 'staging',
      account: 'acme',
      keyId: created.key_id,
    });
    const principal = await accounts.findPrincipal('acme', created.key_id);
    expect(secretMatches(created.api_key, principal?.key.hash ?? new Uint8Array())).toBe(true);
    expect((await list()).map(({ state }: { state: string }) => state)).toEqual(['live', 'live']);
    expect(await audited()).toEqual(
      expect.arrayContaining(['account.created', 'key.created', 'key.created']),
    );
  });

  it('names a scope once, and never expires by itself', async () => {
    expect(await create('--scopes', 'read, read')).toMatchObject({ scopes: ['read'], expires_at: null });
  });
});

describe('list', () => {
  it('shows when and by which client a key was last used, and fits 80 columns', async () => {
    const { key_id } = await create('--environment', 'x'.repeat(32), '--scopes', 'ingest,read,admin');
    await use(key_id, 41 * minuteMs, `${'long-name'.repeat(6)}/3.1.0 (x)`);
    await json('key', 'rotate', '--account', 'acme', '--key', key_id);

    const { out } = await weir('key', 'list', '--account', 'acme');

    for (const line of out.split('\n')) expect(line.length, line).toBeLessThanOrEqual(80);
    expect(out).toContain('never used');
    expect(out).toContain('last used 2026-11-21 09:44 UTC by long-name');
    expect(out).toMatch(/replaced by [0-9a-f]{12}/);
    expect(out).toContain('ends 2026-11-22 10:25 UTC');
  });

  it('shows who created each key, on 80 columns', async () => {
    const who = `person ${'x'.repeat(255)}`;
    Object.assign(operator, { actor: { ...operator.actor, who } });
    await create();

    const { out } = await weir('key', 'list', '--account', 'acme');

    expect(out).toContain('\n  created by operator ada\n');
    expect(out).toContain(`\n  created by ${who.slice(0, 63)}…\n`);
    for (const line of out.split('\n')) expect(line.length, line).toBeLessThanOrEqual(80);
  });

  it('tells live, replaced, expired and revoked keys apart', async () => {
    const [ending, old, leaked] = [await create('--expires-in', '1h'), await create(), await create()];
    await json('key', 'rotate', '--account', 'acme', '--key', old.key_id);
    await json('key', 'revoke', '--account', 'acme', '--key', leaked.key_id);
    clock.nowMs += hourMs;

    const states = new Map(
      (await list()).map((key: { key_id: string; state: string }) => [key.key_id, key.state]),
    );

    expect([ending, old, leaked].map(({ key_id }) => states.get(key_id))).toEqual([
      'expired',
      'replaced',
      'revoked',
    ]);
    expect([...states.values()].filter((state) => state === 'live')).toHaveLength(2);
  });
});

describe('rotate', () => {
  it('makes a key that inherits, and ends the old one after the overlap', async () => {
    const old = await create('--environment', 'staging', '--scopes', 'read', '--expires-in', '30d');
    clock.nowMs += 1000;

    const made = await json('key', 'rotate', '--account', 'acme', '--key', old.key_id, '--overlap', '2h');

    expect(made).toMatchObject({
      environment: 'staging',
      scopes: ['read'],
      expires_at: old.expires_at,
      replaces: { key_id: old.key_id, ends_at: iso(clock.nowMs + 2 * hourMs) },
    });
    const shown = (await list()).find(({ key_id }: { key_id: string }) => key_id === old.key_id);
    expect(shown).toMatchObject({ state: 'replaced', replaced_by: made.key_id });
    expect((await audited()).slice(-2)).toEqual(['key.rotated', 'key.created']);
  });

  it('overlaps by 24 hours', async () => {
    const old = await create();

    const { replaces } = await json('key', 'rotate', '--account', 'acme', '--key', old.key_id);

    expect(replaces.ends_at).toBe(iso(clock.nowMs + dayMs));
  });

  it('again, after an interruption, changes nothing and names the key that is there', async () => {
    const old = await create();
    const made = await json('key', 'rotate', '--account', 'acme', '--key', old.key_id);
    const before = await list();

    const { code, err } = await weir('key', 'rotate', '--account', 'acme', '--key', old.key_id);

    expect(code).toBe(1);
    expect(err).toContain(`is replaced by ${made.key_id} already, and ends at 2026-11-22 10:25 UTC`);
    expect(err).toContain(`npm run -s weir -- key rotate --account acme --key ${made.key_id} --overlap 0s`);
    expect(await list()).toEqual(before);
  });

  it('ends a key within an hour of its last use only with --yes', async () => {
    const { key_id } = await create();
    await use(key_id, 41 * minuteMs);
    const argv = ['key', 'rotate', '--account', 'acme', '--key', key_id, '--overlap', '19m'];
    const before = await list();

    const { code, err } = await weir(...argv);

    expect(code).toBe(1);
    expect(err).toContain(
      'last used 41 min ago, by analytics-node 3.1.0. It would end within an hour of that.',
    );
    expect(err).toContain(`npm run -s weir -- key rotate --account acme --key ${key_id}. To refuse`);
    expect(await list()).toEqual(before);
    expect(await json(...argv, '--yes')).toMatchObject({ replaces: { key_id } });
  });

  it('refuses a key that ended', async () => {
    const [expired, revoked] = [await create('--expires-in', '1m'), await create()];
    await json('key', 'revoke', '--account', 'acme', '--key', revoked.key_id);
    clock.nowMs += minuteMs;

    for (const [{ key_id }, state] of [
      [expired, 'expired'],
      [revoked, 'revoked'],
    ] as const) {
      const { code, err } = await weir('key', 'rotate', '--account', 'acme', '--key', key_id);
      expect(code).toBe(1);
      expect(err).toContain(`is ${state}`);
    }
  });
});

describe('revoke', () => {
  it('refuses a key that was used in the last hour, and says when and by which client', async () => {
    const { key_id } = await create();
    await use(key_id, 41 * minuteMs);

    const { code, err } = await weir('key', 'revoke', '--account', 'acme', '--key', key_id);

    expect(code).toBe(1);
    expect(err).toContain('last used 41 min ago, by analytics-node 3.1.0. Nothing was changed.');
    expect(err).toContain(`npm run -s weir -- key revoke --account acme --key ${key_id} --yes`);
    expect((await accounts.findPrincipal('acme', key_id))?.key.revokedAtMs).toBeUndefined();
  });

  it.each([
    ['with --yes', 0, ['--yes']],
    ['that was used 41 hours ago', 41 * hourMs, []],
  ])('ends a key %s', async (_, agoMs, argv) => {
    const { key_id } = await create();
    clock.nowMs += 1000;
    await use(key_id, agoMs);

    const { code, out } = await weir('key', 'revoke', '--account', 'acme', '--key', key_id, ...argv);

    expect(code).toBe(0);
    expect(out).toContain(`The key ${key_id} is revoked`);
    expect((await accounts.findPrincipal('acme', key_id))?.key.revokedAtMs).toBe(clock.nowMs);
    expect((await audited()).slice(-1)).toEqual(['key.revoked']);
  });

  it('of a key that is revoked already is done, and writes nothing', async () => {
    const { key_id } = await create();
    await json('key', 'revoke', '--account', 'acme', '--key', key_id);
    const before = await audited();
    clock.nowMs += minuteMs;

    const { code, out } = await weir('key', 'revoke', '--account', 'acme', '--key', key_id);

    expect(code).toBe(0);
    expect(out).toContain('was revoked at 2026-11-21 10:25 UTC already');
    expect(await audited()).toEqual(before);
  });

  it('does not end a key that changed while it was looked at', async () => {
    const { key_id } = await create();
    const find = accounts.findPrincipal.bind(accounts);
    accounts.findPrincipal = async (account, id) => {
      const found = await find(account, id);
      if (!found) return undefined;
      const { key } = found;
      await accounts.keys.change({ before: key, after: { ...key, expiresAtMs: 1 }, entries: [] });
      return found;
    };

    const { code, err } = await weir('key', 'revoke', '--account', 'acme', '--key', key_id);

    expect(code).toBe(1);
    expect(err).toContain('changed meanwhile');
  });
});

it.each([
  [['create', '--account', 'nobody'], 1, 'There is no account "nobody".'],
  [['create', '--account', 'A#b'], 1, 'There is no account "A#b".'],
  [['create', '--account', 'acme', '--environment', 'P'], 2, 'An environment is'],
  [['create', '--account', 'acme', '--scopes', 'all'], 2, 'choose from ingest, read, admin'],
  [['create', '--account', 'acme', '--expires-in', 'soon'], 2, '--expires-in soon is not a duration.'],
  [['create', '--account', 'acme', '--expires-in', '9999d'], 2, 'is not a duration'],
  [['list', '--account', 'nobody'], 1, 'There is no account "nobody".'],
  [['rotate', '--account', 'nobody', '--key', '0123456789ab'], 1, 'There is no account "nobody".'],
  [['rotate', '--account', 'acme', '--key', '0123456789ab'], 1, 'has no key "0123456789ab"'],
  [['rotate', '--account', 'acme', '--key', '0123456789ab', '--overlap', 'x'], 2, 'is not a duration'],
  [['revoke', '--account', 'acme', '--key', '0123456789ab'], 1, 'has no key "0123456789ab"'],
  [['revoke', '--account', 'acme'], 2, '--key is missing'],
])('weir key %j exits with %i and says what is wrong', async (argv, code, message) => {
  const result = await weir('key', ...argv);

  expect(result).toMatchObject({ code, out: '', err: expect.stringContaining(message) });
});

it('a secret in place of a key id is not printed', async () => {
  const { api_key } = await create();

  const { code, err } = await weir('key', 'revoke', '--account', 'acme', '--key', api_key);

  expect(code).toBe(2);
  expect(err).toContain('--key is not the id of a key');
  expect(err).not.toContain(api_key.slice(0, 30));
});

it('a key of another account is unknown', async () => {
  await weir('account', 'create', '--account', 'other');
  const { key_id } = await create();

  const { code, err } = await weir('key', 'revoke', '--account', 'other', '--key', key_id);

  expect(code).toBe(1);
  expect(err).toContain(`The account other has no key "${key_id}"`);
});
