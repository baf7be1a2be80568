import { expect, it } from 'vitest';
import { maxBatchEvents } from '../../domain/event/batch.ts';
import { longStorm, planStorm, shortStorm, troublesAtLarge, troublesOfOne } from './plan.ts';

const sizes = [
  ['short', shortStorm],
  ['long', longStorm],
] as const;

it.each(sizes)('the %s storm is the same for the same seed, and another one for another', (_, size) => {
  expect(planStorm(size)).toEqual(planStorm(size));
  expect(planStorm({ ...size, seed: size.seed + 1 })).not.toEqual(planStorm(size));
});

it.each(sizes)(
  'the %s storm has its size, with batches from 1 to the most events, each id once',
  (_, size) => {
    const batches = planStorm(size).waves.flatMap((wave) => wave.batches);

    const counts = batches.map(({ events }) => events.length);
    expect(batches).toHaveLength(size.batches);
    expect(counts.reduce((sum, count) => sum + count, 0)).toBeGreaterThanOrEqual(size.events);
    expect([Math.min(...counts), Math.max(...counts)]).toEqual([1, maxBatchEvents]);
    for (const { events } of batches)
      expect(new Set(events.map(({ number }) => number)).size).toBe(events.length);
  },
);

it.each(sizes)('the %s storm has each kind of trouble', (_, size) => {
  const { waves } = planStorm(size);

  const dealt = new Set<string>(waves.flatMap(({ atLarge, ofOne }) => [...atLarge, ...ofOne]));
  expect([...dealt].toSorted()).toEqual([...troublesAtLarge, ...troublesOfOne].toSorted());
});

it('the long storm has at least 200 batches, 20,000 events and 20 accounts', () => {
  expect(longStorm.batches).toBeGreaterThanOrEqual(200);
  expect(longStorm.events).toBeGreaterThanOrEqual(20_000);
  expect(longStorm.accounts).toBeGreaterThanOrEqual(20);
});

it('sends events again, and other content under earlier ids', () => {
  const batches = planStorm(shortStorm).waves.flatMap((wave) => wave.batches);
  const sent = new Map<string, Set<number>>();
  let again = 0;
  for (const { account, events } of batches)
    for (const { number, variant } of events) {
      const variants = sent.get(`${account}#${number}`) ?? new Set();
      if (variants.has(variant)) again += 1;
      sent.set(`${account}#${number}`, variants.add(variant));
    }

  expect(again).toBeGreaterThan(0);
  expect([...sent.values()].filter((variants) => variants.size > 1).length).toBeGreaterThan(0);
});
