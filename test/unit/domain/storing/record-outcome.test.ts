import { hash } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { additionOf, countInto } from '../../../../domain/counting/additions.ts';
import type { VersionedDocument } from '../../../../domain/documents/documents.ts';
import { hourFromFields } from '../../../../domain/documents/hour-wire.ts';
import { intakeFromFields } from '../../../../domain/documents/intake.ts';
import type { AcceptedEvent } from '../../../../domain/event/event.ts';
import {
  changeOf,
  quarantinedOutcome,
  type RecordOutcome,
} from '../../../../domain/storing/record-outcome.ts';
import { dayMs } from '../../../../domain/system/time.ts';
import { anyEvents, events, fresh, nowMs } from '../../../support/events.ts';
import { laneReceipt, lateLane } from '../../../support/lanes.ts';
import { mergeHours } from '../../../support/merge-hours.ts';

const record = (
  list: readonly AcceptedEvent[],
  overrides: Partial<RecordOutcome['header']> = {},
): RecordOutcome => ({
  header: {
    tenant: lateLane.tenant,
    batchId: 'batch',
    part: 2,
    parts: 3,
    slot: 0,
    late: true,
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
const { header } = record(events(3));
const receiptOf = (outcome: RecordOutcome, atMs = nowMs) => changeOf(outcome, atMs).to;
const countOf = (outcomes: readonly RecordOutcome[], found: readonly VersionedDocument[] = []) =>
  countInto(
    outcomes.map((outcome) => additionOf(receiptOf(outcome))),
    found,
  );

describe('the receipt of a stored record', () => {
  it('balances, and outlives the events by a week', () => {
    const receipt = receiptOf(record(events(4)), nowMs + 5);

    expect(receipt.stored + receipt.duplicates + receipt.conflicts).toBe(receipt.accepted);
    expect(receipt.expiresAtMs).toBe(nowMs + 37 * dayMs);
  });

  it('lives for a week where all else of the record has expired, so that a dead letter is counted once', () => {
    const settledMs = nowMs + 60 * dayMs;
    const { to, entry } = changeOf(quarantinedOutcome(header, 10, { reason: 'outage' }), settledMs);

    expect(to.expiresAtMs).toBe(settledMs + 7 * dayMs);
    expect(entry?.expiresAtMs).toBe(settledMs + 7 * dayMs);
  });

  it('is plain, in the lane of the record, with its delta', () => {
    const outcome = record(events(3));

    const { to, from } = changeOf(outcome, nowMs + 9);

    expect(to).toMatchObject({
      ...{ lane: lateLane, record: 'batch.2', mode: 'plain', state: 'counted' },
      ...{ storedAtMs: nowMs + 9, bytes: 10 },
    });
    expect(additionOf(to).deltas).toEqual(outcome.deltas);
    expect(from).toBeUndefined();
  });

  it('is direct if its delta is large', () => {
    const users = events(3000).map((each, index) => ({ ...each, user_id: hash('sha256', `${index}`) }));

    const receipt = receiptOf(record(users));

    expect(receipt.delta?.length).toBeGreaterThan(32 * 1024);
    expect(receipt.mode).toBe('direct');
  });

  it('has no delta without new events', () => {
    expect(receiptOf(record([]))).not.toHaveProperty('delta');
  });

  it('replaces the one that was found, and keeps that it was void', () => {
    const found = laneReceipt('a', { state: 'quarantined', mode: 'direct', wasVoid: true });

    expect(changeOf({ ...record(events(3)), found }, nowMs)).toMatchObject({
      from: found,
      to: { wasVoid: true },
    });
    expect(receiptOf(record(events(3)))).not.toHaveProperty('wasVoid');
  });
});

it.each([
  ['outage', ['replay']],
  ['newer_version', ['replay']],
  ['failed', []],
] as const)(
  'a record that is quarantined as %s has a direct receipt, an entry, and these jobs: %j',
  (reason, kinds) => {
    const { to, entry, job } = changeOf(quarantinedOutcome(header, 70, { reason }), nowMs);

    const place = { lane: lateLane, record: 'batch.2', receivedAtMs: nowMs };
    expect(to).toMatchObject({
      ...place,
      mode: 'direct',
      state: 'quarantined',
      reason,
      accepted: 6,
      stored: 0,
    });
    expect(entry).toMatchObject({ ...place, reason, events: 6, attempts: 0 });
    expect([job?.kind ?? []].flat()).toEqual(kinds);
    if (job) expect(job).toMatchObject(place);
  },
);

it('counting adds each event to its hour and each record to its intake', () => {
  fc.assert(
    fc.property(anyEvents(), anyEvents(), (a, b) => {
      const documents = countOf([record(a), record(b)]);

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
    { numRuns: 30 },
  );
});

it('counting adds to what is there and keeps the latest expiry', () => {
  const hourOf = (documents: readonly VersionedDocument[]) =>
    documents.filter(({ key }) => key.kind === 'hour');
  const [before] = hourOf(countOf([record(events(2))]));
  if (!before) throw new Error('no hour document');
  const found = { ...before, version: 4, expiresAtMs: nowMs + 90 * dayMs };

  const [after] = hourOf(countOf([record(events(3))], [found]));

  expect(after).toMatchObject({ version: 4, expiresAtMs: nowMs + 90 * dayMs });
  expect(hourFromFields(after?.fields ?? {}).total.count).toBe(5);
});
