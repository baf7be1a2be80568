import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { eventOfSingle, eventsOfBatch, segmentCalls } from '../../../../domain/doors/segment.ts';
import { validateBatch } from '../../../../domain/event/batch.ts';
import { Unusable } from '../../../../domain/event/unusable.ts';
import { nowMs } from '../../../support/events.ts';

const most = 500;
const at = '2026-11-29T10:00:00.000Z';
const track = { type: 'track', event: 'Order Completed', messageId: 'm-1', userId: 'ada' };

describe('a call of a Segment client', () => {
  it('becomes an event', () => {
    const [event] =
      eventsOfBatch(
        {
          sentAt: at,
          writeKey: 'secret',
          batch: [
            {
              ...track,
              anonymousId: 'anon',
              timestamp: at,
              properties: { revenue: 12.5, currency: 'EUR' },
              context: { app: { name: 'shop' }, ip: '192.0.2.1' },
              integrations: { All: true },
              _metadata: { nodeVersion: '24' },
              writeKey: 'secret',
            },
          ],
        },
        most,
      ) ?? [];

    expect(event).toEqual({
      event_id: 'm-1',
      type: 'Order Completed',
      user_id: 'ada',
      service: 'shop',
      timestamp: at,
      sent_at: at,
      value: 12.5,
      metadata: {
        anonymousId: 'anon',
        properties: { revenue: 12.5, currency: 'EUR' },
        context: { app: { name: 'shop' }, ip: '192.0.2.1' },
      },
    });
    expect(JSON.stringify(event)).not.toContain('secret');
  });

  it.each(['identify', 'page', 'screen', 'group', 'alias'] as const)(
    'of the kind %s has it as type',
    (call) => {
      const sent = {
        messageId: 'm',
        anonymousId: 'anon',
        name: 'Home',
        previousId: 'old',
        traits: { plan: 'pro' },
      };

      expect(eventOfSingle(sent, call)).toEqual({
        event_id: 'm',
        type: call,
        user_id: 'anon',
        metadata: { anonymousId: 'anon', name: 'Home', previousId: 'old', traits: { plan: 'pro' } },
      });
    },
  );

  it.each<[string, object, object]>([
    ['a user id that is a number', { userId: 7 }, { user_id: '7' }],
    ['times of RudderStack', { originalTimestamp: at, sentAt: at }, { timestamp: at, sent_at: at }],
    ['a value without revenue', { properties: { value: 3 } }, { value: 3 }],
    ['a message id that is a number', { messageId: 7 }, { event_id: '7' }],
    [
      'null for what it does not know',
      { sentAt: null, timestamp: null, messageId: null },
      { user_id: 'ada' },
    ],
    [
      'a message id that is no event id',
      { messageId: 'a b' },
      { event_id: expect.stringMatching(/^[\w-]{43}$/) },
    ],
  ])('may have %s', (_, fields, expected) => {
    const { messageId: _id, ...plain } = track;

    expect(eventOfSingle({ ...plain, ...fields }, 'track')).toMatchObject(expected);
  });

  it.each([
    ['revenue that cannot be summed', { properties: { revenue: '12.50' } }, 'value'],
    ['a user id too long', { userId: 'x'.repeat(256) }, 'user_id'],
    ['a user id that is no text', { userId: { id: 7 } }, 'user_id'],
    ['an app name too long', { context: { app: { name: 'x'.repeat(129) } } }, 'service'],
  ])('keeps %s in the metadata', (_, fields, missing) => {
    const event = eventOfSingle({ ...track, ...fields }, 'track');

    expect(event).toMatchObject({ metadata: fields });
    expect(event).not.toHaveProperty(missing);
  });

  it('does not fail the others of its batch if it is refused', () => {
    const batch = [
      track,
      { type: 'track' },
      { type: 'nothing' },
      {},
      null,
      7,
      { ...track, messageId: 'm-2' },
      { ...track, messageId: { id: 7 } },
    ];
    const { accepted, rejected } = validateBatch(eventsOfBatch({ batch }, most) ?? [], {
      account: 'acme',
      receivedAtMs: nowMs,
    });

    expect(accepted.map(({ event_id }) => event_id)).toEqual(['m-1', 'm-2']);
    expect(rejected.map(({ index, code, field }) => [index, code, field])).toEqual([
      [1, 'missing_field', 'event'],
      [2, 'invalid_field', 'type'],
      [3, 'missing_field', 'type'],
      [4, 'not_an_object', undefined],
      [5, 'not_an_object', undefined],
      [7, 'invalid_field', 'messageId'],
    ]);
  });

  it('was sent when its batch was, if it does not say', () => {
    const batch = [track, { ...track, sentAt: null }, { ...track, sentAt: 'own' }];

    expect(eventsOfBatch({ sentAt: at, batch }, most)).toMatchObject(
      [at, at, 'own'].map((sent_at) => ({ sent_at })),
    );
  });

  it('is one event in a batch, alone, and when it is sent again', () => {
    fc.assert(
      fc.property(fc.constantFrom(...segmentCalls), fc.dictionary(name, fc.jsonValue()), (call, fields) => {
        const { sentAt: _, ...sent }: Json = { ...fields, type: call };
        const again = {
          ...sent,
          writeKey: 'other',
          integrations: { All: false },
          _metadata: { retryCount: 1 },
        };

        const [inBatch] = eventsOfBatch({ batch: [sent] }, most) ?? [];
        expect(inBatch).toEqual(eventOfSingle(sent, call));
        if (!(inBatch instanceof Unusable)) expect(eventOfSingle(again, call)).toEqual(inBatch);
      }),
      seeded,
    );
  });

  it('is accepted or rejected, whatever it holds, and keeps all that it holds', () => {
    fc.assert(
      fc.property(fc.constantFrom(...segmentCalls), fc.dictionary(name, fc.jsonValue()), (call, sent) => {
        const event = eventOfSingle(sent, call);
        const { accepted, rejected } = validateBatch([event], { account: 'acme', receivedAtMs: nowMs });

        expect(accepted.length + rejected.length).toBe(1);
        if (event instanceof Unusable) return;
        const { metadata, ...others } = event as { readonly metadata: object };
        const kept = new Set([
          ...Object.keys(metadata),
          ...Object.keys(others).map((field) => becomes[field] ?? ''),
        ]);
        const left = Object.keys(sent).filter((field) => !kept.has(field) && sent[field] != null);
        expect(left.filter((field) => !isLeftOut(field, sent))).toEqual([]);
      }),
      seeded,
    );
  });
});

type Json = Readonly<Record<string, unknown>>;
const seeded = { seed: 23, numRuns: 500 };
/** Often one that means something. */
const name = fc.oneof(
  fc.constantFrom(
    ...['messageId', 'userId', 'anonymousId', 'event', 'timestamp', 'originalTimestamp', 'sentAt'],
    ...['properties', 'context', 'traits'],
  ),
  fc.string({ minLength: 1 }),
);
const becomes: Readonly<Record<string, string>> = {
  ...{ event_id: 'messageId', type: 'event', user_id: 'userId', timestamp: 'timestamp', sent_at: 'sentAt' },
};
const isLeftOut = (field: string, sent: Json): boolean =>
  sent[field] === '' ||
  ['type', 'writeKey', 'integrations', '_metadata', 'originalTimestamp'].includes(field);

it('of a batch with too many calls, as many are translated as show it', () => {
  expect(eventsOfBatch({ batch: Array.from({ length: 9 }, () => track) }, 3)).toHaveLength(4);
});

it.each([null, [], { batch: {} }, 'text'])('what is no batch is none: %j', (document) => {
  expect(eventsOfBatch(document, most)).toBeUndefined();
});
