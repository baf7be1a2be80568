import { expect, it } from 'vitest';
import { hourMs } from '../../../../domain/system/time.ts';
import { foldRun } from '../../../../lambdas/counting/fold-run.ts';
import { unfoldedAgeMs } from '../../../../lambdas/counting/unfolded-age.ts';
import { nowMs } from '../../../support/events.ts';
import { lane, laneReceipt } from '../../../support/lanes.ts';
import { CountingFixture } from './fixture.ts';

it('the oldest plain receipt past the last folded run is the one that waits', async () => {
  const fixture = new CountingFixture();
  const ageAt = (atMs: number) => unfoldedAgeMs(fixture.lanes, lane, atMs);
  expect(await ageAt(nowMs)).toBeUndefined();

  await fixture.store.putReceipts([laneReceipt('a')]);
  expect(await ageAt(nowMs + hourMs)).toBe(hourMs - 9);

  await foldRun(fixture, lane);
  expect(await ageAt(nowMs + hourMs)).toBeUndefined();

  const direct = ['b', 'c', 'd'].map((record) => laneReceipt(record, { mode: 'direct' }));
  await fixture.store.putReceipts([...direct, laneReceipt('e', { storedAtMs: nowMs + 60 })]);
  expect(await ageAt(nowMs + hourMs)).toBe(hourMs - 60);
});
