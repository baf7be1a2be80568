import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { isValue, scaledOf } from '../../../../domain/event/value.ts';

/** A number of millionths as a decimal. */
function decimalOf(millionths: bigint): string {
  const digits = String(millionths < 0n ? -millionths : millionths).padStart(7, '0');
  return `${millionths < 0n ? '-' : ''}${digits.slice(0, -6)}.${digits.slice(-6)}`;
}
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
        expect(decimalOf(scaledOf(value)).replace(/\.?0+$/, '')).toBe(String(value).replace(/\.0+$/, ''));
      }),
    );
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
