import { describe, expect, it } from 'vitest';
import { digestOf } from '../../../../domain/event/digest.ts';
import { type AcceptedEvent, validateEvent } from '../../../../domain/event/event.ts';
import { dayMs, minuteMs } from '../../../../domain/system/time.ts';
import { nowMs } from '../../../support/events.ts';

const validate = (input: unknown) => validateEvent(input, { account: 'acme', receivedAtMs: nowMs });

const nested = (levels: number): object => (levels <= 1 ? {} : { a: nested(levels - 1) });

describe('a valid event', () => {
  it('needs only a type: id and timestamp are made, and listed as made', () => {
    expect(validate({ type: 'login' })).toEqual({
      ok: true,
      event: {
        event_id: '',
        type: 'login',
        timestamp: nowMs,
        made: ['event_id', 'timestamp'],
      },
    });
  });

  it.each([
    ['2026-11-21T10:20:00Z', Date.parse('2026-11-21T10:20:00Z')],
    ['2026-11-21T12:20:00.123+02:00', Date.parse('2026-11-21T10:20:00.123Z')],
    [nowMs - 5, nowMs - 5],
    [nowMs - 30 * dayMs, nowMs - 30 * dayMs],
    [nowMs + 10 * minuteMs, nowMs + 10 * minuteMs],
  ])('has its timestamp %s in milliseconds', (timestamp, expected) => {
    expect(validate({ event_id: 'e', type: 't', timestamp })).toMatchObject({
      ok: true,
      event: { timestamp: expected },
    });
  });

  it.each([
    ['every allowed punctuation in its id', { event_id: '!"$&\'()*+,-.0:;<=>@[]^_`{|}~' }],
    ['an id of 128 characters', { event_id: 'x'.repeat(128) }],
    ['its own account', { account_id: 'acme' }],
    ['metadata of 8 levels', { metadata: nested(8) }],
    ['metadata of 32 KiB', { metadata: { a: 'x'.repeat(32 * 1024 - 8) } }],
    ['a service that only looks like a reserved name', { service: '(none )' }],
    ['a type of 200 characters', { type: 'x'.repeat(200) }],
    ['a type of 200 characters beyond the first plane', { type: '🛒'.repeat(200) }],
    ['a type as Segment names it', { type: 'Order Completed' }],
    ['a type as PostHog names it', { type: '$pageview' }],
    ['a type in another script', { type: 'نمونه‌برداری' }],
    ['a value of 15 digits', { value: -123_456_789.123456 }],
    ['a type named like a property of prototypes', { type: '__proto__' }],
  ])('may have %s', (_, fields) => {
    expect(validate({ type: 't', ...fields })).toMatchObject({ ok: true });
  });
});

