import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { formatSecret } from '../../../../domain/accounts/secrets.ts';
import { everyDetector, findsAny } from '../../../../domain/personal-data/detectors.ts';
import { compileRejectedViews, hideAll } from '../../../../domain/rejections/rejected-views.ts';
import { longest } from '../../../../domain/rejections/request-rejections.ts';
import { seededRandom } from '../../../support/clock.ts';

const { sample: show, whole } = compileRejectedViews({
  fields: [
    { name: 'ssn', action: 'refuse' },
    { name: 'iban*', action: 'redact' },
  ],
});
const shown = (event: unknown) => JSON.parse(show(event) ?? 'null');
const secret = formatSecret(
  { environment: 'production', account: 'acme', keyId: 'abcdefabcdef' },
  seededRandom(1).bytes(16),
);
const card = '4111 1111 1111 1111';

describe('a sample', () => {
  it('shows the event as it was sent', () => {
    const event = { event_id: 'e', tpye: 'order', metadata: { plan: 'pro', items: [1, 2], ok: null } };

    expect(shown(event)).toEqual(event);
  });

  it('shows none of the fields that the policy of the account names, and no secrets, whatever it is given', () => {
    const event = {
      SSN: '078-05-1120',
      metadata: { iban_1: 'DE02', nested: [{ user_password: 'p' }, { Authorization: 'Bearer x' }] },
      api_key: 'k',
      note: `my key is ${secret}.`,
      jwt: 'eyJhbGciOiJI.eyJzdWIiOiIx.c2lnbmF0dXJl',
    };

    const json = show(event) ?? '';

    for (const hidden of ['078-05-1120', 'DE02', '"p"', 'Bearer', '"k"', secret, 'eyJ'])
      expect(json).not.toContain(hidden);
    expect(shown(event)).toMatchObject({
      SSN: '[redacted]',
      note: 'my key is [redacted].',
      jwt: '[redacted]',
    });
  });

  it('shows no secret by a name in another spelling, beside a name, or by a form', () => {
    const event = {
      pwd: 'hunter2',
      privateKey: 'hunter2',
      sessionid: 'hunter2',
      note: 'Authorization: Bearer abcdefghijklmn',
      id: `AKIA${'IOSFODNN7EXAMPLE'}`,
      headers: [{ name: 'Authorization', value: 'hunter2' }, ['Cookie', 'hunter2']],
    };

    expect(show(event)).not.toMatch(/hunter2|abcdef|IOSF/);
  });

  it.each([
    ['a value', { x: 'ada@example.org' }],
    ['a name', { 'ada@example.org': 1 }],
    ['a number', { x: 4111111111111111 }],
    ['a card', { x: [`card ${card}`] }],
    ['what is no object', 'ada@example.org'],
    ['a list', ['a', 'ada@example.org']],
  ])('shows no personal data in %s, with or without a policy', (_, event) => {
    for (const each of [show, compileRejectedViews().sample]) {
      expect(each(event)).not.toMatch(/ada@|4111/);
      expect(each(event)).toContain('[redacted');
    }
  });

  it('shows nothing of a text that is too long to be searched', () => {
    const text = `${'x'.repeat(250)}${card}`;

    expect(shown({ text, [text]: 1 })).toEqual({
      text: '(text of 269 characters)',
      '(text of 269 characters)': 1,
    });
  });

  it('of a large event is a small part of it', () => {
    const large = {
      type: 't',
      metadata: Object.fromEntries(Array.from({ length: 900 }, (_, at) => [`f${at}`, 'x'.repeat(99)])),
    };

    expect(shown(large)).toMatchObject({ type: 't', metadata: { f0: expect.stringMatching(/^x+…$/) } });
    expect((show(large) ?? '').length).toBeLessThanOrEqual(longest.event);
  });

  it('is within its bound and free of personal data whatever is rejected', () => {
    const text = fc.oneof(
      fc.string({ maxLength: 400 }),
      fc
        .tuple(
          fc.string({ maxLength: 40 }),
          fc.constantFrom(card, 'ada@example.org', secret),
          fc.string({ maxLength: 40 }),
        )
        .map((parts) => parts.join(' ')),
    );
    const any = fc.letrec((tie) => ({
      value: fc.oneof(
        { maxDepth: 9 },
        text,
        fc.double(),
        fc.boolean(),
        fc.constant(null),
        tie('list'),
        tie('object'),
      ),
      list: fc.array(tie('value'), { maxLength: 20 }),
      object: fc.dictionary(text, tie('value'), { maxKeys: 40 }),
    })).value;
    fc.assert(
      fc.property(any, (event) => {
        const json = show(event);
        if (json === undefined) return;
        expect(json.length).toBeLessThanOrEqual(longest.event);
        expect(json).not.toContain('4111');
        expect(json).not.toContain('ada@example.org');
        expect(json).not.toContain('abcdefabcdef');
      }),
      { numRuns: 300, seed: 21 },
    );
  });

  it('is none of nothing', () => {
    expect(show(undefined)).toBeUndefined();
  });
});

describe('the whole event', () => {
  const event = {
    event_id: 'e',
    note: `${'x'.repeat(400)} ada@example.org ${secret}`,
    header: 'Bearer abcdefghijklmn',
    metadata: { ssn: '078-05-1120', token_count: 3, list: [{ IBAN_2: 'DE02' }] },
  };

  it('is what was sent, without what the policy of the account forbids and without keys', () => {
    expect(whole(event)).toEqual({
      ...event,
      note: `${'x'.repeat(400)} ada@example.org [redacted]`,
      header: '[redacted]',
      metadata: { ssn: '[redacted]', token_count: 3, list: [{ IBAN_2: '[redacted]' }] },
    });
    const strict = compileRejectedViews({
      detectors: [{ detect: 'email', action: 'refuse', in: ['user_id'] }],
    });
    expect(strict.whole(event)).toMatchObject({ note: expect.not.stringContaining('ada@') });
  });

  it.each([
    ['a text', 'x'],
    ['a number', 7],
    ['null', null],
    ['a list', [1, [2]]],
  ])('may be %s', (_, value) => {
    expect(whole(value)).toEqual(value);
  });
});

it('a text of an answer shows no personal data and no secret', () => {
  const text = hideAll(`"ada@example.org" and ${secret}, ${card}`);

  expect(findsAny(text, everyDetector)).toBe(false);
  expect(text).not.toContain('weir_');
});
