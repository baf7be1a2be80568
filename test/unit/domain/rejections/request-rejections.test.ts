import fc from 'fast-check';
import { expect, it } from 'vitest';
import {
  isRequestRejections,
  maxRejectionsBytes,
  type Rejected,
  rejectionsOf,
} from '../../../../domain/rejections/request-rejections.ts';

const sender = { keyId: 'abcdefabcdef', client: 'curl/8.5.0' };
const ways = {
  hide: (text: string) => text.replaceAll('secret', '*'),
  sample: (index: number) => `{"index":${index}}`,
};
const missing = (field: string): Rejected => ({
  code: 'missing_field',
  field,
  message: `${field} is missing`,
});

it('counts by code and field, and shows the first of each', () => {
  const rejected = [
    missing('type'),
    { code: 'not_an_object', message: 'no object' } as const,
    missing('type'),
  ];

  expect(rejectionsOf(rejected, sender, ways)).toEqual({
    ...sender,
    counts: [
      { code: 'missing_field', field: 'type', count: 2 },
      { code: 'not_an_object', field: '', count: 1 },
    ],
    samples: [
      { code: 'missing_field', field: 'type', message: 'type is missing', event: '{"index":0}' },
      { code: 'not_an_object', field: '', message: 'no object', event: '{"index":1}' },
    ],
  });
});

it('names of fields are hidden before they are counted', () => {
  const { counts, samples } = rejectionsOf([missing('a secret')], sender, ways);

  expect([...counts, ...samples].map(({ field }) => field)).toEqual(['a *', 'a *']);
  expect(samples[0]?.message).toBe('a * is missing');
});

const rejected = fc.array(
  fc.record({
    code: fc.constantFrom('missing_field', 'unknown_field', 'invalid_field', 'duplicate_in_batch'),
    field: fc.oneof(fc.constantFrom('type', 'metadata'), fc.string({ maxLength: 300, unit: 'binary' })),
    message: fc.string({ maxLength: 900, unit: 'binary' }),
  }) as fc.Arbitrary<Rejected>,
  { maxLength: 500, size: 'max' },
);

it('whatever is rejected, each is counted under its code, and the whole stays within its bounds', () => {
  fc.assert(
    fc.property(rejected, fc.string({ maxLength: 3000, unit: 'binary' }), (list, text) => {
      const long = { hide: (field: string) => field, sample: () => undefined };
      const made = rejectionsOf(list, { keyId: text, client: text }, long);

      const byCode = (of: readonly { code: string; count?: number }[]) =>
        Object.fromEntries(
          [...Map.groupBy(of, ({ code }) => code)]
            .map(([code, each]) => [code, each.reduce((sum, { count = 1 }) => sum + count, 0)] as const)
            .toSorted(),
        );
      expect(byCode(made.counts)).toEqual(byCode(list));
      expect(isRequestRejections(JSON.parse(JSON.stringify(made)))).toBe(true);
      expect(JSON.stringify(made).length * 3).toBeLessThan(maxRejectionsBytes);
    }),
    { numRuns: 60, seed: 21 },
  );
});

it.each([
  ['no object', null],
  ['no lists', sender],
  ['a count of nothing', { ...sender, counts: [{ code: 'c', field: '', count: 0 }], samples: [] }],
  ['a long field', { ...sender, counts: [{ code: 'c', field: 'x'.repeat(129), count: 1 }], samples: [] }],
  [
    'an event that is no text',
    { ...sender, counts: [], samples: [{ code: 'c', field: '', message: '', event: {} }] },
  ],
])('what has %s is none', (_, value) => {
  expect(isRequestRejections(value)).toBe(false);
});
