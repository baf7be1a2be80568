import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type QuarantineEntry, quarantineReasons } from '../../../../domain/quarantine/quarantine.ts';
import {
  amountOf,
  amountsBy,
  anyTime,
  isSelected,
  quarantineOfAccount,
} from '../../../../domain/quarantine/quarantine-list.ts';
import { dayMs } from '../../../../domain/system/time.ts';
import { nowMs } from '../../../support/events.ts';
import { lane } from '../../../support/lanes.ts';

const entry = (overrides: Partial<QuarantineEntry> = {}): QuarantineEntry => ({
  lane,
  record: 'batch.0',
  batchId: 'batch',
  reason: 'failed',
  cause: 'TypeError',
  requestId: 'request-1',
  events: 3,
  receivedAtMs: nowMs - 1000,
  quarantinedAtMs: nowMs,
  expiresAtMs: nowMs + dayMs,
  attempts: 1,
  leaseUntilMs: nowMs + 5000,
  ...overrides,
});
const anyEntry = fc
  .record({
    reason: fc.constantFrom(...quarantineReasons),
    events: fc.nat(500),
    receivedAtMs: fc.integer({ min: nowMs - 30 * dayMs, max: nowMs }),
    expiresAtMs: fc.integer({ min: nowMs - dayMs, max: nowMs + dayMs }),
  })
  .map(entry);

describe('a filter selects', () => {
  it.each([
    ['any entry that has not expired', anyTime, true],
    ['an entry of its reason', { ...anyTime, reason: 'failed' as const }, true],
    ['no entry of another reason', { ...anyTime, reason: 'outage' as const }, false],
    ['an entry received at its first millisecond', { fromMs: nowMs - 1000, toMs: nowMs }, true],
    ['no entry received before it begins', { fromMs: nowMs - 999, toMs: nowMs }, false],
    ['no entry received when it ends', { fromMs: 0, toMs: nowMs - 1000 }, false],
  ])('%s', (_, filter, expected) => {
    expect(isSelected(entry(), filter, nowMs)).toBe(expected);
  });

  it('no entry from the moment of its expiry', () => {
    expect(isSelected(entry({ expiresAtMs: nowMs + 1 }), anyTime, nowMs)).toBe(true);
    expect(isSelected(entry({ expiresAtMs: nowMs }), anyTime, nowMs)).toBe(false);
  });
});

describe('amounts', () => {
  it('of groups add up to the total, the greatest first', () => {
    fc.assert(
      fc.property(fc.array(anyEntry), (entries) => {
        const groups = amountsBy(entries, ({ reason }) => reason).map(([, amount]) => amount);

        expect(groups.reduce((sum, { events }) => sum + events, 0)).toBe(amountOf(entries).events);
        expect(groups.reduce((sum, { records }) => sum + records, 0)).toBe(entries.length);
        expect(groups).toEqual(groups.toSorted((one, other) => other.events - one.events));
      }),
    );
  });

  it('that are equal are in the order of their names', () => {
    const alike = [entry({ reason: 'outage' }), entry({ reason: 'crashed' })];

    expect(amountsBy(alike, ({ reason }) => reason).map(([name]) => name)).toEqual(['crashed', 'outage']);
  });
});

describe('the answer to an account', () => {
  it('lists each record with its receipt, and never the cause', () => {
    expect(quarantineOfAccount([entry({ record: 'batch.2' })], true, nowMs)).toEqual({
      records: 1,
      events: 3,
      by_reason: [{ reason: 'failed', records: 1, events: 3 }],
      quarantine: [
        {
          record: 'batch.2',
          batch_id: 'batch',
          part: 2,

          reason: 'failed',
          events: 3,
          received_at: '2026-11-21T10:24:59.000Z',
          quarantined_at: '2026-11-21T10:25:00.000Z',
          request_id: 'request-1',
          receipt: '/v1/batches/batch',
        },
      ],
      complete: true,
    });
  });

  it('counts all entries that have not expired, and lists the first hundred', () => {
    fc.assert(
      fc.property(fc.array(anyEntry, { maxLength: 250 }), (entries) => {
        const inForce = entries.filter(({ expiresAtMs }) => expiresAtMs > nowMs);
        const shown = quarantineOfAccount(entries, true, nowMs);

        expect(shown.records).toBe(inForce.length);
        expect(shown.quarantine).toHaveLength(Math.min(100, inForce.length));
        expect(shown.quarantine[0]?.events).toBe(inForce[0]?.events);
      }),
    );
  });
});
