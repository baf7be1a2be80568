// The schemas of bodies in the printed document allow what the code takes, and refuse what it refuses, but for what they
// say in words.

import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import * as z from 'zod';
import { validateEvent } from '../../../domain/event/event.ts';
import { newKeyBody, newMemberBody, rotationBody } from '../../../lambdas/manage/bodies.ts';

// biome-ignore lint/suspicious/noExplicitAny: tests read any part of a document
const document: any = JSON.parse(readFileSync('lambdas/openapi/openapi.json', 'utf8'));
const nowMs = Date.parse('2026-11-30T12:00:00.000Z');

const toZod = (schema: object) => z.fromJSONSchema(schema as Parameters<typeof z.fromJSONSchema>[0]);
const eventSchema = toZod(document.components.schemas.Event);
const bodyOf = (path: string) => document.paths[path].post.requestBody.content['application/json'];
const schemaOf = (path: string) => toZod(bodyOf(path).schema);

const texts = fc.oneof(
  fc.string({ maxLength: 3 }),
  fc.string({ unit: 'binary', maxLength: 3 }),
  fc.constantFrom('(other)', 'Order Completed', 'a/b', '😀', 'acme', 'x'.repeat(128), 'x'.repeat(256)),
);
const times = fc.oneof(
  fc.constantFrom(nowMs, 0, nowMs + 0.5, 'yesterday', '2026-11-30T11:00:00Z', '2026-11-30T11:00:00.5+02:00'),
  fc.integer(),
);
const numbers = fc.oneof(fc.double(), fc.constantFrom(12.5, 1e12, -1e13, 0.1234567));
const anything = fc.oneof(texts, times, numbers, fc.constantFrom(null, true, [], {}, { plan: 'pro' }));
const valid = fc.record(
  {
    ...{
      type: fc.constantFrom('order', 'Order Completed', '$pageview', '🛒'),
      event_id: fc.constantFrom('order-1', '~'),
      account_id: fc.constant('acme'),
    },
    ...{
      user_id: texts,
      service: texts,
      timestamp: times,
      sent_at: times,
      value: numbers,
      metadata: fc.dictionary(texts, texts),
    },
  },
  { requiredKeys: ['type'] },
);
const names = [
  'type',
  'event_id',
  'account_id',
  'user_id',
  'service',
  'timestamp',
  'sent_at',
  'value',
  'metadata',
  'other',
];
/** Most of a valid one, with at most one member that can be anything. */
const events = fc
  .tuple(valid, fc.option(fc.tuple(fc.constantFrom(...names), anything)))
  .map(([event, changed]) => (changed ? { ...event, [changed[0]]: changed[1] } : event));

/** What the schema says in words alone. */
const saidInWords = new Set([
  ...['type', 'account_id', 'user_id', 'service', 'timestamp', 'sent_at', 'value', 'metadata'],
]);

describe('the schema of an event', () => {
  it('allows whatever is accepted, and of the rest only what it says in words', () => {
    let [allowed, refused] = [0, 0];
    fc.assert(
      fc.property(events, (sent) => {
        const event: unknown = JSON.parse(JSON.stringify(sent));
        const validated = validateEvent(event, { account: 'acme', receivedAtMs: nowMs });
        const isAllowed = eventSchema.safeParse(event).success;
        if (isAllowed) allowed += 1;
        else refused += 1;
        if (validated.ok) expect(isAllowed).toBe(true);
        else if (isAllowed) expect(saidInWords).toContain(validated.rejection.field);
      }),
      { seed: 21, numRuns: 3000 },
    );
    expect(Math.min(allowed, refused)).toBeGreaterThan(300);
  });
});

describe('the schemas of what manages', () => {
  const durations = fc.constantFrom('90s', '30m', '24h', '90d', '0s', '1', 'soon', 7);
  const cases = [
    [
      '/v1/keys',
      newKeyBody,
      fc.record(
        {
          scopes: fc.oneof(
            fc.array(fc.constantFrom('ingest', 'read', 'admin', 'write'), { maxLength: 3 }),
            anything,
          ),
          ...{ expires_in: durations, other: anything },
        },
        { requiredKeys: [] },
      ),
      // A time too short, which is said in words.
      (body: { expires_in?: unknown }) => body.expires_in === '0s',
    ],
    [
      '/v1/keys/{key_id}/rotate',
      rotationBody,
      fc.record({ overlap: durations, other: anything }, { requiredKeys: [] }),
      () => false,
    ],
    [
      '/v1/members',
      newMemberBody,
      fc.record(
        {
          person: fc.oneof(fc.constantFrom('eve@example.com', 'Eve@example.com', 'sub|1'), anything),
          role: fc.oneof(fc.constantFrom('viewer', 'analyst', 'owner'), anything),
          other: anything,
        },
        { requiredKeys: [] },
      ),
      // Its characters, and capitals in an address.
      (body: { person?: unknown }) => typeof body.person === 'string',
    ],
  ] as const;

  it.each(cases)('%s', (path, body, sent, isInWords) => {
    const schema = schemaOf(path);
    fc.assert(
      fc.property(sent as fc.Arbitrary<object>, (made) => {
        const json = JSON.parse(JSON.stringify(made));
        const isTaken = z.safeParse(body, json).success;
        const isAllowed = schema.safeParse(json).success;
        if (isTaken || !isInWords(json)) expect(isAllowed).toBe(isTaken);
      }),
      { seed: 21, numRuns: 1000 },
    );
  });
});

it.each(['/v1/keys', '/v1/keys/{key_id}/rotate', '/v1/members'])('the example of %s is allowed', (path) => {
  expect(schemaOf(path).safeParse(bodyOf(path).example)).toMatchObject({ success: true });
});

it.each(['/v1/events', '/v1/events:debug'])('the example of %s is of events that are allowed', (path) => {
  const content = document.paths[path].post.requestBody.content;
  const lines: unknown[] = content['application/x-ndjson'].example
    .trim()
    .split('\n')
    .map((line: string) => JSON.parse(line));

  for (const event of [...content['application/json'].example, ...lines])
    expect(eventSchema.safeParse(event)).toMatchObject({ success: true });
});
