import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { cloudEventId, eventOfCloudEvent } from '../../../../domain/doors/cloudevents.ts';
import { isEventId } from '../../../../domain/event/event-id.ts';
import { Unusable } from '../../../../domain/event/unusable.ts';

const required = { specversion: '1.0', id: '4711', source: 'shop', type: 'order' };

describe('a CloudEvent', () => {
  it('becomes an event, with all that has no field of its own in the metadata', () => {
    const time = '2026-11-29T10:00:00.123Z';
    const sent = { ...required, time, subject: 'ada', data: { plan: 'pro' }, traceparent: '00-1' };

    expect(eventOfCloudEvent(sent)).toEqual({
      event_id: expect.stringMatching(/^4711\.[\w-]{11}$/),
      type: 'order',
      timestamp: time,
      user_id: 'ada',
      service: 'shop',
      metadata: { source: 'shop', subject: 'ada', data: { plan: 'pro' }, traceparent: '00-1' },
    });
  });

  it('needs no more than what CloudEvents require', () => {
    expect(eventOfCloudEvent(required)).toEqual({
      event_id: cloudEventId('shop', '4711'),
      type: 'order',
      service: 'shop',
      metadata: { source: 'shop' },
    });
  });

  it('is the same, whether an attribute is null or left out', () => {
    const unset = { time: null, subject: null, dataschema: null, datacontenttype: null, traceparent: null };

    expect(eventOfCloudEvent({ ...required, ...unset })).toEqual(eventOfCloudEvent(required));
    expect(eventOfCloudEvent({ ...required, id: null })).toMatchObject({
      code: 'missing_field',
      field: 'id',
    });
    expect(eventOfCloudEvent({ ...required, data: null })).toMatchObject({ metadata: { data: null } });
  });

  it('is the same, whether it names the type of data that none means or not', () => {
    expect(eventOfCloudEvent({ ...required, datacontenttype: 'application/json' })).toEqual(
      eventOfCloudEvent(required),
    );
  });

  it('keeps a source and a subject too long for fields in the metadata alone', () => {
    const [source, subject] = [`/${'x'.repeat(128)}`, 'y'.repeat(256)];
    const event = eventOfCloudEvent({ ...required, source, subject });

    expect(event).toMatchObject({ metadata: { source, subject } });
    expect(event).not.toHaveProperty('service');
    expect(event).not.toHaveProperty('user_id');
  });

  it('keeps an id that no event id can be', () => {
    expect(eventOfCloudEvent({ ...required, id: 'a b/c' })).toMatchObject({
      event_id: expect.stringMatching(/^[\w-]{43}\.[\w-]{11}$/),
      metadata: { id: 'a b/c' },
    });
  });

  it.each([
    ['specversion', { ...required, specversion: '0.3' }, 'invalid_field'],
    ['specversion', { id: '1', source: 's', type: 't' }, 'missing_field'],
    ['id', { ...required, id: '' }, 'invalid_field'],
    ['source', { ...required, source: 7 }, 'invalid_field'],
    ['type', { ...required, type: undefined }, 'missing_field'],
  ])('is refused for its %s, in the words of CloudEvents', (field, sent, code) => {
    const refused = eventOfCloudEvent(sent);

    expect(refused).toBeInstanceOf(Unusable);
    expect(refused).toMatchObject({ code, field, message: expect.stringContaining(field), sent });
  });

  it.each([null, 7, 'text', []])('is left to validation if it is no object: %j', (sent) => {
    expect(eventOfCloudEvent(sent)).toBe(sent);
  });
});

describe('the event id of a CloudEvent', () => {
  const text = fc.oneof(fc.string({ minLength: 1 }), fc.string({ minLength: 100, maxLength: 200 }));

  it('is an event id, and the same for the same event only', () => {
    fc.assert(
      fc.property(text, text, text, text, (source, id, otherSource, otherId) => {
        const made = cloudEventId(source, id);
        expect(isEventId(made)).toBe(true);
        expect(cloudEventId(source, id)).toBe(made);
        const isSame = source === otherSource && id === otherId;
        expect(cloudEventId(otherSource, otherId) === made).toBe(isSame);
      }),
      { seed: 23 },
    );
  });

  it('tells two sources apart that use one id', () => {
    expect(cloudEventId('a', '1')).not.toBe(cloudEventId('b', '1'));
  });
});
