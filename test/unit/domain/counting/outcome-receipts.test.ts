import { hash } from 'node:crypto';
import { expect, it } from 'vitest';
import { additionOf } from '../../../../domain/counting/additions.ts';
import { laneChangeOf } from '../../../../domain/counting/outcome-receipts.ts';
import { deltasOf } from '../../../../domain/documents/delta.ts';
import type { EnvelopeHeader } from '../../../../domain/record/envelope.ts';
import { quarantinedOutcome, type RecordOutcome } from '../../../../domain/storing/record-outcome.ts';
import { events, nowMs } from '../../../support/events.ts';
import { laneReceipt, lateLane } from '../../../support/lanes.ts';

const header: EnvelopeHeader = {
  kind: 'events',
  tenant: lateLane.tenant,
  batchId: 'batch',
  part: 2,
  parts: 3,
  slot: 0,
  late: true,
  layout: 1,
  events: 4,
  receivedAtMs: nowMs,
  retentionDays: 30,
  region: 'r',
  requestId: 'r',
};
const deltas = deltasOf(events(3));
const stored: RecordOutcome = { header, stored: 3, deltas, duplicates: 1, conflicts: 0, bytes: 70 };

it('a stored record has a plain receipt in its lane, with its delta', () => {
  const { to, from } = laneChangeOf(stored, undefined, nowMs + 9);

  expect(to).toMatchObject({
    lane: lateLane,
    mode: 'plain',
    state: 'counted',
    storedAtMs: nowMs + 9,
    bytes: 70,
  });
  expect(additionOf(to).deltas).toEqual(deltas);
  expect(from).toBeUndefined();
});

it('a record with a large delta is counted directly', () => {
  const users = events(3000).map((each, index) => ({ ...each, user_id: hash('sha256', `${index}`) }));

  const { to } = laneChangeOf({ ...stored, deltas: deltasOf(users) }, undefined, nowMs);

  expect(to.delta?.length).toBeGreaterThan(32 * 1024);
  expect(to.mode).toBe('direct');
});

it('a record without new events has no delta', () => {
  const { to } = laneChangeOf({ ...stored, stored: 0, deltas: new Map(), duplicates: 4 }, undefined, nowMs);

  expect(to).not.toHaveProperty('delta');
});

it('a quarantined record has a direct receipt, its entry and its job', () => {
  const outcome = quarantinedOutcome(header, 70, { reason: 'outage' });

  const change = laneChangeOf(outcome, undefined, nowMs);

  expect(change.to).toMatchObject({ lane: lateLane, mode: 'direct', state: 'quarantined' });
  expect(change.entry?.record).toBe(change.to.record);
  expect(change.job?.kind).toBe('replay');
});

it('a record that leaves quarantine replaces the receipt that was found', () => {
  const found = laneReceipt('a', { state: 'quarantined', mode: 'direct' });

  expect(laneChangeOf(stored, found, nowMs).from).toBe(found);
});
