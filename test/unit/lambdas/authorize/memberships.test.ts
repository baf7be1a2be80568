import { beforeEach, describe, expect, it } from 'vitest';
import type { Account } from '../../../../domain/accounts/accounts.ts';
import type { Membership } from '../../../../domain/accounts/port.ts';
import { PartitionUnavailable, Unavailable } from '../../../../domain/system/unavailable.ts';
import { createReadAccounts } from '../../../../lambdas/authorize/accounts-table.ts';
import { createMemberships } from '../../../../lambdas/authorize/memberships.ts';
import { TestClock } from '../../../support/clock.ts';

const account = { id: 'acme', status: 'active' } as Account;

let clock: TestClock;
let found: Membership;
let accounts: readonly string[];
let fails: Error | undefined;
let reads: number;
/** How long a read takes. */
let readMs: number;
const answer = async <T>(value: T): Promise<T> => {
  reads += 1;
  clock.nowMs += readMs;
  if (fails) throw fails;
  return value;
};
const knowing = (rolesByClaim = false) =>
  createMemberships(
    { find: () => answer(found), accountsOf: () => answer(accounts) },
    clock,
    createReadAccounts(clock),
    rolesByClaim,
  );
beforeEach(() => {
  clock = new TestClock();
  [found, accounts, fails, reads, readMs] = [
    { account, role: 'owner', hasEnvironment: true },
    ['acme'],
    undefined,
    0,
    0,
  ];
});

describe('a member', () => {
  it('is read once in 30 s', async () => {
    const { find } = knowing();
    for (let second = 0; second < 30; second += 1) {
      expect((await find('ada', 'acme', 'production')).role).toBe('owner');
      clock.nowMs += 1000;
    }
    expect(reads).toBe(1);

    await find('ada', 'acme', 'production');
    expect(reads).toBe(2);
  });

  it('is not known as a member of another account, nor under another name', async () => {
    const { find } = knowing();
    await find('ada', 'acme', 'production');
    found = {};

    expect(await find('ada', 'other', 'production')).toEqual({});
    expect(await find('bob', 'acme', 'production')).toEqual({});
  });

  it('who is removed is none 30 s later, and stays so when the table is away', async () => {
    const { find } = knowing();
    await find('ada', 'acme', 'production');
    found = { account };
    clock.nowMs += 30_000;

    expect((await find('ada', 'acme', 'production')).role).toBeUndefined();
    fails = new Unavailable('away');
    clock.nowMs += 5000;
    await expect(find('ada', 'acme', 'production')).rejects.toBe(fails);
  });

  it('goes on for ten minutes while the table is away, which is asked ever more rarely', async () => {
    const { find } = knowing();
    await find('ada', 'acme', 'production');
    fails = new Unavailable('away');

    for (clock.nowMs += 30_000; clock.nowMs < startMs() + 600_000; clock.nowMs += 1000)
      expect((await find('ada', 'acme', 'production')).role).toBe('owner');
    // After 30, 31, 33 and 37 s, and every 8 s from then on.
    expect(reads).toBe(1 + 4 + Math.floor((599 - 37) / 8));
    await expect(find('ada', 'acme', 'production')).rejects.toThrow(Unavailable);
  });

  it('whose ten minutes end while the read is under way does not go on', async () => {
    const { find } = knowing();
    await find('ada', 'acme', 'production');
    fails = new Unavailable('away');
    readMs = 2000;
    clock.nowMs += 599_000;

    await expect(find('ada', 'acme', 'production')).rejects.toBe(fails);
  });

  it('of a partition that is throttled costs a read a second, and others wait for none of them', async () => {
    const { find } = knowing();
    await find('ada', 'acme', 'production');
    clock.nowMs += 30_000;
    fails = new PartitionUnavailable('throttled');
    reads = 0;
    for (let request = 0; request < 20; request += 1) {
      expect((await find('ada', 'acme', 'production')).role).toBe('owner');
      clock.nowMs += 100;
    }
    expect(reads).toBe(2);

    fails = undefined;
    expect((await find('bob', 'acme', 'production')).role).toBe('owner');
  });

  it('does not go on where the read fails for another reason', async () => {
    const { find } = knowing();
    await find('ada', 'acme', 'production');
    fails = new Error('a bug');
    clock.nowMs += 30_000;

    await expect(find('ada', 'acme', 'production')).rejects.toBe(fails);
  });
});

const startMs = () => new TestClock().nowMs;

describe('who is no member', () => {
  it('is read once in 5 s, and accepted once he is added', async () => {
    found = { account };
    const { find } = knowing();
    await find('ada', 'acme', 'production');
    found = { account, role: 'viewer' };

    clock.nowMs += 4999;
    expect((await find('ada', 'acme', 'production')).role).toBeUndefined();
    expect(reads).toBe(1);
    clock.nowMs += 1;
    expect((await find('ada', 'acme', 'production')).role).toBe('viewer');
  });

  it('is known for 30 s where roles are those of a claim', async () => {
    found = { account, hasEnvironment: true };
    const { find } = knowing(true);
    await find('ada', 'acme', 'production');
    clock.nowMs += 29_999;
    await find('ada', 'acme', 'production');

    expect(reads).toBe(1);
  });

  it('of an environment is not known of another one, nor for long of one that is not there', async () => {
    const { find } = knowing();
    await find('ada', 'acme', 'production');
    found = { account, role: 'owner' };

    expect((await find('ada', 'acme', 'staging')).hasEnvironment).toBeUndefined();
    found = { account, role: 'owner', hasEnvironment: true };
    clock.nowMs += 4999;
    expect((await find('ada', 'acme', 'staging')).hasEnvironment).toBeUndefined();
    expect(reads).toBe(2);
    clock.nowMs += 1;
    expect((await find('ada', 'acme', 'staging')).hasEnvironment).toBe(true);
  });

  it('pushes no member out, in whatever number', async () => {
    const { find } = knowing();
    await find('ada', 'acme', 'production');
    found = {};
    for (let flood = 0; flood < 20_000; flood += 1) await find('bob', `account-${flood}`, 'production');
    found = { account, role: 'owner' };
    for (let flood = 0; flood < 20_000; flood += 1) await find('ada', 'acme', `invented-${flood}`);
    reads = 0;

    await find('ada', 'acme', 'production');
    expect(reads).toBe(0);
  });
});

it('the accounts of a person are read once in 30 s, or in 5 s while there are none', async () => {
  const { accountsOf } = knowing();
  await accountsOf('ada', 2);
  clock.nowMs += 29_999;
  expect(await accountsOf('ada', 2)).toEqual(['acme']);
  expect(reads).toBe(1);

  accounts = [];
  clock.nowMs += 1;
  expect(await accountsOf('ada', 2)).toEqual([]);
  accounts = ['acme'];
  clock.nowMs += 5000;
  expect(await accountsOf('ada', 2)).toEqual(['acme']);
});

it('a table that hangs is waited for once, by whoever asks for whatever account', async () => {
  const { find, accountsOf } = knowing();
  await accountsOf('ada', 2);
  await find('ada', 'acme', 'production');
  clock.nowMs += 30_000;
  [fails, reads, readMs] = [new Unavailable('hangs'), 0, 2000];

  expect(await accountsOf('ada', 2)).toEqual(['acme']);
  expect((await find('ada', 'acme', 'production')).role).toBe('owner');
  for (let madeUp = 0; madeUp < 20; madeUp += 1)
    await expect(find('ada', `made-up-${madeUp}`, 'production')).rejects.toThrow(Unavailable);
  expect(reads).toBe(1);
});
