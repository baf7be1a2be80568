import fc from 'fast-check';
import { expect, it } from 'vitest';
import {
  type AccountAdvice,
  type Busiest,
  rankAccounts,
  rankAdvice,
} from '../../../../domain/accounts/busiest.ts';
import { dollarsPerHour } from '../../../../domain/accounts/load.ts';

const load = (events: number) => ({ events, records: events / 100, bytes: events * 100 });
const of = (account: string, events: number, environment = 'production') => ({
  account,
  environment,
  generation: 0,
  load: load(events),
});

it('accounts come by what all their environments cost, and those that send nothing are left out', () => {
  const loads = [of('small', 10), of('two', 60), of('idle', 0), of('one', 100), of('two', 60, 'staging')];

  expect(rankAccounts(loads)).toEqual({
    accounts: [
      { account: 'two', generation: 0, environments: ['production', 'staging'] },
      { account: 'one', generation: 0, environments: ['production'] },
      { account: 'small', generation: 0, environments: ['production'] },
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

it('of an account with many environments those that cost the most are listed, and the rest is of others', () => {
  const loads = Array.from({ length: 30 }, (_, index) => of('many', 1000 - index, `env-${index}`));

  const { accounts, othersDollarsPerHour } = rankAccounts([of('one', 2000), ...loads]);

  // It is ranked by all of them.
  expect(accounts.map(({ account }) => account)).toEqual(['many', 'one']);
  const kept = loads.slice(0, 20).map(({ environment }) => environment);
  expect(accounts[0]?.environments).toEqual(kept.toSorted());
  const rest = loads.slice(20).reduce((sum, each) => sum + dollarsPerHour(each.load), 0);
  expect(othersDollarsPerHour).toBeCloseTo(rest);
});

it('is a fifth of an item at most, whatever accounts and environments there are', () => {
  /** The longest that there can be. */
  const names = (length: number, most: number) =>
    fc
      .integer({ min: 1, max: most })
      .map((count) => Array.from({ length: count }, (_, index) => String(index).padStart(length, 'a')));
  const figure = fc.double({ min: 1e-9, max: 1e9, noNaN: true });
  fc.assert(
    fc.property(names(63, 80), names(32, 200), figure, (accounts, environments, most) => {
      const loads = accounts
        .flatMap((account) => environments.map((environment) => ({ account, environment })))
        .map((each, index) => {
          const figures = { events: most / (index + 3), records: most / (index + 7), bytes: most / 11 };
          return { ...each, generation: 65_535, load: figures };
        });
      const advice = { from: 100, to: 200, needs: 9_999_999_999, hourMs: 9_999_999_999_999 };
      const busiest: Busiest = {
        ...rankAccounts(loads),
        ...{ atMs: 9_999_999_999_999, unseen: 9_999_999_999, automatic: false },
        advice: rankAdvice(loads.map((each) => ({ ...each, ...advice }))),
      };
      expect(Buffer.byteLength(JSON.stringify(busiest))).toBeLessThan(80_000);
    }),
    { numRuns: 30 },
  );
});

it('advice comes once for an account, by the environment that needs the most', () => {
  const advice = (account: string, needs: number, environment = 'production'): AccountAdvice => ({
    ...{ account, environment, generation: 0, needs, from: 1, to: 2, hourMs: 0, load: load(1) },
  });

  const ranked = rankAdvice([advice('a', 2), advice('b', 3), advice('b', 5, 'staging'), advice('c', 4)]);

  expect(ranked.map(({ account, environment, needs }) => [account, environment, needs])).toEqual([
    ['b', 'staging', 5],
    ['c', 'production', 4],
    ['a', 'production', 2],
  ]);
});
