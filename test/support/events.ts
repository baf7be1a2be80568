// Events for tests, and arbitrary ones for properties.

import fc from 'fast-check';
import { deltasOf } from '../../domain/documents/delta.ts';
import type { AcceptedEvent } from '../../domain/event/event.ts';
import { dayMs, hourMs, minuteMs } from '../../domain/system/time.ts';

export const nowMs = Date.parse('2026-11-21T10:25:00.000Z');

export const event = (overrides: Partial<AcceptedEvent> = {}): AcceptedEvent => ({
  event_id: 'e-1',
  type: 'page.view',
  timestamp: nowMs,
  ...overrides,
});

export const events = (count: number, overrides: Partial<AcceptedEvent> = {}): AcceptedEvent[] =>
  Array.from({ length: count }, (_, index) => event({ event_id: `e-${index}`, ...overrides }));

/** The events that the fixtures of stored formats count, three of them in one hour. */
export const fixtureEvents: readonly AcceptedEvent[] = [
  { service: 'shop', type: 'order', user_id: '0197e5a2-6f0b-7c1d-9b3e-5a7f00c4d21e', value: 19.99 },
  {
    ...{ service: 'shop', type: 'order', user_id: '0197e5a2-6f0b-7c1d-9b3e-5a7f00c4d21e' },
    ...{ value: -999_999_999_999, timestamp: nowMs + minuteMs },
  },
  { service: 'web', type: '__proto__', user_id: 'é€𝄞', timestamp: nowMs - 20 * minuteMs },
  { type: 'login', timestamp: nowMs - 2 * hourMs },
].map(event);

/** Of at most 15 digits, so that each is exact. */
export const anyValue = fc.oneof(
  fc.integer({ min: -999_999_999_999, max: 999_999_999_999 }),
  fc.integer({ min: -999_999_999_999_999, max: 999_999_999_999_999 }).map((millionths) => millionths / 1e6),
);

/** As the outcome of a record has its new events. */
export const fresh = (list: readonly AcceptedEvent[]) => ({ stored: list.length, deltas: deltasOf(list) });

/** Lists of events with distinct ids, of any age that is accepted. */
export const anyEvents = (maxLength = 120): fc.Arbitrary<AcceptedEvent[]> =>
  fc
    .array(
      fc.record(
        {
          type: fc.constantFrom('page.view', 'order', 'login', '__proto__'),
          timestamp: fc.integer({ min: nowMs - 30 * dayMs, max: nowMs + 600_000 }),
          user_id: fc.string({ minLength: 1, maxLength: 20 }),
          service: fc.constantFrom('web', 'api', 'constructor'),
          value: anyValue,
          metadata: fc.dictionary(fc.string(), fc.jsonValue({ maxDepth: 2 }), { maxKeys: 3 }),
        },
        { requiredKeys: ['type', 'timestamp'] },
      ),
      // Without `size` most lists would be short.
      { minLength: 1, maxLength, size: 'max' },
    )
    .map((list) => list.map((fields, index) => ({ event_id: `e-${index}`, ...fields })));
