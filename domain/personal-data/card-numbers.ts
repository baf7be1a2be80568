// Finds payment card numbers in a text: 13 to 19 digits, in groups or not, with one space or dash between groups, with
// the prefix and length of an issuer and a valid check digit (Luhn, ISO/IEC 7812). Until 2033, timestamps in
// milliseconds, microseconds and nanoseconds begin with 1, and no card does. Of other numbers of that length, a few in
// a hundred are taken for a card. Prefixes: https://en.wikipedia.org/wiki/Payment_card_number

import type { TextSpan } from './text-span.ts';

/** A string, or a text of a test that counts how often it is read. */
export type ReadableText = { readonly length: number; charCodeAt(index: number): number };

const minDigits = 13;
const maxDigits = 19;
const prefixDigits = 6;

type Issuer = {
  readonly name: string;
  /** Ranges of the first six digits, both ends included. */
  readonly prefixes: readonly (readonly [from: number, to: number])[];
  readonly lengths: readonly number[];
};

const issuers: readonly Issuer[] = [
  { name: 'Visa', prefixes: [[400000, 499999]], lengths: [13, 16, 19] },
  {
    name: 'Mastercard',
    prefixes: [
      [222100, 272099],
      [510000, 559999],
    ],
    lengths: [16],
  },
  {
    name: 'American Express',
    prefixes: [
      [340000, 349999],
      [370000, 379999],
    ],
    lengths: [15],
  },
  {
    name: 'Discover',
    prefixes: [
      [601100, 601199],
      [644000, 659999],
    ],
    lengths: [16, 17, 18, 19],
  },
  {
    name: 'Diners Club',
    prefixes: [
      [300000, 305999],
      [309500, 309599],
      [360000, 369999],
      [380000, 399999],
    ],
    lengths: [14, 16, 17, 18, 19],
  },
  { name: 'JCB', prefixes: [[352800, 358999]], lengths: [16, 17, 18, 19] },
  { name: 'UnionPay', prefixes: [[620000, 629999]], lengths: [16, 17, 18, 19] },
  {
    name: 'Maestro',
    prefixes: [
      [501800, 501899],
      [502000, 502099],
      [503800, 503899],
      [589300, 589399],
      [630400, 630499],
      [675900, 675999],
      [676100, 676399],
    ],
    lengths: [13, 14, 15, 16, 17, 18, 19],
  },
];

const couldBeIssued = (prefix: number, length: number): boolean =>
  issuers.some(
    ({ prefixes, lengths }) =>
      lengths.includes(length) && prefixes.some(([from, to]) => from <= prefix && prefix <= to),
  );

const zero = 0x30;
const isDigit = (code: number): boolean => code >= zero && code <= 0x39;
/** Space and hyphen, and what word processors turn them into: no-break space, no-break hyphen, en dash. */
const separators = new Set([0x20, 0x2d, 0xa0, 0x2011, 0x2013]);

/**
 * UUIDs, and ids and digests of 24 hex digits or more. They are no cards, but one UUID in 2,800, and one SHA-256 in as
 * many, contains digits that look like a card number.
 */
const machineIds =
  /[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}|(?<![0-9a-z])(?=[0-9]*[a-f])[0-9a-f]{24,}(?![0-9a-z])/gi;

const none: readonly TextSpan[] = [];

export function findCardNumbers(text: string): readonly TextSpan[] {
  const found = scanForCardNumbers(text);
  if (found.length === 0) return none;
  const withoutIds = text.replace(machineIds, ({ length }) => '_'.repeat(length));
  return withoutIds === text ? found : scanForCardNumbers(withoutIds);
}

export function scanForCardNumbers(text: ReadableText): readonly TextSpan[] {
  if (text.length < minDigits) return none;
  let found: TextSpan[] | undefined;
  let index = 0;
  while (index <= text.length - minDigits) {
    if (!isDigit(text.charCodeAt(index))) {
      index += 1;
      continue;
    }
    const end = isFraction(text, index) ? undefined : endOfCard(text, index);
    if (end !== undefined) {
      found ??= [];
      found.push({ start: index, end });
    }
    // Skips one group of digits, also after a match: a false match that begins too early must not hide a real card.
    while (index < text.length && isDigit(text.charCodeAt(index))) index += 1;
  }
  return found ?? none;
}

/** The end of the longest card number that begins at `start`. Reads at most 19 digits. */
function endOfCard(text: ReadableText, start: number): number | undefined {
  let end: number | undefined;
  let digits = 0;
  let prefix = 0;
  // Luhn doubles every second digit from the right. The end of the number is not known yet, so both sums are kept.
  let sumDoublingEven = 0;
  let sumDoublingOdd = 0;
  for (let index = start; index < text.length; index += 1) {
    const code = text.charCodeAt(index);
    if (!isDigit(code)) {
      if (separators.has(code) && isDigit(text.charCodeAt(index + 1))) continue;
      break;
    }
    if (digits === maxDigits) break;
    const digit = code - zero;
    const doubled = digit < 5 ? digit * 2 : digit * 2 - 9;
    sumDoublingEven += digits % 2 === 0 ? doubled : digit;
    sumDoublingOdd += digits % 2 === 0 ? digit : doubled;
    if (digits < prefixDigits) prefix = prefix * 10 + digit;
    digits += 1;
    const sum = digits % 2 === 0 ? sumDoublingEven : sumDoublingOdd;
    const groupEnds = !isDigit(text.charCodeAt(index + 1));
    if (groupEnds && sum % 10 === 0 && couldBeIssued(prefix, digits)) end = index + 1;
  }
  return end;
}

/** Digits after a decimal point are a fraction, never a card number. */
const isFraction = (text: ReadableText, start: number): boolean =>
  start >= 2 && text.charCodeAt(start - 1) === 0x2e && isDigit(text.charCodeAt(start - 2));
