import { maxBatchEvents } from '../../../domain/event/batch.ts';
import { eventObject } from '../../../domain/event/event.ts';
import { maxMetadataBytes, maxMetadataDepth } from '../../../domain/event/metadata.ts';
import { maxValue, valueError } from '../../../domain/event/value.ts';
import { acceptedBatch, debuggedBatch } from '../answers/ingest.ts';
import { receiptHeaderNames } from '../headers.ts';
import { type Body, json, type Operations } from '../operation.ts';
import { describedBody } from '../schemas.ts';

const instant = { anyOf: [{ type: 'string', format: 'date-time' }, { type: 'integer' }] };

/** What a client may send as an event. */
export const eventSchema = {
  ...describedBody(eventObject, {
    event_id: {
      description:
        'The id of the event: it counts once, however often it is sent. Absent: the server makes one.',
      example: 'order-4711',
    },
    account_id: { description: 'Not needed. If present, the account of the key.', example: 'demo' },
    type: {
      description: 'What happened, in printable characters. Not `(other)` or `(none)`.',
      example: 'Order Completed',
    },
    user_id: { description: 'The user whom it concerns.', example: 'ada' },
    service: { description: 'The service where it happened. Not `(other)` or `(none)`.', example: 'shop' },
    timestamp: {
      description:
        'When it happened: RFC 3339 with an offset, or integer epoch milliseconds, from 30 days back to 10 minutes ahead. Absent: the time of receipt.',
      example: 1_795_273_728_000,
      schema: instant,
    },
    sent_at: {
      description:
        'What the clock of the client shows when it sends the event. If that is more than 10 seconds wrong, `timestamp` is corrected by the difference. It is not stored.',
      example: 1_795_273_729_000,
      schema: instant,
    },
    value: {
      description: `A number to sum, such as a price. It ${valueError}.`,
      example: 12.5,
      schema: { type: 'number', exclusiveMinimum: -maxValue, exclusiveMaximum: maxValue },
    },
    metadata: {
      description: `Your own data: at most ${maxMetadataBytes / 1024} KiB of JSON and ${maxMetadataDepth} levels.`,
      example: { plan: 'pro' },
      schema: { type: 'object' },
    },
  }),
  description: 'An event. A member that is not named here is an error.',
};

const event = { event_id: 'order-4711', type: 'order', user_id: 'ada', value: 12.5 };
const ofEvent = { $ref: '#/components/schemas/Event' };
/** Other attributes and extensions go to the metadata. */
export const cloudEvent = {
  type: 'object',
  additionalProperties: true,
  required: ['specversion', 'id', 'source', 'type'],
  properties: {
    specversion: { const: '1.0' },
    id: { type: 'string', minLength: 1 },
    source: { type: 'string', minLength: 1 },
    type: { type: 'string', minLength: 1 },
  },
} as const;
export const sentCloudEvent = {
  ...{ specversion: '1.0', id: 'order-4711', source: 'shop', type: 'order' },
  ...{ subject: 'ada', data: { plan: 'pro' } },
};
const batch: Body = {
  description: `At most ${maxBatchEvents} events and 512 KiB after decompression, in UTF-8.`,
  required: true,
  content: {
    'application/json': {
      schema: { anyOf: [{ type: 'array', minItems: 1, maxItems: maxBatchEvents, items: ofEvent }, ofEvent] },
      example: [event, { type: 'page.view' }],
    },
    'application/x-ndjson': {
      schema: { type: 'string', description: 'One event a line.' },
      example: `${JSON.stringify(event)}\n{"type":"page.view"}\n`,
    },
    'application/cloudevents+json': { schema: cloudEvent, example: sentCloudEvent },
    'application/cloudevents-batch+json': {
      schema: { type: 'array', minItems: 1, maxItems: maxBatchEvents, items: cloudEvent },
      example: [sentCloudEvent],
    },
  },
};

export const unreadable = [
  'invalid_json',
  'empty_body',
  'invalid_gzip',
  'batch_too_large',
  'unsupported_media_type',
  'signature_required',
  'signature_invalid',
  'signature_expired',
  'signature_replayed',
] as const;
export const sentHeaders = [
  'content-encoding',
  'x-weir-sent-at',
  'prefer',
  'x-weir-timestamp',
  'x-weir-signature',
  'traceparent',
] as const;

/** Of every route that accepts events. */
export const acceptingProblems = [
  ...unreadable,
  'invalid_idempotency_key',
  'idempotency_in_flight',
  'idempotency_key_reused',
  'batch_discarded',
  'no_valid_event',
  'not_all_valid',
  'quota_exceeded',
  'circuit_open',
  'load_shed',
  'overloaded',
] as const;

export const batch_id = 'AZrhzgk4c9bTq0mR2XwfAQEAAAEAAB4Hn4Zk0Qm3Vx8bYd';
const assigned = [{ index: 1, event_id: '0Zr2XwfAQEAAAEAAB4Hn4Zk0Qm3Vx8bYdq0mR2XwfAQEAAA1' }];

export const ingestOperations: Operations<'POST /v1/events' | 'POST /v1/events:debug'> = {
  'POST /v1/events': {
    tag: 'events',
    id: 'sendEvents',
    summary: 'Accept a batch of events',
    description:
      'Each valid event is accepted, and the others are named. The answer is sent once every accepted event is durable. Counting takes another second or two.',
    path: {},
    query: {},
    headers: [...sentHeaders, 'idempotency-key', 'x-idempotency-key'],
    body: batch,
    answers: {
      202: {
        description: 'The events are accepted, but those in `rejected`.',
        json: json(acceptedBatch, {
          batch_id,
          accepted: 2,
          rejected: [],
          assigned,
          receipt: `/v1/batches/${batch_id}`,
        }),
        headers: ['idempotency-replayed', 'preference-applied', ...receiptHeaderNames],
      },
    },
    problems: acceptingProblems,
    limits: true,
  },
  'POST /v1/events:debug': {
    tag: 'events',
    id: 'debugEvents',
    summary: 'Try a batch without storing it',
    description:
      'Takes what `POST /v1/events` takes, stores nothing, and shows the answer and the events as they would be stored. It has a tenth of the request rate of the account.',
    path: {},
    query: {},
    headers: sentHeaders,
    body: batch,
    answers: {
      200: {
        description: 'What would become of the batch.',
        json: json(debuggedBatch, {
          would_answer: { status: 202 },
          received_at: '2026-11-30T10:44:00.000Z',
          accepted: 2,
          rejected: [],
          assigned,
          events: [
            { ...event, timestamp: '2026-11-30T10:44:00.000Z', made: ['timestamp'] },
            {
              event_id: assigned[0]?.event_id ?? '',
              type: 'page.view',
              timestamp: '2026-11-30T10:44:00.000Z',
              made: ['event_id', 'timestamp'],
            },
          ],
          records: [{ events: 2, late: false, compressed_bytes: 212 }],
        }),
        headers: ['preference-applied'],
      },
    },
    problems: unreadable,
    limits: true,
  },
};
