import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { quarantineActions } from '../../../../adapters/quarantine/dynamodb-quarantine-items.ts';
import { hourFromFields, mergeHours } from '../../../../domain/documents/hour.ts';
import { intakeFromFields } from '../../../../domain/documents/intake.ts';
import type { AcceptedEvent } from '../../../../domain/event/event.ts';
import { countRecords, documentsTouched, foldRecords, marksOf } from '../../../../domain/storing/counting.ts';
import { changeOf, type RecordOutcome, receiptOf } from '../../../../domain/storing/record-outcome.ts';
import { dayMs, hourMs } from '../../../../domain/system/time.ts';
import { anyEvents, event, events, fresh, nowMs } from '../../../support/events.ts';

const record = (
  list: readonly AcceptedEvent[],
  overrides: Partial<RecordOutcome['header']> = {},
): RecordOutcome => ({
  header: {
    tenant: { account: 'acme', environment: 'production', generation: 0 },
    batchId: 'batch',
    part: 0,
    parts: 1,
    slot: 0,
    late: false,
    kind: 'events',
    layout: 1,
    events: list.length + 3,
    receivedAtMs: nowMs,
    retentionDays: 30,
    region: 'us-east-1',
    requestId: 'r',
    ...overrides,
  },
  ...fresh(list),
  duplicates: 2,
  conflicts: 1,
  bytes: 10,
});

it('a receipt balances, and outlives the events by a week', () => {
  const receipt = receiptOf(record(events(4)), nowMs + 5);

  expect(receipt.stored + receipt.duplicates + receipt.conflicts).toBe(receipt.accepted);
  expect(receipt.expiresAtMs).toBe(nowMs + 37 * dayMs);
});

it('counting adds each event to its hour and each record to its intake', () => {
  fc.assert(
    fc.property(anyEvents(), anyEvents(), (a, b) => {
      const documents = countRecords([record(a), record(b)], []);

      const hours = documents.filter(({ key }) => key.kind === 'hour');
      const total = mergeHours(hours.map(({ fields }) => hourFromFields(fields))).total;
      expect(total.count).toBe(a.length + b.length);
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
  expect(hourFromFields(after?.fields ?? {}).total.count).toBe(5);
});

it('folds contain each record once, never mix slots or tenants, and fit into one transaction', () => {
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
      late: false,
      kind: 'events',
      tenant: { account: index % 3 === 0 ? 'whale' : 'acme', environment: 'production', generation: 0 },
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

it('small records of one slot are folded together, as many as fit into a transaction', () => {
  const records = Array.from({ length: 97 }, (_, index) => record(events(1), { batchId: `b${index}` }));

  expect(foldRecords(records)).toHaveLength(1);
});

describe('a fold of any records', () => {
  const kinds = ['stored', 'out of quarantine', 'quarantined after an outage'] as const;
  const quarantined = receiptOf({ ...record([]), quarantined: { reason: 'failed' } }, nowMs);
  const outcomeOf = (
    kind: (typeof kinds)[number],
    hour: number,
    spread: number,
    index: number,
  ): RecordOutcome => {
    const list = Array.from({ length: spread }, (_, at) =>
      event({ timestamp: nowMs - (hour + at) * hourMs }),
    );
    const batchId = `b${index}`;
    if (kind === 'quarantined after an outage')
      return { ...record([], { batchId }), quarantined: { reason: 'outage' } };
    const stored = record(list, { batchId });
    return kind === 'stored' ? stored : { ...stored, found: { ...quarantined, record: `b${index}.0` } };
  };
  const anyOutcomes = fc
    .array(fc.tuple(fc.constantFrom(...kinds), fc.nat(500), fc.integer({ min: 1, max: 32 })), {
      maxLength: 150,
      size: 'max',
    })
    .map((list) => list.map(([kind, hour, spread], index) => outcomeOf(kind, hour, spread, index)));
  /** The actions of the adapter, if every day that is touched is closed by the time of the commit. */
  const actionsOf = (fold: readonly RecordOutcome[]) =>
    fold.length +
    fold.flatMap((outcome) => quarantineActions('ledger', changeOf(outcome, nowMs))).length +
    documentsTouched(fold).size +
    marksOf(fold, nowMs + 2 * dayMs).length;

  it('fits into one transaction: at most 100 actions, and 3.5 MB with documents of 64 KB', () => {
    fc.assert(
      fc.property(anyOutcomes, (outcomes) => {
        const folds = foldRecords(outcomes);

        expect(folds.flat()).toHaveLength(outcomes.length);
        for (const fold of folds) {
          expect(actionsOf(fold)).toBeLessThanOrEqual(100);
          expect(documentsTouched(fold).size * 64 * 1024).toBeLessThanOrEqual(3.5 * 1024 * 1024);
        }
      }),
    );
  });

  it.each([
    ['stored', 97],
    ['out of quarantine', 48],
    ['quarantined after an outage', 33],
  ] as const)('holds as many records as fit if all are %s: %i', (kind, most) => {
    const outcomes = (count: number) =>
      Array.from({ length: count }, (_, index) => outcomeOf(kind, 0, 1, index));

    expect(foldRecords(outcomes(most))).toHaveLength(1);
    expect(foldRecords(outcomes(most + 1)).map(({ length }) => length)).toEqual([most, 1]);
  });
});