describe('an invalid event', () => {
  it.each([
    ['null', null, 'not_an_object', undefined],
    ['a list', [], 'not_an_object', undefined],
    ['a number', 7, 'not_an_object', undefined],
    ['no type', {}, 'missing_field', 'type'],
    ['a type of spaces alone', { type: '  ' }, 'invalid_field', 'type'],
    ['an empty type', { type: '' }, 'invalid_field', 'type'],
    ['a type with a line break', { type: 'a\nb' }, 'invalid_field', 'type'],
    ['a type with a NUL', { type: 'a\0' }, 'invalid_field', 'type'],
    ['a type that is read from right to left', { type: 'a\u202eb' }, 'invalid_field', 'type'],
    ['a type with a character without width', { type: 'a\u200bb' }, 'invalid_field', 'type'],
    ['a type with half of a surrogate pair', { type: 'a\ud83d' }, 'invalid_field', 'type'],
    ['a time of sending that is none', { type: 't', sent_at: 'now' }, 'invalid_field', 'sent_at'],
    ['a type of 201 characters', { type: 'x'.repeat(201) }, 'invalid_field', 'type'],
    ['a misspelt field', { type: 't', usr_id: 'x' }, 'unknown_field', 'usr_id'],
    ['an id with a slash', { type: 't', event_id: 'a/b' }, 'invalid_field', 'event_id'],
    ['an id with the key separator', { type: 't', event_id: 'a#b' }, 'invalid_field', 'event_id'],
    ['an id with a percent sign', { type: 't', event_id: 'a%b' }, 'invalid_field', 'event_id'],
    ['an id with a question mark', { type: 't', event_id: 'a?b' }, 'invalid_field', 'event_id'],
    ['an id with a backslash', { type: 't', event_id: 'a\\b' }, 'invalid_field', 'event_id'],
    ['an id with a space', { type: 't', event_id: 'a b' }, 'invalid_field', 'event_id'],
    ['an empty id', { type: 't', event_id: '' }, 'invalid_field', 'event_id'],
    ['an id of 129 characters', { type: 't', event_id: 'x'.repeat(129) }, 'invalid_field', 'event_id'],
    ['a user id that is null', { type: 't', user_id: null }, 'invalid_field', 'user_id'],
    ['another account', { type: 't', account_id: 'other' }, 'wrong_account', 'account_id'],
    ['a time without offset', { type: 't', timestamp: '2026-11-21T10:00:00' }, 'invalid_field', 'timestamp'],
    ['a fractional time', { type: 't', timestamp: nowMs + 0.5 }, 'invalid_field', 'timestamp'],
    [
      'a time too old',
      { type: 't', timestamp: nowMs - 30 * dayMs - 1 },
      'timestamp_out_of_range',
      'timestamp',
    ],
    [
      'a time too new',
      { type: 't', timestamp: nowMs + 10 * minuteMs + 1 },
      'timestamp_out_of_range',
      'timestamp',
    ],
    [
      'a service called as answers call others',
      { type: 't', service: '(other)' },
      'invalid_field',
      'service',
    ],
    ['a service called as answers call none', { type: 't', service: '(none)' }, 'invalid_field', 'service'],
    ['a type called as answers call others', { type: '(other)' }, 'invalid_field', 'type'],
    ['a type called as answers call none', { type: '(none)' }, 'invalid_field', 'type'],
    ['a value of 10^12', { type: 't', value: 1e12 }, 'invalid_field', 'value'],
    ['a value of seven decimals', { type: 't', value: 0.1234567 }, 'invalid_field', 'value'],
    ['a value that is a text', { type: 't', value: '1' }, 'invalid_field', 'value'],
    ['a value that is null', { type: 't', value: null }, 'invalid_field', 'value'],
    [
      'a value that no number keeps',
      { type: 't', value: Number.POSITIVE_INFINITY },
      'invalid_field',
      'value',
    ],
    ['a list as metadata', { type: 't', metadata: [] }, 'invalid_field', 'metadata'],
    ['metadata of 9 levels', { type: 't', metadata: nested(9) }, 'metadata_too_large', 'metadata'],
    [
      'metadata of over 32 KiB',
      { type: 't', metadata: { a: 'x'.repeat(32 * 1024) } },
      'metadata_too_large',
      'metadata',
    ],
  ])('is refused for %s', (_, input, code, field) => {
    const validated = validate(input);

    expect(validated).toMatchObject({ ok: false, rejection: { code, ...(field ? { field } : {}) } });
  });

  it('is refused for the first of very many unknown fields, and not checked for more', () => {
    const many = Object.fromEntries(Array.from({ length: 50_000 }, (_, index) => [`field-${index}`, index]));

    expect(validate({ type: 7, ...many })).toMatchObject({
      ok: false,
      rejection: {
        code: 'unknown_field',
        field: 'field-0',
        message: '"field-0" is not a field of an event.',
      },
    });
  });

  it('is refused for a number that cannot be stored as it was sent', () => {
    const metadata = JSON.parse('{"a": [1, {"b": 1e400}]}');

    expect(validate({ type: 't', metadata })).toMatchObject({
      ok: false,
      rejection: { code: 'invalid_field', field: 'metadata', message: expect.stringContaining('as text') },
    });
  });

  it.each([
    [{ type: 7 }, 'type: must be a text of 1-200 printable characters'],
    [{ type: 't', user_id: null }, 'user_id: must be a text of 1-255 characters'],
    [{ type: 't', user_id: '' }, 'user_id: must be a text of 1-255 characters'],
    [{ type: 't', service: 'x'.repeat(129) }, 'service: must be a text of 1-128 characters'],
    [{ type: 't', service: 'a\ud800' }, 'service: holds half of a surrogate pair'],
    [{ type: 't', service: '(other)' }, 'service: must not be (other) or (none)'],
    [{ type: 't', value: 0.1 + 0.2 }, 'with at most 6 decimals and 15 digits in all'],
    [{ type: 't', timestamp: 1_795_273_728 }, 'as a number it counts milliseconds'],
    [{ type: 't', metadata: nested(9) }, 'at most 8 levels; flatten it'],
  ])('names in the error for %j what is valid', (input, message) => {
    expect(validate(input)).toMatchObject({ rejection: { message: expect.stringContaining(message) } });
  });

  it('does not exhaust the stack with deep nesting', () => {
    expect(validate({ type: 't', metadata: nested(5000) })).toMatchObject({
      ok: false,
      rejection: { code: 'metadata_too_large' },
    });
  });
});

