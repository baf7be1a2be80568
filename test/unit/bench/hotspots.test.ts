// The bench of hot shards, in short.

import { expect, it } from 'vitest';
import { advised, hottestOf, mean, type Sender, sendersOf } from '../../../bench/hotspots-bench/spread.ts';
import { mostSlotsOfAccount } from '../../../domain/accounts/tiers.ts';

const shape = { accounts: 300, exponent: 1.1, shards: 16 };
const seeds = Array.from({ length: 10 }, (_, seed) => seed);
const after = (steps: number, seed: number): readonly Sender[] =>
  Array.from({ length: steps }).reduce<readonly Sender[]>(
    (senders) => advised(senders, mostSlotsOfAccount),
    sendersOf({ ...shape, seed }),
  );
const timesFair = (steps: number) =>
  mean(seeds.map((seed) => hottestOf(after(steps, seed), shape.shards).timesFair));

it('advice halves the load of the hottest shard of 16, in three steps, and then rests', () => {
  const [without, followed] = [timesFair(0), timesFair(3)];

  expect(without).toBeGreaterThan(3);
  expect(followed).toBeLessThan(without / 1.8);
  for (const seed of seeds) expect(after(4, seed)).toEqual(after(3, seed));
});

it('only accounts that fill a slot get more', () => {
  const senders = after(3, 0);

  expect(senders[0]?.slots).toBe(mostSlotsOfAccount);
  expect(senders.filter(({ slots }) => slots > 1).length).toBeLessThan(15);
  expect(senders.at(-1)?.slots).toBe(1);
});
