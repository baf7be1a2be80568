import { expect, it } from 'vitest';
import { batchReceipt, type Receipt } from '../../../../domain/storing/receipt.ts';
import { nowMs } from '../../../support/events.ts';

const receipt = (overrides: Partial<Receipt> = {}): Receipt => ({
  tenant: { account: 'acme', environment: 'production', generation: 0 },
  record: 'b.0',
  state: 'counted',
  accepted: 10,
  stored: 7,
  duplicates: 2,
  conflicts: 1,
  receivedAtMs: nowMs,
  storedAtMs: nowMs + 40,
  expiresAtMs: nowMs + 1000,
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