describe('a clock that is wrong', () => {
  const at = (fields: object, skewMs?: number) => {
    const context = { account: 'acme', receivedAtMs: nowMs, ...(skewMs !== undefined && { skewMs }) };
    const validated = validateEvent({ event_id: 'e', type: 't', ...fields }, context);
    return validated.ok ? validated.event : validated.rejection;
  };
  const days = 40 * dayMs;

  it.each([
    ['behind', { timestamp: nowMs - days - 5000, sent_at: nowMs - days }],
    ['ahead', { timestamp: nowMs + days - 5000, sent_at: nowMs + days }],
    ['behind, as text', { timestamp: nowMs - days - 5000, sent_at: new Date(nowMs - days).toISOString() }],
  ])('%s is corrected by what it shows when the event is sent', (_, fields) => {
    expect(at(fields)).toEqual({ event_id: 'e', type: 't', timestamp: nowMs - 5000, made: ['timestamp'] });
  });

  it('is corrected by what it shows when the batch is sent, unless the event says otherwise', () => {
    expect(at({ timestamp: nowMs - days }, days)).toMatchObject({ timestamp: nowMs });
    expect(at({ timestamp: nowMs - minuteMs, sent_at: nowMs }, days)).toMatchObject({
      timestamp: nowMs - minuteMs,
    });
  });

  it.each([-10_000, 0, 10_000])('is right if a request takes that long: %i ms', (skewMs) => {
    expect(at({ timestamp: nowMs - minuteMs, sent_at: nowMs - skewMs })).toMatchObject({
      timestamp: nowMs - minuteMs,
      made: ['timestamp'],
    });
  });

  it('does not make an event without a time', () => {
    expect(at({ sent_at: nowMs - days })).toMatchObject({ timestamp: nowMs });
  });

  it('does not let in what is out of range', () => {
    expect(at({ timestamp: nowMs - days, sent_at: nowMs })).toMatchObject({ code: 'timestamp_out_of_range' });
  });

  it('leaves a resend the same event, although it is sent at another time', () => {
    const digest = (fields: object) => digestOf(at({ timestamp: nowMs - days, ...fields }) as AcceptedEvent);

    expect(digest({ sent_at: nowMs - days })).toEqual(digest({ sent_at: nowMs - days - 60_000 }));
    expect(digest({ sent_at: nowMs - days })).toEqual(digest({ timestamp: nowMs - 5, sent_at: nowMs }));
  });
});
