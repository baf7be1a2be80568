import * as z from 'zod';
import type { ShownEvent } from '../../../domain/reading/shown-event.ts';
import type { EventsFound } from '../../read/events.ts';
import { time } from './common.ts';

const made = z.array(z.enum(['event_id', 'timestamp'])).describe('the fields that the server added');

/** An event as every answer shows it. */
export const eventMembers = {
  event_id: z.string(),
  type: z.string(),
  timestamp: time,
  user_id: z.optional(z.string()),
  service: z.optional(z.string()),
  value: z.optional(z.number()),
  metadata: z.optional(z.record(z.string(), z.unknown())),
};

/** As it would be stored. */
export const triedEvent = z.strictObject({ ...eventMembers, made });

export const storedEvent = z
  .strictObject({ ...eventMembers, received_at: time, made: z.optional(made) })
  .meta({
    id: 'StoredEvent',
    description: 'An event that is stored and counted.',
  }) satisfies z.ZodType<ShownEvent>;

export const eventsFound = z
  .strictObject({
    events: z.array(storedEvent),
    in_order: z.boolean().describe('`false` in a minute that holds more than one answer can read'),
    next_cursor: z.optional(z.string()).describe('there may be more. Absent at the end'),
  })
  .meta({
    id: 'EventsFound',
    description: 'Some of the events that were asked for.',
  }) satisfies z.ZodType<EventsFound>;
