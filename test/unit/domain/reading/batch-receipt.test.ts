import { expect, it } from 'vitest';
import type { Receipt } from '../../../../domain/counting/receipt.ts';
import { batchReceipt, placesOf } from '../../../../domain/reading/batch-receipt.ts';
import { nowMs } from '../../../support/events.ts';
import { lane, laneReceipt, lateLane } from '../../../support/lanes.ts';

const receipt = (overrides: Partial<Receipt> = {}): Receipt =>
  laneReceipt('b', {
    ...{ accepted: 10, stored: 7, duplicates: 2, conflicts: 1 },
    ...{ receivedAtMs: nowMs, storedAtMs: nowMs + 40 },
    ...overrides,
  });
const quarantined = receipt({ state: 'quarantined', stored: 0, duplicates: 0, conflicts: 0 });
const receiptOf = (...parts: readonly Receipt[]) =>
  batchReceipt('b', { receivedAtMs: nowMs, parts: 2, events: 20 }, parts);

it('a batch is pending until all its parts are counted, then stored as of the last', () => {
  expect(receiptOf()).toMatchObject({ status: 'pending', accepted: 20, stored: 0 });
  expect(receiptOf(receipt())).toMatchObject({ status: 'pending', accepted: 20, stored: 7 });
  expect(receiptOf(receipt())).not.toHaveProperty('stored_at');
  expect(receiptOf(receipt(), receipt({ storedAtMs: nowMs + 90 }))).toMatchObject({
    status: 'stored',
    freshness_ms: 90,
    accepted: 20,
    stored: 14,
    duplicates: 4,
    conflicts: 2,
    quarantined: 0,
  });
});

it.each([
  ['quarantined', quarantined],
  ['discarded', { ...quarantined, state: 'discarded' as const }],
])('a batch with any part %s is quarantined, balances, and has no stored_at', (_, part) => {
  const batch = receiptOf(receipt(), part);

  expect(batch).toMatchObject({ status: 'quarantined', quarantined: 10 });
  expect(batch.stored + batch.duplicates + batch.conflicts + batch.quarantined).toBe(batch.accepted);
  expect(batch).not.toHaveProperty('stored_at');
  expect(batch).not.toHaveProperty('freshness_ms');
});

it('a batch is quarantined as soon as one part is, even while others are in flight', () => {
  expect(receiptOf(quarantined)).toMatchObject({ status: 'quarantined', accepted: 20, quarantined: 10 });
});

it('a void receipt is that of no part: the batch is pending', () => {
  const isVoid = receipt({ state: 'void', accepted: 0, stored: 0, duplicates: 0, conflicts: 0 });

  expect(receiptOf(receipt(), isVoid)).toMatchObject({ status: 'pending', stored: 7, quarantined: 0 });
});

it('the receipts of a batch are in the lanes of its slot: the last parts hold the late events', () => {
  const known = { slot: 3, parts: 3, lateParts: 1, events: 20, retentionDays: 30, receivedAtMs: nowMs };

  expect(placesOf('seed', known, lane.tenant)).toEqual([
    { lane: { ...lane, slot: 3 }, record: 'seed.0', receivedAtMs: nowMs },
    { lane: { ...lane, slot: 3 }, record: 'seed.1', receivedAtMs: nowMs },
    { lane: { ...lateLane, slot: 3 }, record: 'seed.2', receivedAtMs: nowMs },
  ]);
});
