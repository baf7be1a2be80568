import {
  type FirstLetter,
  letterOf,
  mostSegmentBytes,
  type SegmentCall,
  segmentCalls,
} from '../../../domain/doors/segment.ts';
import { maxBatchEvents } from '../../../domain/event/batch.ts';
import { acceptedCalls, acceptedLogs } from '../answers/doors.ts';
import { receiptHeaderNames } from '../headers.ts';
import { type Body, json, type Operation, type Operations } from '../operation.ts';
import { acceptingProblems, batch_id, cloudEvent, sentCloudEvent, sentHeaders } from './ingest.ts';

type SingleRoute = `POST /v1/${SegmentCall}` | `POST /${FirstLetter<SegmentCall>}`;
type SegmentRoute = 'POST /v1/batch' | 'POST /b' | SingleRoute;

const headers = [...sentHeaders, 'idempotency-key', 'x-idempotency-key'] as const;
const answered = ['idempotency-replayed', 'preference-applied', ...receiptHeaderNames] as const;
const accepting = {
  tag: 'events',
  path: {},
  query: {},
  headers,
  problems: acceptingProblems,
  limits: true,
} as const;

const call = { event: 'Order Completed', userId: 'ada', messageId: 'm-4711', properties: { revenue: 12.5 } };
const anyCall = { type: 'object', additionalProperties: true };

const bodyOf = (description: string, schema: object, example: unknown): Body => ({
  description,
  required: true,
  content: { 'application/json': { schema: { ...schema }, example } },
});

const callOf = (what: string, id: string, body: Body): Operation<SegmentRoute> => ({
  ...accepting,
  id,
  summary: what,
  description:
    'For clients of Segment and RudderStack: `messageId` is the id of the event, and `sentAt` corrects a wrong clock. They look at the status alone; the receipt is in the body and in headers.',
  body,
  answers: {
    200: {
      description: 'The calls are accepted, but those in `rejected`.',
      json: json(acceptedCalls, {
        ...{ success: true, batch_id, accepted: 1, rejected: [] },
        receipt: `/v1/batches/${batch_id}`,
      }),
      headers: answered,
    },
  },
});

/** Browsers ask before they send JSON that is called so. */
const textOf = ({ description, content }: Body): Body => ({
  ...{ description: `${description} It is JSON, whatever it is called.`, required: true },
  content: {
    'text/plain': {
      schema: { type: 'string', contentMediaType: 'application/json' },
      example: JSON.stringify(content['application/json']?.example),
    },
  },
});

const singles = Object.fromEntries(
  segmentCalls.flatMap((name) => {
    const body = bodyOf(`A ${name} call.`, anyCall, call);
    return [
      [`POST /v1/${name}`, callOf(`Accept one ${name} call`, `${name}Call`, body)],
      [
        `POST /${letterOf(name)}`,
        callOf(`Accept one ${name} call of a browser`, `${name}BrowserCall`, textOf(body)),
      ],
    ];
  }),
) as Operations<SingleRoute>;

const batchBody = bodyOf(
  `At most ${maxBatchEvents} calls and ${mostSegmentBytes / 1024} KiB after decompression.`,
  {
    type: 'object',
    additionalProperties: true,
    required: ['batch'],
    properties: { batch: { type: 'array', minItems: 1, maxItems: maxBatchEvents, items: anyCall } },
  },
  { batch: [{ type: 'track', ...call }] },
);

const logs = {
  resourceLogs: [
    {
      resource: { attributes: [{ key: 'service.name', value: { stringValue: 'shop' } }] },
      scopeLogs: [
        { logRecords: [{ timeUnixNano: '1795273728000000000', body: { stringValue: 'started' } }] },
      ],
    },
  ],
};

export const doorOperations: Operations<SegmentRoute | 'POST /v1/logs' | 'POST /api/v1/events'> = {
  ...singles,
  'POST /v1/batch': callOf('Accept a batch of calls', 'batchCalls', batchBody),
  'POST /b': callOf('Accept a batch of calls of a browser', 'batchBrowserCalls', textOf(batchBody)),
  'POST /v1/logs': {
    ...accepting,
    id: 'exportLogs',
    summary: 'Accept logs of OpenTelemetry',
    description:
      'OTLP over HTTP, as JSON: at most 1,000 records. A request that is sent again is known by its bytes, for 24 hours.',
    body: bodyOf(
      'An ExportLogsServiceRequest.',
      {
        type: 'object',
        additionalProperties: true,
        required: ['resourceLogs'],
        properties: { resourceLogs: { type: 'array' } },
      },
      logs,
    ),
    answers: {
      200: {
        description: 'The records are accepted, but as many as `partialSuccess` says.',
        json: json(acceptedLogs, {}),
        headers: answered,
      },
    },
  },
  'POST /api/v1/events': {
    ...accepting,
    id: 'ingestMeterEvents',
    summary: 'Accept CloudEvents of OpenMeter',
    description:
      'Takes CloudEvents as `POST /v1/events` does, and answers as the client of OpenMeter wants it.',
    body: {
      description: `At most ${maxBatchEvents} events and 512 KiB after decompression.`,
      required: true,
      content: {
        'application/cloudevents+json': { schema: cloudEvent, example: sentCloudEvent },
        'application/cloudevents-batch+json': {
          schema: { type: 'array', minItems: 1, maxItems: maxBatchEvents, items: cloudEvent },
          example: [sentCloudEvent],
        },
      },
    },
    answers: {
      204: { description: 'The events are accepted, but as many as a header says.', headers: answered },
    },
  },
};
