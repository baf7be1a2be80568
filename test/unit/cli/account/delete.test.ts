import { beforeEach, expect, it } from 'vitest';
import { minuteMs } from '../../../../domain/system/time.ts';
import { startOperator } from '../operator-fixture.ts';

let { accounts, planKeys, weir, clock } = startOperator();
beforeEach(async () => {
  ({ accounts, planKeys, weir, clock } = startOperator());
  await weir('account', 'create', '--account', 'acme', '--tier', 'enterprise');
});

const json = async (...argv: string[]) => {
  const { code, out, err } = await weir(...argv, '--json');
  expect(code, err).toBe(0);
  return JSON.parse(out);
};

it('delete needs --yes, and says what it would do', async () => {
  const before = await accounts.findAccount('acme');

  const { code, out, err } = await weir('account', 'delete', '--account', 'acme');

  expect({ code, out }).toEqual({ code: 1, out: '' });
  expect(err).toContain('with its keys and all that it has sent, for good. Nothing was changed.');
  expect(err).toContain('npm run -s weir -- account delete --account acme --yes');
  expect(await accounts.findAccount('acme')).toEqual(before);
  expect(planKeys.stored('weir-dev-acme')).toHaveLength(1);
});

it('a deleted account is gone, and its audit log stays', async () => {
  await weir('account', 'signing', 'add', '--account', 'acme');
  clock.nowMs += minuteMs;

  expect(await json('account', 'delete', '--account', 'acme', '--yes')).toEqual({
    account_id: 'acme',
    next_generation: 1,
    changed: true,
  });

  expect((await weir('account', 'show', '--account', 'acme')).err).toContain('There is no account "acme".');
  expect(await json('account', 'list')).toEqual({ accounts: [], next: null });
  expect((await weir('key', 'list', '--account', 'acme')).err).toContain('There is no account "acme".');
  expect(planKeys.stored('weir-dev-acme')).toEqual([]);
  const { entries } = await json('audit', '--account', 'acme');
  expect(entries.at(-1)).toMatchObject({
    what: 'account.deleted',
    before: { tier: 'enterprise', generation: 0 },
    after: { generation: 1 },
  });
});

it('another account of the id is of the next generation, and has nothing of the one before', async () => {
  await weir('account', 'signing', 'add', '--account', 'acme');
  const old = await json('key', 'create', '--account', 'acme', '--environment', 'staging');
  await weir('account', 'delete', '--account', 'acme', '--yes');
  clock.nowMs += minuteMs;

  await weir('account', 'create', '--account', 'acme');

  expect(await json('account', 'show', '--account', 'acme')).toMatchObject({
    tier: 'standard',
    generation: 1,
    live_keys: 1,
    environments: ['production'],
    signing: false,
    most_slots: 1,
  });
  expect(await accounts.findPrincipal('acme', old.key_id)).toBeUndefined();
  expect((await weir('key', 'revoke', '--account', 'acme', '--key', old.key_id)).err).toContain('has no key');
  expect((await weir('account', 'signing', 'list', '--account', 'acme')).out).not.toContain('sec_');
});

it('deleted twice, it says so, and the next generation is the same', async () => {
  await weir('account', 'delete', '--account', 'acme', '--yes');

  expect(await json('account', 'delete', '--account', 'acme', '--yes')).toMatchObject({
    changed: false,
    next_generation: 1,
  });
  expect((await weir('account', 'delete', '--account', 'acme')).out).toContain('was deleted before');
});

it('of two operators at once, the one whose account changed meanwhile deletes nothing', async () => {
  const find = accounts.findAccount.bind(accounts);
  accounts.findAccount = async (id) => {
    const account = await find(id);
    accounts.findAccount = find;
    await weir('account', 'suspend', '--account', 'acme');
    return account;
  };

  const { code, err } = await weir('account', 'delete', '--account', 'acme', '--yes');

  expect(code).toBe(1);
  expect(err).toContain('changed meanwhile');
  expect((await accounts.findAccount('acme'))?.status).toBe('suspended');
});

it('an account that was never there, and one that was deleted too often, are not deleted', async () => {
  expect(await weir('account', 'delete', '--account', 'nobody', '--yes')).toMatchObject({
    code: 1,
    err: expect.stringContaining('There is no account "nobody".'),
  });
  expect((await weir('account', 'delete', '--account', 'A#b', '--yes')).code).toBe(1);
  const find = accounts.findAccount.bind(accounts);
  accounts.findAccount = async (id) => {
    const account = await find(id);
    return account && { ...account, generation: 65_535 };
  };
  expect((await weir('account', 'delete', '--account', 'acme', '--yes')).err).toContain('deleted too often');
});
