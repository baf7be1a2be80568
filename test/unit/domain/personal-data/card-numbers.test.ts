import { randomUUID } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { findCardNumbers, scanForCardNumbers } from '../../../../domain/personal-data/card-numbers.ts';

const found = (text: string) => findCardNumbers(text).map(({ start, end }) => text.slice(start, end));

/** Appends the check digit that makes Luhn valid. */
function withCheckDigit(digits: string): string {
  const sum = [...digits].toReversed().reduce((total, digit, index) => {
    const value = Number(digit) * (index % 2 === 0 ? 2 : 1);
    return total + (value > 9 ? value - 9 : value);
  }, 0);
  return digits + String((10 - (sum % 10)) % 10);
}

describe('finds the test numbers of issuers', () => {
  it.each([
    ['Visa', '4111111111111111'],
    ['Visa', '4012888888881881'],
    ['Visa of 13', '4222222222222'],
    ['Visa of 19', withCheckDigit('400000000000000000')],
    ['Mastercard', '5555555555554444'],
    ['Mastercard', '5105105105105100'],
    ['Mastercard of the second series', '2223003122003222'],
    ['Mastercard, first of the second series', withCheckDigit('222100000000000')],
    ['Mastercard, last of the second series', withCheckDigit('272099999999999')],
    ['American Express', '378282246310005'],
    ['American Express', '341111111111111'],
    ['Discover', '6011111111111117'],
    ['Discover', '6445644564456445'],
    ['Diners Club', '30569309025904'],
    ['Diners Club', '36227206271667'],
    ['Diners Club', '38520000023237'],
    ['JCB', '3530111333300000'],
    ['JCB', '3566002020360505'],
    ['UnionPay', '6200000000000005'],
    ['UnionPay of 19', '6205500000000000004'],
    ['Maestro', '6759649826438453'],
    ['Maestro', '6304000000000000'],
    ['Maestro of 13', withCheckDigit('501800000000')],
  ])('%s: %s', (_, number) => {
    expect(found(number)).toEqual([number]);
    expect(found(`Card ${number}, please.`)).toEqual([number]);
  });
});

it.each([
  ['4111 1111 1111 1111'],
  ['4111-1111-1111-1111'],
  ['4111\u00a01111\u00a01111\u00a01111'],
  ['3782 822463 10005'],
  ['4 1 1 1 1 1 1 1 1 1 1 1 1 1 1 1'],
])('finds groups with one space or dash between: %s', (number) => {
  expect(found(number)).toEqual([number]);
  expect(found(`card=${number};`)).toEqual([number]);
});

it.each([
  ['2024-01-01 4111 1111 1111 1111', '4111 1111 1111 1111'],
  ['12 31 4111111111111111', '4111111111111111'],
  ['4111111111111111 12/29 737', '4111111111111111'],
  ['order 1763720700000 4111111111111111', '4111111111111111'],
  ['card4111111111111111x', '4111111111111111'],
  ['1. 4111111111111111', '4111111111111111'],
  ['4111111111111111 5e1b2f6a-3c4d-4e5f-8a9b-0c1d2e3f4a5b', '4111111111111111'],
])('finds the number among other digits: %s', (text, number) => {
  expect(found(text)).toContain(number);
});

it('finds several numbers', () => {
  expect(found('4111111111111111,5555555555554444')).toEqual(['4111111111111111', '5555555555554444']);
});

