import middy from '@middy/core';
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { mostSegmentBytes, segmentCalls } from '../../../../../domain/doors/segment.ts';
import { decodeRejections } from '../../../../../domain/record/envelope.ts';
import type { HttpAnswer, HttpRequest } from '../../../../../lambdas/edge/http.ts';
import { problemAnswers } from '../../../../../lambdas/edge/problem-answers.ts';
import { segmentDoors } from '../../../../../lambdas/ingest/doors/segment.ts';
import { silentLogger } from '../../../../support/meter.ts';
import { caller, httpRequest } from '../../../../support/requests.ts';
import { startIngest } from '../fixture.ts';

const track = { type: 'track', event: 'Order Completed', messageId: 'm-1', userId: 'ada' };
const batch = '/v1/batch';

it.each(['application/json', 'text/plain', 'application/x-www-form-urlencoded', 'text/plain; charset=utf-8'])(
  'JSON that is called %s is taken',
  async (contentType) => {
    const ingest = startIngest();
    const { statusCode, json, headers } = await ingest.post(
      { batch: [track, { type: 'track' }] },
      { resource: batch, headers: { 'content-type': contentType } },
    );

    expect(statusCode).toBe(200);
    expect(json).toMatchObject({
      ...{ success: true, accepted: 1, rejected: [{ index: 1, field: 'event' }] },
      receipt: `/v1/batches/${json.batch_id}`,
    });
    expect(headers).toMatchObject({
      ...{ 'x-weir-receipt': json.receipt, 'x-weir-accepted': '1', 'x-weir-rejected': '1' },
    });
    expect(ingest.envelopes()[0]?.events).toMatchObject([{ event_id: 'm-1', type: 'Order Completed' }]);
  },
);

it.each<[string, unknown, string]>([
  ['what is no batch', [track], 'invalid_json'],
  ['a form', 'batch=1', 'invalid_json'],
  ['a batch of nothing', { batch: [] }, 'no_valid_event'],
  ['a batch of which nothing is valid', { batch: [{ type: 'track' }, 7] }, 'no_valid_event'],
  ['501 calls', { batch: Array.from({ length: 501 }, () => track) }, 'batch_too_large'],
  ['more than 768 KiB', { batch: [], more: 'a'.repeat(mostSegmentBytes) }, 'batch_too_large'],
])('%s is refused', async (_, body, code) => {
  expect(await startIngest().refusal(body, { resource: batch })).toBe(code);
});

it('no key is kept, neither of what is accepted nor of what is rejected', async () => {
  const ingest = startIngest();
  const writeKey = 'an-old-key-in-no-known-form';
  const calls = [track, { type: 'track' }, { type: 'no such' }, { ...track, messageId: {} }];
  await ingest.post(
    { writeKey, batch: calls.map((call) => ({ ...call, writeKey })) },
    { resource: batch, caller: { ...caller, keepRejectedDays: 7 } },
  );

  const [told] = ingest.stream.optional.map(({ data }) => decodeRejections(data));
  expect(told?.kept?.events).toHaveLength(3);
  expect(ingest.envelopes()).toHaveLength(1);
  expect(JSON.stringify([told, ingest.envelopes()])).not.toContain(writeKey);
});

const almostCall = fc.record(
  {
    type: fc.oneof(fc.constantFrom(...segmentCalls), fc.anything()),
    event: fc.oneof(fc.constantFrom('Order Completed', '__proto__', '(none)'), fc.anything()),
    messageId: fc.oneof(fc.uuid(), fc.string({ unit: 'binary' }), fc.anything()),
    userId: fc.oneof(fc.string({ unit: 'binary' }), fc.nat(), fc.anything()),
    anonymousId: fc.anything(),
    timestamp: fc.oneof(fc.date().map(String), fc.anything()),
    sentAt: fc.oneof(fc.date({ noInvalidDate: true }), fc.anything()),
    properties: fc.oneof(fc.record({ revenue: fc.anything(), value: fc.anything() }), fc.anything()),
    context: fc.oneof(fc.record({ app: fc.record({ name: fc.anything() }) }), fc.anything()),
    __proto__: fc.anything(),
  },
  { requiredKeys: [] },
);
const anyDocument = fc.oneof(
  fc.anything(),
  almostCall,
  fc.record({
    batch: fc.array(fc.oneof(almostCall, fc.anything()), { maxLength: 5 }),
    sentAt: fc.anything(),
  }),
);

it('any document is told 200 with what became of each call, or a problem of 4xx', async () => {
  let accepted = 0;
  await fc.assert(
    fc.asyncProperty(
      anyDocument,
      fc.constantFrom(...Object.keys(segmentDoors)),
      async (document, resource) => {
        const ingest = startIngest();
        const handler = middy<HttpRequest, HttpAnswer>()
          .use(problemAnswers(silentLogger as never))
          .handler((request) => ingest.ingest(request));
        const body = textOf(document);
        const answer = await handler(httpRequest({ body, resource }), {} as never);

        const json = JSON.parse(answer.body);
        if (answer.statusCode !== 200) {
          expect(answer.statusCode).toBeGreaterThanOrEqual(400);
          expect(answer.statusCode).toBeLessThan(500);
          return;
        }
        const sent = JSON.parse(body);
        const isBatch = resource === '/b' || resource === batch;
        expect(json.accepted + json.rejected.length).toBe(isBatch ? sent.batch.length : 1);
        const stored = ingest.envelopes().filter(({ header }) => header.kind === 'events');
        expect(stored.flatMap(({ events }) => events)).toHaveLength(json.accepted);
        accepted += json.accepted;
      },
    ),
    { seed: 23, numRuns: 1000 },
  );
  expect(accepted).toBeGreaterThan(50);
});

function textOf(document: unknown): string {
  try {
    return JSON.stringify(document) ?? '';
  } catch {
    // Of a bigint.
    return '{}';
  }
}
