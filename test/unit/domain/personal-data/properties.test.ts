import fc from 'fast-check';
import { expect, it } from 'vitest';
import type { AcceptedEvent } from '../../../../domain/event/event.ts';
import { everyDetector, findsAny, findsAnyInNumber } from '../../../../domain/personal-data/detectors.ts';
import {
  compilePolicy,
  type PersonalDataPolicy,
  type PolicyAction,
} from '../../../../domain/personal-data/personal-data.ts';
import { event } from '../../../support/events.ts';

const all = (action: PolicyAction): PersonalDataPolicy => ({
  detectors: [
    { detect: 'email', action, in: ['metadata', 'user_id', 'service'] },
    { detect: 'card_number', action, in: ['metadata', 'user_id', 'service'] },
  ],
});

/** Texts full of personal data and near misses, in which matches touch and overlap. */
const anyText = fc
  .array(
    fc.oneof(
      fc.constantFrom(
        ...['jane@example.com', '@', '%40', 'example.com', '.', 'xn--p1.', 'x'.repeat(63), '\u{1f600}'],
        ...[
          '4111111111111111',
          '4111 1111 1111 1111',
          '4111 ',
          '1111',
          '411111111111111',
          ' ',
          '-',
          '0.',
          '2',
        ],
        ...[
          '1763720700000',
          '[redacted]',
          'f00dfacecafe4111111111111111',
          '32ccc468-3245-4471-89e3-f6e334da5c59',
        ],
      ),
      fc.string({ unit: 'grapheme', maxLength: 4 }),
    ),
    { maxLength: 8 },
  )
  .map((parts) => parts.join(''));

const anyName = fc.oneof(
  anyText,
  fc.constantFrom('__proto__', 'constructor', 'a', '[redacted]', '[redacted] 2'),
);
const anyNumber = fc.oneof(
  fc.double({ noNaN: true, noDefaultInfinity: true }),
  fc.constantFrom(4111111111111111, 378282246310005, 1763720700000, 2),
);

const { metadata: anyMetadata } = fc.letrec<{ value: unknown; metadata: Record<string, unknown> }>((tie) => ({
  value: fc.oneof(
    { depthSize: 'small' },
    anyText,
    anyNumber,
    fc.constantFrom(null, true),
    fc.array(tie('value'), { maxLength: 3 }),
    tie('metadata'),
  ),
  metadata: fc
    .array(fc.tuple(anyName, tie('value')), { maxLength: 4 })
    .map((entries) => Object.fromEntries(entries)),
}));

const anyEvent: fc.Arbitrary<AcceptedEvent> = fc
  .record({ user_id: anyText, service: anyText, metadata: anyMetadata })
  .map(event);

const holds = (value: unknown): boolean => {
  if (typeof value === 'string') return findsAny(value, everyDetector);
  if (typeof value === 'number') return findsAnyInNumber(value, everyDetector);
  if (typeof value !== 'object' || value === null) return false;
  if (Array.isArray(value)) return value.some(holds);
  return Object.entries(value).some(([name, inner]) => holds(name) || holds(inner));
};
const holdsIn = ({ user_id, service, metadata }: AcceptedEvent) => holds([user_id, service, metadata]);

const countFields = (value: unknown): number =>
  typeof value !== 'object' || value === null
    ? 1
    : Object.values(value).reduce<number>((sum, inner) => sum + countFields(inner), 1);

it('finds nothing in its own output, loses no field, and does not modify its input', () => {
  const apply = compilePolicy(all('redact'));
  fc.assert(
    fc.property(anyEvent, (given) => {
      const before = structuredClone(given);

      const outcome = apply(given);

      expect(given).toEqual(before);
      if (!outcome.ok) throw new Error(`It refused ${outcome.field}`);
      expect(holdsIn(outcome.event)).toBe(false);
      expect(countFields(outcome.event)).toBe(countFields(given));
      expect(outcome.event === given).toBe(!holdsIn(given));
      const again = apply(outcome.event);
      expect(again.ok && again.event).toBe(outcome.event);
    }),
    { numRuns: 500 },
  );
});

it('refuses exactly the events with personal data, and shows none of it', () => {
  const apply = compilePolicy(all('refuse'));
  fc.assert(
    fc.property(anyEvent, (given) => {
      const outcome = apply(given);

      expect(outcome.ok).toBe(!holdsIn(given));
      const field = outcome.ok ? 'service' : outcome.field;
      expect(outcome.ok ? outcome.event : given).toBe(given);
      expect(field).toMatch(/^(metadata\.|user_id$|service$)/);
      expect(field.length).toBeLessThanOrEqual(128);
      expect(holds(field.replace('metadata.', ''))).toBe(false);
    }),
    { numRuns: 500 },
  );
});

it('never shows the value of a refused field', () => {
  const apply = compilePolicy({ fields: [{ name: '*pass*', action: 'refuse' }] });
  fc.assert(
    fc.property(fc.uuid(), fc.array(fc.constantFrom('a', 'b', 0, 1), { maxLength: 6 }), (value, path) => {
      const forbidden: unknown = { pass_phrase: value, my_pass: [value] };
      const metadata = path.reduce<unknown>(
        (inner, step) => (typeof step === 'number' ? [inner] : { [step]: inner }),
        forbidden,
      );

      const outcome = apply(event({ user_id: value, metadata: { metadata } }));

      if (outcome.ok) throw new Error('It was not refused');
      expect(outcome.field).not.toContain(value);
      expect(outcome.field).toMatch(/\.pass_phrase$/);
    }),
  );
});
