import { expect, it } from 'vitest';
import { isDue } from '../../../../domain/counting/next-run.ts';
import { placeOf } from '../../../../domain/counting/receipt.ts';
import { emptyDocument } from '../../../../domain/documents/documents.ts';
import { hourMs } from '../../../../domain/system/time.ts';
import { foldRun } from '../../../../lambdas/counting/fold-run.ts';
import { foldedToOf, LaneReader } from '../../../../lambdas/counting/read-lane.ts';
import { nowMs } from '../../../support/events.ts';
import { lane, laneReceipt } from '../../../support/lanes.ts';
import { readHoursOf } from '../../../support/read-hours.ts';
import { CountingFixture } from './fixture.ts';

it('the last folded run is read first, then documents, then the tail (V2)', async () => {
  const fixture = new CountingFixture();

  await readHoursOf(fixture, lane);

  expect(fixture.calls).toEqual(['lastFoldedRun', 'documentsBetween', 'documentsBetween', 'tail']);
});

it('the tail begins where the last folded run ends', async () => {
  const fixture = new CountingFixture();
  await fixture.store.putReceipts([laneReceipt('a'), laneReceipt('b')]);
  await foldRun(fixture, lane);
  await fixture.store.putReceipts([laneReceipt('c')]);

  const { waiting, waitingSinceMs, intakes } = await readHoursOf(fixture, lane);

  expect(await foldedToOf(fixture, lane)).toBe(placeOf(laneReceipt('b')));
  expect(waiting.receipts).toBe(1);
  expect(waitingSinceMs).toBe(laneReceipt('c').storedAtMs);
  expect([...intakes.values()].map(({ stored }) => stored)).toEqual([3]);
  expect(isDue(waiting, fixture.limits, lane, nowMs)).toBe(false);
  expect(isDue(waiting, fixture.limits, lane, nowMs + hourMs)).toBe(true);
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

  const { asOfMs, intakes } = await readHoursOf(fixture, lane);

  expect(asOfMs).toBe(nowMs + 31);
  // Their deltas cannot be read, so nothing of them is shown, and the reader does not fail.
  expect([...intakes.values()].map(({ stored }) => stored)).toEqual([]);
  expect(fixture.calls.filter((name) => name === 'tail')).toHaveLength(16);
});

it('the oldest plain receipt of the tail is the one that waits', async () => {
  const fixture = new CountingFixture();
  const since = async () => (await readHoursOf(fixture, lane)).waitingSinceMs;
  expect(await since()).toBeUndefined();

  await fixture.store.putReceipts([laneReceipt('a')]);
  expect(await since()).toBe(nowMs + 9);

  await foldRun(fixture, lane);
  expect(await since()).toBeUndefined();

  const direct = ['b', 'c', 'd'].map((record) => laneReceipt(record, { mode: 'direct' }));
  await fixture.store.putReceipts([...direct, laneReceipt('e', { storedAtMs: nowMs + 60 })]);
  expect(await since()).toBe(nowMs + 60);
});

it('documents are handed on page by page, so that a reader never holds more', async () => {
  const fixture = new CountingFixture();
  for (let hour = 0; hour < 7; hour += 1)
    await fixture.store.putDocument(emptyDocument({ lane, kind: 'hour', hourMs: hour * hourMs }));
  let [held, most, added] = [0, 0, 0];
  const documentsBetween: typeof fixture.lanes.documentsBetween = async (...range) => {
    const page = await fixture.lanes.documentsBetween(...range);
    held += page.documents.length;
    most = Math.max(most, held);
    return page;
  };
  const into = {
    addDocument: () => {
      held -= 1;
      added += 1;
    },
    addDelta: () => expect.fail('there is no receipt'),
  };
  const lanes = { ...fixture.lanes, documentsBetween };
  const reader = new LaneReader({ lanes }, { lane, foldedTo: '', bounds: { fromMs: 0, toMs: nowMs } }, into);

  expect(await reader.readHours({ fromMs: 0, toMs: 7 * hourMs })).toBe(true);
  expect([most, added]).toEqual([2, 7]);
  expect(await reader.readHours({ fromMs: 0, toMs: 7 * hourMs }, () => added < 11)).toBe(false);
  expect(added).toBe(11);
});
