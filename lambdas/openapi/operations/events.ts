import { mostMetadataEqualities } from '../../../domain/reading/search-filter.ts';
import { searchOrders } from '../../../domain/reading/search-order.ts';
import { limits } from '../../read/search/question.ts';
import { eventsFound, storedEvent } from '../answers/events.ts';
import { json, type Operations } from '../operation.ts';
import { fromTo } from '../parameters.ts';

const event = {
  event_id: 'order-4711',
  type: 'order',
  timestamp: '2026-11-30T10:44:00.000Z',
  received_at: '2026-11-30T10:44:01.000Z',
  user_id: 'ada',
  value: 12.5,
  metadata: { plan: 'pro' },
};
const exactly = (what: string, example: string) => ({
  description: `Only events with exactly this ${what}.`,
  schema: { type: 'string', minLength: 1 },
  example,
});

export const eventOperations: Operations<'GET /v1/events' | 'GET /v1/events/{event_id}'> = {
  'GET /v1/events': {
    tag: 'reading',
    id: 'searchEvents',
    summary: 'Search events',
    description:
      'What is stored and counted. An answer reads a bounded amount: it may have few events, or none, and still a `next_cursor`.',
    path: {},
    query: {
      from: { ...fromTo.from, description: `${fromTo.from.description} Absent: all that is kept.` },
      to: fromTo.to,
      type: exactly('type', 'order'),
      service: exactly('service', 'shop'),
      user_id: exactly('user', 'ada'),
      event_id: exactly('id', 'order-4711'),
      'metadata.*': {
        name: 'metadata.plan',
        description: `Only events with this value in a field of \`metadata\`: any path after \`metadata.\`, with dots, and ${mostMetadataEqualities} of them at most.`,
        schema: { type: 'string', minLength: 1 },
        example: 'pro',
      },
      order: {
        description: '`desc`: the newest first.',
        schema: { type: 'string', enum: searchOrders, default: 'desc' },
        example: 'desc',
      },
      limit: {
        description: 'How many events the answer has at most.',
        schema: { type: 'integer', minimum: 1, maximum: limits.most, default: limits.usual },
        example: 20,
      },
      cursor: {
        description: 'The `next_cursor` of the answer before. All but `limit` must stay as they were.',
        schema: { type: 'string' },
        example: 'q83vASNFZ4mrze8BeyJwIjp7fX0',
      },
    },
    answers: {
      200: { description: 'The events.', json: json(eventsFound, { events: [event], in_order: true }) },
    },
    problems: ['invalid_parameter'],
  },
  'GET /v1/events/{event_id}': {
    tag: 'reading',
    id: 'readEvent',
    summary: 'One event',
    description: 'An event by its id, also by one that the server made.',
    path: {
      event_id: { description: 'The id of the event.', schema: { type: 'string' }, example: 'order-4711' },
    },
    query: {},
    answers: { 200: { description: 'The event.', json: json(storedEvent, event) } },
    problems: ['invalid_parameter', 'unknown_event'],
  },
};
