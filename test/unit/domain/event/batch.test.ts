import { expect, it } from 'vitest';
import { validateBatch } from '../../../../domain/event/batch.ts';
import { nowMs } from '../../../support/events.ts';

const validate = (inputs: unknown[]) => validateBatch(inputs, { account: 'acme', receivedAtMs: nowMs });

it('accepts valid events and names invalid ones by index, id and code', () => {
  const batch = validate([{ event_id: 'a', type: 't' }, { event_id: 'b' }, 7]);

  expect(batch.accepted.map(({ event_id }) => event_id)).toEqual(['a']);
  expect(batch.rejected).toMatchObject([
    { index: 1, event_id: 'b', code: 'missing_field', field: 'type' },
    { index: 2, code: 'not_an_object' },
  ]);
});

it('counts the first of two events with one id and calls the second a duplicate', () => {
  const batch = validate([
    { event_id: 'a', type: 'first' },
    { event_id: 'a', type: 'second' },
  ]);

  expect(batch.accepted).toMatchObject([{ type: 'first' }]);
  expect(batch.rejected).toMatchObject([{ index: 1, event_id: 'a', code: 'duplicate_in_batch' }]);
});

it('says where in the request each accepted event is', () => {
  const batch = validate([{ type: 't' }, { type: 7 }, { event_id: 'b', type: 't' }, { type: 't' }]);

  expect(batch.indexes).toEqual([0, 2, 3]);
  expect(batch.accepted.map(({ event_id }) => event_id)).toEqual(['', 'b', '']);
});

it('never echoes an id that is too long', () => {
  expect(validate([{ event_id: 'x'.repeat(200) }]).rejected[0]).not.toHaveProperty('event_id');
});
