import { describe, expect, it } from 'vitest';
import { compilePolicy, type PersonalDataPolicy } from '../../../../domain/personal-data/personal-data.ts';
import { event } from '../../../support/events.ts';

const card = '4111 1111 1111 1111';
const cardDigits = 4111111111111111;

const policy: PersonalDataPolicy = {
  fields: [
    { name: 'password', action: 'refuse' },
    { name: 'tax_*', action: 'redact' },
  ],
  detectors: [
    { detect: 'email', action: 'redact', in: ['metadata', 'user_id', 'service'] },
    { detect: 'card_number', action: 'refuse' },
  ],
};
const redactAll: PersonalDataPolicy = {
  detectors: [
    { detect: 'email', action: 'redact', in: ['metadata', 'user_id', 'service'] },
    { detect: 'card_number', action: 'redact', in: ['metadata', 'user_id', 'service'] },
  ],
};

/** The metadata to be stored, or the field for which the event is refused. */
function metadataOf(metadata: Record<string, unknown>, under = policy): unknown {
  const outcome = compilePolicy(under)(event({ metadata }));
  return outcome.ok ? outcome.event.metadata : outcome.field;
}

describe('a field with a rule', () => {
  it.each([
    [{ password: 'x' }, 'metadata.password'],
    [{ user: { PassWord: null } }, 'metadata.user.PassWord'],
    [{ list: [1, { password: 'x' }] }, 'metadata.list.1.password'],
    [{ lists: [[[{ password: [] }]]] }, 'metadata.lists.0.0.0.password'],
    [JSON.parse('{"__proto__":{"password":1}}'), 'metadata.__proto__.password'],
  ])('is refused, with its path: %j', (metadata, field) => {
    expect(metadataOf(metadata)).toBe(field);
  });

  it.each([
    [
      { tax_id: 12, name: 'x' },
      { tax_id: '[redacted]', name: 'x' },
    ],
    [{ Tax_Id: { a: [1] } }, { Tax_Id: '[redacted]' }],
    [{ list: [{ tax_id: null }, 2] }, { list: [{ tax_id: '[redacted]' }, 2] }],
  ])('has its whole value redacted: %j', (metadata, kept) => {
    expect(metadataOf(metadata)).toEqual(kept);
  });

  it('is searched among names only', () => {
    const metadata = { note: 'password', passwords: 1, list: ['password'] };

    expect(metadataOf(metadata)).toBe(metadata);
  });
});

describe('personal data', () => {
  it.each([
    [{ a: 'mail jane@example.com or joe@example.com!' }, { a: 'mail [redacted] or [redacted]!' }],
    [{ a: [['jane@example.com']] }, { a: [['[redacted]']] }],
    [{ a: `pay ${card} now` }, { a: 'pay [redacted] now' }],
    [{ a: cardDigits }, { a: '[redacted]' }],
    [{ a: '4111111111111111@example.com' }, { a: '[redacted]' }],
    [{ a: 'jane@example.com@example.com' }, { a: '[redacted]' }],
    [{ 'jane@example.com': 1 }, { '[redacted]': 1 }],
    [{ 'mail of jane@example.com': 'joe@example.com' }, { 'mail of [redacted]': '[redacted]' }],
    [{ [`card ${card}`]: 1 }, { 'card [redacted]': 1 }],
  ])('is replaced, and nothing else: %j', (metadata, kept) => {
    expect(metadataOf(metadata, redactAll)).toEqual(kept);
  });

  it.each([
    [{ a: 1763720700000 }],
    [{ a: 4111111111111112 }],
    [{ a: 0.4111111111111111 }],
    [{ a: -1, b: true, c: null, d: [], e: {} }],
    [{ a: 4e20 }],
    [{ a: '[redacted]' }],
  ])('is not found in %j', (metadata) => {
    expect(metadataOf(metadata, redactAll)).toBe(metadata);
  });

  it('is searched in the places that the policy names', () => {
    const apply = compilePolicy({
      detectors: [
        { detect: 'email', action: 'redact', in: ['user_id'] },
        { detect: 'card_number', action: 'refuse', in: ['service'] },
      ],
    });
    const metadata = { a: 'jane@example.com', b: card };

    expect(apply(event({ user_id: 'mailto:jane@example.com', service: 'web', metadata }))).toEqual({
      ok: true,
      event: event({ user_id: 'mailto:[redacted]', service: 'web', metadata }),
    });
    expect(apply(event({ user_id: card }))).toMatchObject({ ok: true });
    expect(apply(event({ service: card }))).toEqual({ ok: false, field: 'service' });
  });

  it('is searched in metadata if the policy names no place', () => {
    const apply = compilePolicy({ detectors: [{ detect: 'email', action: 'refuse' }] });

    expect(apply(event({ metadata: { a: 'jane@example.com' } }))).toEqual({ ok: false, field: 'metadata.a' });
    expect(apply(event({ user_id: 'jane@example.com', service: 'jane@example.com' })).ok).toBe(true);
  });
});

describe('names that become equal', () => {
  it('are numbered, whatever their order', () => {
    const metadata = {
      'a@example.com': 1,
      '[redacted] 2': 2,
      'b@example.com': 3,
      '[redacted]': 4,
      'c@example.com': 5,
    };

    expect(Object.entries(metadataOf(metadata) as object)).toEqual([
      ['[redacted] 3', 1],
      ['[redacted] 2', 2],
      ['[redacted] 4', 3],
      ['[redacted]', 4],
      ['[redacted] 5', 5],
    ]);
  });

  it('get no number that completes a card number', () => {
    const almost = '411111111111115';

    const names = Object.keys(
      metadataOf({ [`a@b.co ${almost}`]: 1, [`c@d.co ${almost}`]: 2 }, redactAll) as object,
    );

    expect(metadataOf({ [`${almost} 2`]: 1 }, redactAll)).toEqual({ '[redacted]': 1 });
    expect(names).toEqual([`[redacted] ${almost}`, `[redacted] ${almost} 3`]);
  });
});

