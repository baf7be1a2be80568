import { mostDays } from '../../../domain/reading/summary.ts';
import { mostRequests, usualRequests } from '../../read/rejections.ts';
import { keptEvents, rejectionList } from '../answers/rejections.ts';
import { json, type Operations } from '../operation.ts';
import { fromTo } from '../parameters.ts';

const ofTenant = { account_id: 'demo', environment: 'production' };
const why = { code: 'unknown_field', field: 'colour' };
const sender = { key_id: '49a1c7d03be2', client: 'shop/1.4' };
const message = '"colour" is not a field of an event.';
const event = { event_id: 'colour-2', type: 'order', colour: 'red' };
const now = '2026-11-30T10:44:00.000Z';

const exactly = (what: string, example: string) => ({
  description: `Only what has exactly this ${what}.`,
  schema: { type: 'string' },
  example,
});

export const rejectionOperations: Operations<'GET /v1/rejections' | 'GET /v1/rejections/events'> = {
  'GET /v1/rejections': {
    tag: 'reading',
    id: 'listRejections',
    summary: 'What was rejected, and why',
    description: `Counts by code, field, key and client, in whole hours, ${mostDays} days at most. Without \`from\`, today and the 29 days before.`,
    path: {},
    query: {
      ...fromTo,
      code: exactly('code', why.code),
      field: exactly('field', why.field),
      key_id: exactly('key', sender.key_id),
      client: exactly('client', sender.client),
    },
    answers: {
      200: {
        description: 'The rejections.',
        json: json(rejectionList, {
          ...ofTenant,
          from: '2026-11-29T00:00:00.000Z',
          to: '2026-11-30T11:00:00.000Z',
          complete: true,
          total: 1,
          daily_from: '2026-11-29T00:00:00.000Z',
          rejections: [{ ...why, ...sender, count: 1, first_seen: now, last_seen: now, daily: [0, 1] }],
          samples: [{ ...why, message, event, seen_at: now }],
        }),
      },
    },
    problems: ['invalid_parameter'],
  },
  'GET /v1/rejections/events': {
    tag: 'reading',
    id: 'listRejectedEvents',
    summary: 'Rejected events that are kept',
    description:
      'To be corrected and sent again. None are kept unless the operator has said so for the account.',
    path: {},
    query: {
      limit: {
        description: 'How many requests the answer has at most.',
        schema: { type: 'integer', minimum: 1, maximum: mostRequests, default: usualRequests },
        example: 20,
      },
      cursor: {
        description: 'The `next_cursor` of the answer before.',
        schema: { type: 'string' },
        example: 'AZrhzgk4c9bTq0mR2Xwf',
      },
    },
    answers: {
      200: {
        description: 'The requests, newest first.',
        json: json(keptEvents, {
          ...ofTenant,
          requests: [
            {
              request_id: '6f1d1c2e-3b1d-4a52-9a52-0f0b7d0c9c11',
              received_at: now,
              expires_at: '2026-12-07T10:44:00.000Z',
              ...sender,
              left_out: 0,
              events: [{ ...why, message, event }],
            },
          ],
        }),
      },
    },
    problems: ['invalid_parameter'],
  },
};
