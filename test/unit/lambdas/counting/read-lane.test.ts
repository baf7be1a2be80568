import { expect, it } from 'vitest';
import { isDue } from '../../../../domain/counting/next-run.ts';
import { placeOf } from '../../../../domain/counting/receipt.ts';
import { hourMs } from '../../../../domain/system/time.ts';
import { foldRun } from '../../../../lambdas/counting/fold-run.ts';
import { foldedToOf } from '../../../../lambdas/counting/read-lane.ts';
import { nowMs } from '../../../support/events.ts';
import { lane, laneReceipt } from '../../../support/lanes.ts';
import { CountingFixture, readAll } from './fixture.ts';

it('the last folded run is read first, then documents, then the tail (V2)', async () => {
  const fixture = new CountingFixture();

  await readAll(fixture, lane);

  expect(fixture.calls).toEqual(['lastFoldedRun', 'documentsBetween', 'documentsBetween', 'tail']);
});

it('the tail begins where the last folded run ends', async () => {
  const fixture = new CountingFixture();
  await fixture.store.putReceipts([laneReceipt('a'), laneReceipt('b')]);
  await foldRun(fixture, lane);
  await fixture.store.putReceipts([laneReceipt('c')]);

  const { waiting, waitingSinceMs, intakes } = await readAll(fixture, lane);

  expect(await foldedToOf(fixture, lane)).toBe(placeOf(laneReceipt('b')));
  expect(waiting.receipts).toBe(1);
  expect(waitingSinceMs).toBe(laneReceipt('c').storedAtMs);
  expect([...intakes.values()].map(({ stored }) => stored)).toEqual([3]);
  expect(isDue(waiting, fixture.limits, nowMs)).toBe(false);
  expect(isDue(waiting, fixture.limits, nowMs + hourMs)).toBe(true);
});

it('a tail is read up to 1 MB, and the counts say so', async () => {
  const fixture = new CountingFixture();
  const many = Array.from({ length: 40 }, (_, index) =>
    laneReceipt(`r${index + 10}`, {
      receivedAtMs: nowMs + index,
      bytes: 1,
      delta: new Uint8Array(32 * 1024),
    }),
  );
  await fixture.store.putReceipts(many);

  const { asOfMs, intakes } = await readAll(fixture, lane);

  expect(asOfMs).toBe(nowMs + 31);
  // Their deltas cannot be read, so nothing of them is shown, and the reader does not fail.
  expect([...intakes.values()].map(({ stored }) => stored)).toEqual([]);
  expect(fixture.calls.filter((name) => name === 'tail')).toHaveLength(16);
});

it('the oldest plain receipt of the tail is the one that waits', async () => {
  const fixture = new CountingFixture();
  const since = async () => (await readAll(fixture, lane)).waitingSinceMs;
  expect(await since()).toBeUndefined();

  await fixture.store.putReceipts([laneReceipt('a')]);
  expect(await since()).toBe(nowMs + 9);

  await foldRun(fixture, lane);
  expect(await since()).toBeUndefined();

  const direct = ['b', 'c', 'd'].map((record) => laneReceipt(record, { mode: 'direct' }));
  await fixture.store.putReceipts([...direct, laneReceipt('e', { storedAtMs: nowMs + 60 })]);
  expect(await since()).toBe(nowMs + 60);
});
