import { expect, it } from 'vitest';
import { type AccountAdvice, rankAccounts, rankAdvice } from '../../../../domain/accounts/busiest.ts';
import { dollarsPerHour } from '../../../../domain/accounts/load.ts';

const load = (events: number) => ({ events, records: events / 100, bytes: events * 100 });
const of = (account: string, events: number, environment = 'production') => ({
  account,
  environment,
  load: load(events),
});

it('accounts come by what all their environments cost, and those that send nothing are left out', () => {
  const loads = [of('small', 10), of('two', 60), of('idle', 0), of('one', 100), of('two', 60, 'staging')];

  expect(rankAccounts(loads)).toEqual({
    accounts: [
      { account: 'two', environments: ['production', 'staging'] },
      { account: 'one', environments: ['production'] },
      { account: 'small', environments: ['production'] },
    ],
    othersDollarsPerHour: 0,
  });
});

it('beyond the most that are listed, only what the others cost together is kept', () => {
  const loads = Array.from({ length: 60 }, (_, index) =>
    of(`a-${String(index).padStart(2, '0')}`, 1000 - index),
  );

  const { accounts, othersDollarsPerHour } = rankAccounts(loads);

  expect(accounts.map(({ account }) => account)).toEqual(loads.slice(0, 50).map(({ account }) => account));
  const others = loads.slice(50).reduce((sum, each) => sum + dollarsPerHour(each.load), 0);
  expect(othersDollarsPerHour).toBeCloseTo(others);
});

it('advice comes once for an account, by the environment that needs the most', () => {
  const advice = (account: string, needs: number, environment = 'production'): AccountAdvice => ({
    ...{ account, environment, needs, from: 1, to: 2, hourMs: 0, load: load(1) },
  });

  const ranked = rankAdvice([advice('a', 2), advice('b', 3), advice('b', 5, 'staging'), advice('c', 4)]);

  expect(ranked.map(({ account, environment, needs }) => [account, environment, needs])).toEqual([
    ['b', 'staging', 5],
    ['c', 'production', 4],
    ['a', 'production', 2],
  ]);
});
