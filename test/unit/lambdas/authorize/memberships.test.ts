import { beforeEach, describe, expect, it } from 'vitest';
import type { Account } from '../../../../domain/accounts/accounts.ts';
import type { Membership } from '../../../../domain/accounts/port.ts';
import { Unavailable } from '../../../../domain/system/unavailable.ts';
import { createMemberships } from '../../../../lambdas/authorize/memberships.ts';
import { TestClock } from '../../../support/clock.ts';

const account = { id: 'acme', status: 'active' } as Account;

let clock: TestClock;
let found: Membership;
let accounts: readonly string[];
let fails: Error | undefined;
let reads: number;
const answer = async <T>(value: T): Promise<T> => {
  reads += 1;
  if (fails) throw fails;
  return value;
};
const knowing = (rolesByClaim = false) =>
  createMemberships({ find: () => answer(found), accountsOf: () => answer(accounts) }, clock, rolesByClaim);
beforeEach(() => {
  clock = new TestClock();
  [found, accounts, fails, reads] = [{ account, role: 'owner' }, ['acme'], undefined, 0];
});

describe('a member', () => {
  it('is read once in 30 s', async () => {
    const { find } = knowing();
    for (let second = 0; second < 30; second += 1) {
      expect((await find('ada', 'acme')).role).toBe('owner');
      clock.nowMs += 1000;
    }
    expect(reads).toBe(1);

    await find('ada', 'acme');
    expect(reads).toBe(2);
  });

  it('is not known as a member of another account, nor under another name', async () => {
    const { find } = knowing();
    await find('ada', 'acme');
    found = {};

    expect(await find('ada', 'other')).toEqual({});
    expect(await find('bob', 'acme')).toEqual({});
  });

  it('who is removed is none 30 s later, and stays so when the table is away', async () => {
    const { find } = knowing();
    await find('ada', 'acme');
    found = { account };
    clock.nowMs += 30_000;

    expect((await find('ada', 'acme')).role).toBeUndefined();
    fails = new Unavailable('away');
    clock.nowMs += 5000;
    await expect(find('ada', 'acme')).rejects.toBe(fails);
  });

  it('goes on for ten minutes while the table is away, which is asked every five seconds', async () => {
    const { find } = knowing();
    await find('ada', 'acme');
    fails = new Unavailable('away');

    for (clock.nowMs += 30_000; clock.nowMs < startMs() + 600_000; clock.nowMs += 1000)
      expect((await find('ada', 'acme')).role).toBe('owner');
    expect(reads).toBe(1 + 570 / 5);
    await expect(find('ada', 'acme')).rejects.toBe(fails);
  });

  it('does not go on where the read fails for another reason', async () => {
    const { find } = knowing();
    await find('ada', 'acme');
    fails = new Error('a bug');
    clock.nowMs += 30_000;

    await expect(find('ada', 'acme')).rejects.toBe(fails);
  });
});

const startMs = () => new TestClock().nowMs;

describe('who is no member', () => {
  it('is read once in 5 s, and accepted once he is added', async () => {
    found = { account };
    const { find } = knowing();
    await find('ada', 'acme');
    found = { account, role: 'viewer' };

    clock.nowMs += 4999;
    expect((await find('ada', 'acme')).role).toBeUndefined();
    expect(reads).toBe(1);
    clock.nowMs += 1;
    expect((await find('ada', 'acme')).role).toBe('viewer');
  });

  it('is known for 30 s where roles are those of a claim', async () => {
    found = { account };
    const { find } = knowing(true);
    await find('ada', 'acme');
    clock.nowMs += 29_999;
    await find('ada', 'acme');

    expect(reads).toBe(1);
  });

  it('pushes no member out, in whatever number', async () => {
    const { find } = knowing();
    await find('ada', 'acme');
    found = {};
    for (let flood = 0; flood < 20_000; flood += 1) await find('bob', `account-${flood}`);
    reads = 0;

    await find('ada', 'acme');
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
