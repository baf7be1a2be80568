import fc from 'fast-check';
import { expect, it } from 'vitest';
import { countRecords, documentsTouched, foldRecords } from '../../../domain/counting.ts';
import { hourFromFields, mergeHours } from '../../../domain/documents/hour.ts';
import { intakeFromFields } from '../../../domain/documents/intake.ts';
import type { AcceptedEvent } from '../../../domain/event.ts';
import { type RecordFate, receiptOf } from '../../../domain/record-fate.ts';
import { dayMs, hourMs } from '../../../domain/time.ts';
import { anyEvents, events, nowMs } from '../../support/events.ts';

const record = (
  fresh: readonly AcceptedEvent[],
  overrides: Partial<RecordFate['header']> = {},
): RecordFate => ({
  header: {
    tenant: { account: 'acme', environment: 'production' },
    batchId: 'batch',
    part: 0,
    parts: 1,
    slot: 0,
    layout: 1,
    events: fresh.length + 3,
    receivedAtMs: nowMs,
    retentionDays: 30,
    region: 'us-east-1',
    requestId: 'r',
    ...overrides,
  },
  fresh,
  duplicates: 2,
  conflicts: 1,
  bytes: 10,
});

it('a receipt adds up, and outlives the events by a week', () => {
  const receipt = receiptOf(record(events(4)), nowMs + 5);

  expect(receipt.stored + receipt.duplicates + receipt.conflicts).toBe(receipt.accepted);
  expect(receipt.expiresAtMs).toBe(nowMs + 37 * dayMs);
});

it('counting puts each event in its own hour and each record in its intake', () => {
  fc.assert(
    fc.property(anyEvents(), anyEvents(), (a, b) => {
      const documents = countRecords([record(a), record(b)], []);

      const hours = documents.filter(({ key }) => key.kind === 'hour');
      const total = mergeHours(hours.map(({ fields }) => hourFromFields(fields))).total;
      expect(total).toBe(a.length + b.length);
      const intake = documents.find(({ key }) => key.kind === 'intake');
      expect(intakeFromFields(intake?.fields ?? {})).toMatchObject({
        received: a.length + b.length + 6,
        stored: a.length + b.length,
        duplicates: 4,
        conflicts: 2,
      });
    }),
  );
});

it('counting adds to what is there and keeps the latest expiry', () => {
  const [before] = countRecords([record(events(2))], []).filter(({ key }) => key.kind === 'hour');
  if (!before) throw new Error('no hour document');
  const found = { ...before, version: 4, expiresAtMs: nowMs + 90 * dayMs };

  const [after] = countRecords([record(events(3))], [found]).filter(({ key }) => key.kind === 'hour');

  expect(after).toMatchObject({ version: 4, expiresAtMs: nowMs + 90 * dayMs });
  expect(hourFromFields(after?.fields ?? {}).total).toBe(5);
});

it('folds keep every record once, never mix slots or tenants, and fit one transaction', () => {
  const hours = (from: number, count: number): AcceptedEvent[] =>
    Array.from({ length: count }, (_, index) => ({
      event_id: `${from}-${index}`,
      type: 't',
      timestamp: nowMs - (from + index) * hourMs,
    }));
  const records = Array.from({ length: 260 }, (_, index) =>
    record(hours(index % 50, 1 + (index % 32)), {
      batchId: `b${index}`,
      slot: index % 2,
      tenant: { account: index % 3 === 0 ? 'whale' : 'acme', environment: 'production' },
    }),
  );

  const folds = foldRecords(records);

  expect(folds.flat()).toHaveLength(records.length);
  expect(new Set(folds.flat()).size).toBe(records.length);
  for (const fold of folds) {
    expect(new Set(fold.map(({ header }) => `${header.tenant.account}${header.slot}`)).size).toBe(1);
    expect(fold.length + documentsTouched(fold).size).toBeLessThanOrEqual(100);
  }
});

it('small records of one slot are folded together, up to what a transaction holds', () => {
  const records = Array.from({ length: 97 }, (_, index) => record(events(1), { batchId: `b${index}` }));

  expect(foldRecords(records)).toHaveLength(1);
});
