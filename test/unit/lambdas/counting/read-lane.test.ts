import { expect, it } from 'vitest';
import { isDue } from '../../../../domain/counting/next-run.ts';
import { placeOf } from '../../../../domain/counting/receipt.ts';
import { hourMs } from '../../../../domain/system/time.ts';
import { foldRun } from '../../../../lambdas/counting/fold-run.ts';
import { readLane } from '../../../../lambdas/counting/read-lane.ts';
import { nowMs } from '../../../support/events.ts';
import { lane, laneReceipt } from '../../../support/lanes.ts';
import { CountingFixture } from './fixture.ts';

const everything = { fromMs: 0, toMs: Number.MAX_SAFE_INTEGER };

it('the last folded run is read first, then documents, then the tail (V2)', async () => {
  const fixture = new CountingFixture();

  await readLane(fixture, lane, everything);

  expect(fixture.calls).toEqual(['lastFoldedRun', 'documentsBetween', 'documentsBetween', 'tail']);
});

it('the tail begins where the last folded run ends', async () => {
  const fixture = new CountingFixture();
  await fixture.store.putReceipts([laneReceipt('a'), laneReceipt('b')]);
  await foldRun(fixture, lane);
  await fixture.store.putReceipts([laneReceipt('c')]);

  const { foldedTo, waiting, intakes } = await readLane(fixture, lane, everything);

  expect(foldedTo).toBe(placeOf(laneReceipt('b')));
  expect(waiting.receipts).toBe(1);
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

  const { asOfMs, intakes } = await readLane(fixture, lane, everything);

  expect(asOfMs).toBe(nowMs + 31);
  // Their deltas cannot be read, so nothing of them is shown, and the reader does not fail.
  expect([...intakes.values()].map(({ stored }) => stored)).toEqual([]);
  expect(fixture.calls.filter((name) => name === 'tail')).toHaveLength(16);
});
