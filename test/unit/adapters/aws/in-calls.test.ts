import { expect, it } from 'vitest';
import { inCalls } from '../../../../adapters/aws/in-calls.ts';

const items = Array.from({ length: 7 }, (_, index) => index);

it('a call has so many items, and results are in the order of the items', async () => {
  const calls: number[] = [];
  const results = await inCalls(items, { items: 3, atOnce: 2 }, async (some) => {
    calls.push(some.length);
    // The first call ends last.
    for (let turn = 0; turn < 10 / (calls.length * calls.length); turn += 1) await Promise.resolve();
    return some.map((item) => 10 * item);
  });

  expect(calls).toEqual([3, 3, 1]);
  expect(results).toEqual(items.map((item) => 10 * item));
});

it('no items are no call', async () => {
  const fail = () => Promise.reject(new Error('A call was made.'));
  expect(await inCalls([], { items: 3, atOnce: 2 }, fail)).toEqual([]);
});

it('a call is under way before the items of the next one are made', async () => {
  const seen: string[] = [];
  await inCalls(items, { items: 3, atOnce: 3 }, async ([first]) => {
    seen.push(`made ${first}`);
    // The client of AWS sends after some microtasks and a tick.
    await Promise.resolve();
    await new Promise<void>((resolve) => process.nextTick(resolve));
    seen.push(`sent ${first}`);
    return [];
  });

  expect(seen).toEqual(['made 0', 'sent 0', 'made 3', 'sent 3', 'made 6', 'sent 6']);
});