describe('finds no card number in', () => {
  it.each([
    ['a wrong check digit', '4111111111111112'],
    ['two swapped digits', '4012888888881818'],
    ['twelve digits', '411111111113'],
    ['part of a longer run of digits', '41111111111111110'],
    ['part of a longer run of digits', '04111111111111111'],
    ['twenty digits and more', '4'.repeat(64)],
    ['a prefix that no issuer has', withCheckDigit('900000000000000')],
    ['a length that the issuer does not use', withCheckDigit('4000000000000')],
    ['the number before the second series of Mastercard', withCheckDigit('222099999999999')],
    ['the number after the second series of Mastercard', withCheckDigit('272100000000000')],
    ['two spaces between', '4111  1111 1111 1111'],
    ['space and dash between', '4111 -1111 1111 1111'],
    ['points between', '4111.1111.1111.1111'],
    ['letters between', '4111a1111a1111a1111'],
    ['a fraction', '0.4111111111111111'],
    ['a time in milliseconds', '1763720700000'],
    ['a time in microseconds', '1763720700000000'],
    ['a time in nanoseconds', '1763720700000000000'],
    ['a date and a time', '2026-11-21 10:25:00.000000'],
    ['a telephone number', '+44 20 7946 0958'],
    ['an IBAN', 'DE89 3704 0044 0532 0130 00'],
    ['a UUID', '32ccc468-3245-4471-89e3-f6e334da5c59'],
    ['an object id', '4314436542030dc73097ca57'],
    ['nothing', ''],
  ])('%s: %s', (_, text) => {
    expect(found(text)).toEqual([]);
  });

  it('any time from 2001 to 2033 in milliseconds, microseconds or nanoseconds', () => {
    const anyTimeMs = fc.integer({ min: 1e12, max: 2e12 - 1 });
    fc.assert(
      fc.property(anyTimeMs, fc.integer({ min: 0, max: 999 }), (timeMs, rest) => {
        const more = String(rest).padStart(3, '0');
        for (const time of [timeMs, `${timeMs}${more}`, `${timeMs}${more}${more}`]) {
          expect(found(String(time))).toEqual([]);
        }
      }),
    );
  });

  it('any UUID', () => {
    for (let count = 0; count < 20_000; count += 1) expect(found(randomUUID())).toEqual([]);
  });
});

it('finds the exact end of a number among any groups of digits', () => {
  const digits = fc.string({ unit: fc.constantFrom(...'0123456789'), minLength: 11, maxLength: 14 });
  fc.assert(
    fc.property(digits, fc.string(), fc.string(), (some, before, after) => {
      const number = withCheckDigit(`4${some.padEnd(14, '7').slice(0, 14)}`);
      expect(found(`${before.replaceAll(/\d/g, '')}|${number}|${after}`)).toContain(number);
    }),
  );
});

/** The longest number at each beginning of a group, by one look at each end. Only Visa's prefix and lengths. */
function visaNumbersIn(text: string): readonly string[] {
  const numbers: string[] = [];
  for (const { index } of text.matchAll(/(?<!\d)(?<!\d\.)4/g)) {
    const run = /^\d+(?:[ -]\d+)*/.exec(text.slice(index))?.[0] ?? '';
    const ends = [...run.matchAll(/\d(?!\d)/g)].map((digit) => digit.index + 1).toReversed();
    const candidates = ends.map((end) => run.slice(0, end));
    const longest = candidates.find((candidate) => {
      const digits = candidate.replace(/[ -]/g, '');
      return [13, 16, 19].includes(digits.length) && withCheckDigit(digits.slice(0, -1)) === digits;
    });
    if (longest !== undefined) numbers.push(longest);
  }
  return numbers;
}

it('finds in any groups of digits what a look at each end of each group finds', () => {
  const group = fc.stringMatching(/^4?[0-9]{1,6}$/);
  const separator = fc.constantFrom(' ', ' ', '-', '-', '', '  ', '.', 'x');
  // With enough digits that some end in a valid check digit.
  const texts = fc.array(fc.tuple(group, separator), { minLength: 3, maxLength: 16 });

  fc.assert(
    fc.property(texts, (parts) => {
      const text = `4000 ${parts.flat().join('')}`;
      const visa = scanForCardNumbers(text)
        .map(({ start, end }) => text.slice(start, end))
        .filter((number) => number.startsWith('4'));

      expect(visa).toEqual(visaNumbersIn(text));
    }),
    { numRuns: 2000, seed: 1 },
  );
});

describe('reads an adversarial text a bounded number of times', () => {
  /** A text that counts how often it is read. */
  function readsOf(text: string): number {
    let reads = 0;
    scanForCardNumbers({
      length: text.length,
      charCodeAt: (index) => {
        reads += 1;
        return text.charCodeAt(index);
      },
    });
    return reads;
  }
  const kib = 1024;

  it.each([
    ['4'],
    ['4 '],
    ['4-1 '],
    ['41 '],
    ['4111 '],
    ['4111111111111111 '],
    ['4111 1111 1111 1112-'],
    ['x'],
  ])('%j again and again', (unit) => {
    const text = (length: number) => unit.repeat(length / unit.length + 1).slice(0, length);

    expect(readsOf(text(16 * kib))).toBeLessThan(3 * 16 * kib);
    expect(readsOf(text(64 * kib)) / readsOf(text(16 * kib))).toBeLessThan(4.1);
  });
});
