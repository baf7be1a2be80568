import { describe, expect, it } from 'vitest';
import { validateEvent } from '../../../../domain/event/event.ts';
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
    ['a type with a space', { type: 'a b' }, 'invalid_field', 'type'],
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
    [{ type: 7 }, 'type: must be 1-200 characters'],
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
