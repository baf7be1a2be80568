// Finds payment card numbers in a text: 13 to 19 digits, in groups or not, with one space or dash between groups, with
// the prefix and length of an issuer and a valid check digit (Luhn, ISO/IEC 7812). Until 2033, timestamps in
// milliseconds, microseconds and nanoseconds begin with 1, and no card does. Of other numbers of that length, a few in
// a hundred are taken for a card. Prefixes: https://en.wikipedia.org/wiki/Payment_card_number

import type { TextSpan } from './text-span.ts';

/** A string, or a text of a test that counts how often it is read. */
export type ReadableText = { readonly length: number; charCodeAt(index: number): number };

const minDigits = 13;
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

type PrefixRange = { readonly from: number; readonly to: number; readonly lengths: readonly number[] };

const prefixRanges: readonly PrefixRange[] = issuers.flatMap(({ prefixes, lengths }) =>
  prefixes.map(([from, to]) => ({ from, to, lengths })),
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
    const run = readRun(text, index);
    for (const span of cardsOf(run)) {
      found ??= [];
      found.push(span);
    }
    index = run.end;
  }
  return found ?? none;
}

/** Groups of digits with one separator between them. */
type Run = {
  readonly start: number;
  readonly end: number;
  readonly digits: readonly number[];
  /** Where each digit is in the text. */
  readonly places: readonly number[];
};

function readRun(text: ReadableText, start: number): Run {
  const digits: number[] = [];
  const places: number[] = [];
  let index = start;
  // Digits after a decimal point are a fraction, never the beginning of a card number.
  if (isFraction(text, start)) while (index < text.length && isDigit(text.charCodeAt(index))) index += 1;
  for (; index < text.length; index += 1) {
    const code = text.charCodeAt(index);
    if (isDigit(code)) {
      digits.push(code - zero);
      places.push(index);
    } else if (!separators.has(code) || !isDigit(text.charCodeAt(index + 1))) break;
  }
  return { start, end: index, digits, places };
}

/** At each beginning of a group: a false match that begins too early must not hide a real card. */
function cardsOf({ digits, places }: Run): readonly TextSpan[] {
  if (digits.length < minDigits) return none;
  const beginsGroup = (at: number) => at === 0 || places[at] !== (places[at - 1] ?? 0) + 1;
  const luhn = new LuhnSums(digits);
  const found: TextSpan[] = [];
  for (let from = 0; from <= digits.length - minDigits; from += 1) {
    if (!beginsGroup(from)) continue;
    let longest: number | undefined;
    const lengths = lengthsOf(prefixAt(digits, from));
    for (const length of lengths) {
      const to = from + length;
      if (to <= digits.length && (to === digits.length || beginsGroup(to)) && luhn.isValid(from, to))
        longest = to;
    }
    if (longest !== undefined) found.push({ start: places[from] ?? 0, end: (places[longest - 1] ?? 0) + 1 });
  }
  return found;
}

function prefixAt(digits: readonly number[], from: number): number {
  let prefix = 0;
  for (let at = from; at < from + prefixDigits; at += 1) prefix = prefix * 10 + (digits[at] ?? 0);
  return prefix;
}

/** In rising order. */
function lengthsOf(prefix: number): readonly number[] {
  for (const { from, to, lengths } of prefixRanges) if (from <= prefix && prefix <= to) return lengths;
  return [];
}

/** Of all digits up to each place, so that the sum of a number within them is a difference. */
class LuhnSums {
  readonly #doublingEven: Int32Array;
  readonly #doublingOdd: Int32Array;

  constructor(digits: readonly number[]) {
    this.#doublingEven = new Int32Array(digits.length + 1);
    this.#doublingOdd = new Int32Array(digits.length + 1);
    digits.forEach((digit, at) => {
      const doubled = digit < 5 ? digit * 2 : digit * 2 - 9;
      const isEven = at % 2 === 0;
      this.#doublingEven[at + 1] = (this.#doublingEven[at] ?? 0) + (isEven ? doubled : digit);
      this.#doublingOdd[at + 1] = (this.#doublingOdd[at] ?? 0) + (isEven ? digit : doubled);
    });
  }

  /** Every second digit is doubled, from the one before the last. */
  isValid(from: number, to: number): boolean {
    const sums = to % 2 === 0 ? this.#doublingEven : this.#doublingOdd;
    return ((sums[to] ?? 0) - (sums[from] ?? 0)) % 10 === 0;
  }
}

const isFraction = (text: ReadableText, start: number): boolean =>
  start >= 2 && text.charCodeAt(start - 1) === 0x2e && isDigit(text.charCodeAt(start - 2));
