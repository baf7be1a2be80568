// Any bytes with any headers get an answer that the client can act on, never a 5xx. An accepted event comes out of the
// envelope as it was sent.

import { gzipSync } from 'node:zlib';
import middy from '@middy/core';
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { problems } from '../../../../domain/api/problems.ts';
import type { HttpAnswer, HttpRequest } from '../../../../lambdas/edge/http.ts';
import { problemAnswers } from '../../../../lambdas/edge/problem-answers.ts';
import { nowMs } from '../../../support/events.ts';
import { silentLogger } from '../../../support/meter.ts';
import { httpRequest } from '../../../support/requests.ts';
import { startIngest } from './fixture.ts';

type Sent = {
  readonly bytes: Uint8Array;
  readonly headers: Record<string, string>;
  readonly resource: string;
};

async function send({ bytes, headers, resource }: Sent) {
  const ingest = startIngest();
  const handler = middy<HttpRequest, HttpAnswer>()
    .use(problemAnswers(silentLogger as never))
    .handler((request) => ingest.ingest(request));
  const body = Buffer.from(bytes).toString('base64');
  const answer = await handler(httpRequest({ body, isBase64Encoded: true, headers, resource }), {} as never);
  return { answer, json: JSON.parse(answer.body), envelopes: ingest.envelopes() };
}

const headers = fc.record(
  {
    'content-type': fc.constantFrom(
      'application/json',
      'application/x-ndjson',
      'application/json; charset=utf-8',
      'text/html',
      '',
    ),
    'content-encoding': fc.constantFrom('gzip', 'identity', 'br', ''),
    prefer: fc.oneof(fc.constant('handling=strict'), fc.string()),
    'idempotency-key': fc.string(),
    traceparent: fc.string(),
  },
  { requiredKeys: [] },
);
const resource = fc.constantFrom('/v1/events', '/v1/events:debug');
const text = (of: fc.Arbitrary<unknown>) => of.map((value) => Buffer.from(JSON.stringify(value) ?? ''));
const lines = (of: fc.Arbitrary<unknown>) =>
  fc
    .array(of, { maxLength: 5 })
    .map((values) => Buffer.from(values.map((value) => JSON.stringify(value)).join('\n')));

/** Close to an event, so that some are valid. */
const almostEvent = fc.record(
  {
    type: fc.oneof(fc.constantFrom('login', 'page.view', '__proto__'), fc.string()),
    event_id: fc.oneof(fc.stringMatching(/^[a-z0-9-]{1,20}$/), fc.string()),
    user_id: fc.oneof(fc.string({ unit: 'binary', maxLength: 10 }), fc.anything()),
    service: fc.oneof(fc.string({ unit: 'grapheme', maxLength: 10 }), fc.anything()),
    timestamp: fc.oneof(
      fc.integer({ min: nowMs - 40 * 86_400_000, max: nowMs + 1_200_000 }),
      fc.date({ noInvalidDate: true }).map((date) => date.toISOString()),
      fc.anything(),
    ),
    metadata: fc.oneof(
      fc.dictionary(fc.string({ unit: 'binary' }), fc.jsonValue(), { maxKeys: 4 }),
      fc.constant(JSON.parse('{"__proto__":{"a":[1e308,-0,"\\u0000"]}}')),
      fc.jsonValue(),
    ),
    account_id: fc.constantFrom('acme', 'other'),
  },
  { requiredKeys: ['type'] },
);
const validEvent = fc.record(
  {
    type: fc.constantFrom('login', 'page.view', '__proto__'),
    event_id: fc.uuid(),
    user_id: fc.string({ unit: 'grapheme', minLength: 1, maxLength: 20 }),
    service: fc.string({ unit: 'binary', minLength: 1, maxLength: 20 }),
    timestamp: fc.integer({ min: nowMs - 30 * 86_400_000, max: nowMs + 600_000 }),
    metadata: fc.dictionary(fc.string({ unit: 'binary' }), fc.jsonValue({ maxDepth: 3 }), { maxKeys: 4 }),
  },
  { requiredKeys: ['type'] },
);
const plainBytes = fc.oneof(
  fc.uint8Array({ maxLength: 300 }),
  fc.string({ unit: 'binary' }).map((value) => Buffer.from(value)),
  text(fc.anything()),
  text(fc.array(almostEvent, { maxLength: 6 })),
  lines(almostEvent),
);
const bytes = fc.oneof(
  plainBytes,
  plainBytes.map((plain) => gzipSync(plain)),
  fc.tuple(plainBytes, fc.nat(40)).map(([plain, kept]) => gzipSync(plain).subarray(0, kept)),
);

it('any bytes get a 2xx or a problem document of 4xx', async () => {
  await fc.assert(
    fc.asyncProperty(fc.record({ bytes, headers, resource }), async (sent) => {
      const { answer, json } = await send(sent);

      if (answer.statusCode < 300) return;
      expect(answer.statusCode).toBeGreaterThanOrEqual(400);
      expect(answer.statusCode).toBeLessThan(500);
      expect(answer.headers).toMatchObject({ 'content-type': 'application/problem+json' });
      expect(Object.keys(problems)).toContain(json.code);
      expect(json).toMatchObject({ status: answer.statusCode, request_id: 'request-1' });
    }),
    { numRuns: 600 },
  );
});

it('whatever is accepted comes out of the envelope as it was sent', async () => {
  let accepted = 0;
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.oneof(validEvent, almostEvent), { minLength: 1, maxLength: 6 }),
      async (list) => {
        const document = JSON.stringify(list);
        const { json, envelopes } = await send({
          bytes: Buffer.from(document),
          headers: {},
          resource: '/v1/events',
        });

        const refused = new Set((json.rejected ?? []).map(({ index }: { index: number }) => index));
        const sent = (JSON.parse(document) as Record<string, unknown>[]).filter(
          (_, index) => !refused.has(index),
        );
        const stored = envelopes.flatMap(({ events }) => events);
        expect(stored).toHaveLength(sent.length);
        accepted += stored.length;
        // Late events are in a record of their own, after the others.
        const asSent = stored.map((event) => sent.findIndex((each) => sameFields(each, event)));
        expect(new Set(asSent).has(-1)).toBe(false);
      },
    ),
    { numRuns: 400 },
  );
  expect(accepted).toBeGreaterThan(400);
});

/** The server normalises `timestamp`, and adds the fields in `made`. */
function sameFields(sent: Record<string, unknown>, stored: object): boolean {
  const { timestamp, account_id: _, ...given } = sent;
  const {
    timestamp: at,
    made = [],
    ...kept
  } = stored as Record<string, unknown> & { made?: readonly string[] };
  if (made.includes('event_id')) delete kept.event_id;
  const atMs = typeof timestamp === 'string' ? Date.parse(timestamp) : (timestamp ?? at);
  return canonical(given) === canonical(kept) && atMs === at;
}

const canonical = (fields: Record<string, unknown>): string =>
  JSON.stringify(Object.entries(fields).toSorted(([left], [right]) => (left < right ? -1 : 1)));
