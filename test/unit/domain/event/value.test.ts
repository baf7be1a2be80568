import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { decimalOf, isValue, scaledOf } from '../../../../domain/event/value.ts';

const bound = 10n ** 18n;

describe('a value', () => {
  it('of up to 15 digits is kept and summed exactly', () => {
    fc.assert(
      fc.property(fc.bigInt({ min: -(10n ** 15n) + 1n, max: 10n ** 15n - 1n }), (millionths) => {
        const value = Number(decimalOf(millionths));

        expect(isValue(value)).toBe(true);
        expect(scaledOf(value)).toBe(millionths);
      }),
    );
  });

  it('of more digits is the number that its double is written as, or none', () => {
    fc.assert(
      fc.property(fc.bigInt({ min: -bound + 1n, max: bound - 1n }), (millionths) => {
        const value = Number(decimalOf(millionths));
        fc.pre(isValue(value));

        expect(Number(decimalOf(scaledOf(value)))).toBe(value);
        expect(decimalOf(scaledOf(value))).toBe(String(value));
      }),
    );
  });

  it.each([
    [0n, '0'],
    [1n, '0.000001'],
    [-1_500_000n, '-1.5'],
    [100_000_000n, '100'],
    [12_345_678_901_234_567_890_123n, '12345678901234567.890123'],
  ])('sums of %d millionths are written as %s', (millionths, text) => {
    expect(decimalOf(millionths)).toBe(text);
  });

  it.each([0, -0, 0.000001, -0.000001, 19.99, 1e3, 999_999_999_999, -999_999_999_999, 999_999_999_999.5])(
    'may be %d',
    (value) => {
      expect(isValue(value)).toBe(true);
    },
  );

  it.each([
    1e12,
    -1e12,
    0.0000001,
    1.0000001,
    0.1 + 0.2,
    Number.NaN,
    Number.POSITIVE_INFINITY,
    5n,
    '5',
    null,
    true,
    {},
  ])('may not be %s', (value) => {
    expect(isValue(value)).toBe(false);
  });
});