describe('refusing wins over redacting', () => {
  it.each<[string, Record<string, unknown>, PersonalDataPolicy, string]>([
    [
      'by two rules for one name',
      { password: 1 },
      {
        fields: [
          { name: 'pass*', action: 'redact' },
          { name: 'password', action: 'refuse' },
        ],
      },
      'metadata.password',
    ],
    [
      'by two rules for one detector',
      { a: 'jane@example.com' },
      {
        detectors: [
          { detect: 'email', action: 'redact' },
          { detect: 'email', action: 'refuse' },
        ],
      },
      'metadata.a',
    ],
    ['within a field that is redacted', { tax_file: { password: 1 } }, policy, 'metadata.tax_file.password'],
    ['within a text that is redacted', { a: `jane@example.com ${card}` }, policy, 'metadata.a'],
    ['after something was redacted', { a: 'jane@example.com', password: 1 }, policy, 'metadata.password'],
  ])('%s', (_, metadata, under, field) => {
    expect(metadataOf(metadata, under)).toBe(field);
  });
});

describe('a refusal', () => {
  it.each([
    [{ 'jane@example.com': { password: 1 } }, 'metadata.*.password'],
    [{ 'for jane@example.com': [{ password: 1 }] }, 'metadata.*.0.password'],
    [{ [card]: 1 }, 'metadata.*'],
  ])('hides names that are personal data: %j', (metadata, field) => {
    expect(metadataOf(metadata)).toBe(field);
  });

  it('hides names that are personal data only together', () => {
    expect(metadataOf({ 'jane@example': { com: { password: 1 } } })).not.toContain('jane');
  });

  it('hides personal data in names even if the policy has no such rule', () => {
    const noPasswords: PersonalDataPolicy = { fields: [{ name: 'password', action: 'refuse' }] };

    expect(metadataOf({ 'jane@example.com': { password: 1 } }, noPasswords)).toBe('metadata.*.password');
  });

  it('names a field in at most 128 whole characters', () => {
    const field = metadataOf({ ['\u{1f600}'.repeat(100)]: { password: 1 } }) as string;

    expect(field.length).toBeLessThanOrEqual(128);
    expect(field.isWellFormed()).toBe(true);
    expect(field.endsWith('…')).toBe(true);
  });
});

describe('the given event', () => {
  it('is returned as the same object if nothing is found', () => {
    const apply = compilePolicy(policy);
    const harmless = event({ user_id: 'u-1', service: 'web', metadata: { a: [{ b: 'c' }], d: 1.5 } });
    const bare = event();

    for (let count = 0; count < 2; count += 1) {
      expect(apply(harmless)).toEqual({ ok: true, event: harmless });
      expect((apply(harmless) as { event: unknown }).event).toBe(harmless);
      expect((apply(bare) as { event: unknown }).event).toBe(bare);
    }
  });

  it('keeps its value, whatever the value looks like and fields are named', () => {
    const apply = compilePolicy({ ...redactAll, fields: [{ name: 'value', action: 'refuse' }] });

    expect(apply(event({ value: 411_111_111_111.1111, user_id: 'jane@example.com' }))).toMatchObject({
      ok: true,
      event: { value: 411_111_111_111.1111, user_id: '[redacted]' },
    });
  });

  it('is not modified, and only the objects with findings are copied', () => {
    const metadata = { a: ['jane@example.com'], b: { c: 1 }, tax_id: 1 };
    const given = event({ user_id: 'jane@example.com', metadata });
    const before = structuredClone(given);

    const kept = metadataOf(metadata) as typeof metadata;
    compilePolicy(policy)(given);

    expect(given).toEqual(before);
    expect(kept.a).toEqual(['[redacted]']);
    expect(kept.b).toBe(metadata.b);
  });

  it('keeps a field called __proto__ as a field', () => {
    const metadata = JSON.parse('{"__proto__":{"tax_id":1,"polluted":true},"a":"jane@example.com"}');

    const kept = metadataOf(metadata) as object;

    expect(JSON.stringify(kept)).toBe(
      '{"__proto__":{"tax_id":"[redacted]","polluted":true},"a":"[redacted]"}',
    );
    expect(Object.getPrototypeOf(kept)).toBe(Object.prototype);
    expect('polluted' in kept).toBe(false);
    expect('polluted' in {}).toBe(false);
  });

  it('keeps its other fields and their order', () => {
    const given = { ...event({ user_id: 'a@example.com', metadata: {} }), made: ['timestamp'] as const };

    const outcome = compilePolicy(policy)(given);

    expect(JSON.stringify(outcome.ok && outcome.event)).toBe(
      JSON.stringify({ ...given, user_id: '[redacted]' }),
    );
  });
});

it('caches names for one policy only, and handles any number of names', () => {
  const names = Array.from({ length: 3000 }, (_, index) => [`name_${index}`, 1]);
  const many = Object.fromEntries(names);
  const apply = compilePolicy(policy);

  expect(apply(event({ metadata: many })).ok).toBe(true);
  expect(apply(event({ metadata: { ...many, password: 1 } })).ok).toBe(false);
  expect(apply(event({ metadata: { ...many, password: 1 } })).ok).toBe(false);
});

it('accepts every event if it has no rule', () => {
  const given = event({ user_id: 'jane@example.com', metadata: { password: card } });

  expect(compilePolicy({})(given)).toEqual({ ok: true, event: given });
});
