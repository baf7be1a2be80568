// Events for tests, and arbitrary ones for properties.

import fc from 'fast-check';
import type { AcceptedEvent } from '../../domain/event/event.ts';
import { dayMs } from '../../domain/system/time.ts';

export const nowMs = Date.parse('2026-11-21T10:25:00.000Z');

export const event = (overrides: Partial<AcceptedEvent> = {}): AcceptedEvent => ({
  event_id: 'e-1',
  type: 'page.view',
  timestamp: nowMs,
  ...overrides,
});

export const events = (count: number, overrides: Partial<AcceptedEvent> = {}): AcceptedEvent[] =>
  Array.from({ length: count }, (_, index) => event({ event_id: `e-${index}`, ...overrides }));

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
          metadata: fc.dictionary(fc.string(), fc.jsonValue({ maxDepth: 2 }), { maxKeys: 3 }),
        },
        { requiredKeys: ['type', 'timestamp'] },
      ),
      // Without `size` most lists would be short.
      { minLength: 1, maxLength, size: 'max' },
    )
    .map((list) => list.map((fields, index) => ({ event_id: `e-${index}`, ...fields })));
