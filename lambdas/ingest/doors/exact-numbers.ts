// Numbers of a JSON text that a double does not hold would be stored as others. Here they become `1e999`, which is parsed
// as infinity, which validation rejects in every field. One walk over the characters finds them, however many values the
// text has: a reviver of JSON.parse would be called for each.

import { maxBatchEvents } from '../../../domain/event/batch.ts';

const inexact = '1e999';

/** Nearly every text comes back as it is. The result is JSON if and only if the text is. */
export function replaceInexact(json: string): string {
  if (!mayBeInexact(json)) return json;
  const found = inexactNumbers(json);
  if (found.length === 0) return json;
  const pieces: string[] = [];
  let copied = 0;
  for (const { start, end } of found) {
    pieces.push(json.slice(copied, start), inexact);
    copied = end;
  }
  pieces.push(json.slice(copied));
  return pieces.join('');
}

/** An integer of 16 digits or more, or a value with an exponent or of 16 characters or more. In texts too, for nothing. */
const suspicious = /[\s:,[]-?\d{16}|"value"\s*:\s*(?:[\d.-]{16}|[\d.-]+e)/i;
/** A name with escapes may be `value`. */
const suspiciousWithEscapes = /[\s:,[]-?\d{16}|:\s*(?:[\d.-]{16}|[\d.-]+e)/i;

const mayBeInexact = (json: string): boolean =>
  (json.includes('\\u') ? suspiciousWithEscapes : suspicious).test(json);

type Span = { readonly start: number; readonly end: number };
const noText: Span = { start: 0, end: 0 };

const quote = 0x22;
const comma = 0x2c;
const minus = 0x2d;
const digitZero = 0x30;
const digitNine = 0x39;
const colon = 0x3a;
const openBracket = 0x5b;
const backslash = 0x5c;
const closeBracket = 0x5d;
const openBrace = 0x7b;
const closeBrace = 0x7d;

/** A number as JSON writes it. What only looks like one must stay, so that it is refused. */
const jsonNumber = /^-?(?:0|[1-9]\d*)(?:\.\d+)?(?:e[+-]?\d+)?$/i;

/**
 * In their order. Integers anywhere, and of each event its last `value`: one within metadata is not summed. None in a
 * batch with too many events, which is refused anyway.
 */
function inexactNumbers(json: string): readonly Span[] {
  const found: Span[] = [];
  const eventDepth = json.trimStart().startsWith('[') ? 2 : 1;
  let depth = 0;
  let text = noText;
  let isValue = false;
  /** Decided when its event ends: of several values of one event only the last counts, and a check costs a microsecond. */
  let lastValue: Span | undefined;
  let events = 0;
  let at = 0;
  while (at < json.length) {
    const char = json.charCodeAt(at);
    if (char === quote) {
      text = { start: at, end: endOfText(json, at) };
      at = text.end;
      continue;
    }
    if (char === minus || isDigit(char)) {
      const number = { start: at, end: endOfNumber(json, at) };
      if (number.end - at >= leastInexactDigits && isInteger(json, number)) {
        if (losesDigits(json.slice(at, number.end))) found.push(number);
      } else if (isValue && depth === eventDepth) lastValue = number;
      at = number.end;
      continue;
    }
    if (char === openBrace || char === openBracket) {
      depth += 1;
    } else if (char === closeBrace || char === closeBracket) {
      if (depth === eventDepth) {
        events += 1;
        if (events > maxBatchEvents) return [];
        if (lastValue && losesDecimals(json.slice(lastValue.start, lastValue.end))) found.push(lastValue);
        lastValue = undefined;
        isValue = false;
      }
      depth -= 1;
    } else if (depth === eventDepth) {
      if (char === colon) {
        isValue = isNameOfValue(json, text);
        if (isValue) lastValue = undefined;
        // A name has one colon in JSON. What is none may have half a million.
        text = noText;
      } else if (char === comma) isValue = false;
    }
    at += 1;
  }
  return found.sort((one, other) => one.start - other.start);
}

const isDigit = (char: number): boolean => char >= digitZero && char <= digitNine;

/** Past the closing quote of the text that begins at `start`. */
function endOfText(json: string, start: number): number {
  let at = start + 1;
  while (at < json.length) {
    const char = json.charCodeAt(at);
    if (char === quote) return at + 1;
    at += char === backslash ? 2 : 1;
  }
  return json.length;
}

/** Past the last of digits, sign, point and exponent. */
function endOfNumber(json: string, start: number): number {
  let at = start + 1;
  while (isOfNumber(json.charCodeAt(at))) at += 1;
  return at;
}

const point = 0x2e;
const plus = 0x2b;
const isOfNumber = (char: number): boolean =>
  isDigit(char) || char === point || char === plus || char === minus || isExponent(char);
const isExponent = (char: number): boolean => (char | 0x20) === 0x65;

function isInteger(json: string, { start, end }: Span): boolean {
  for (let at = start + 1; at < end; at += 1) if (!isDigit(json.charCodeAt(at))) return false;
  return true;
}

/** The name `value`, each of its letters as it is or escaped. */
const nameOfValue = /^"(?:v|\\u0076)(?:a|\\u0061)(?:l|\\u006[cC])(?:u|\\u0075)(?:e|\\u0065)"$/;
const shortestName = '"value"'.length;
const longestName = '"\\u0076\\u0061\\u006c\\u0075\\u0065"'.length;

const isNameOfValue = (json: string, { start, end }: Span): boolean =>
  end - start >= shortestName && end - start <= longestName && nameOfValue.test(json.slice(start, end));

/** Shorter integers are exact in a double. */
const leastInexactDigits = 16;

/** Whether a double would change the integer. One too large for a double is infinity as it is. */
function losesDigits(digits: string): boolean {
  const value = Number(digits);
  if (!Number.isFinite(value) || Number.isSafeInteger(value)) return false;
  return jsonNumber.test(digits) && BigInt(digits) !== BigInt(value);
}

/** A double holds 15 digits. So few characters, with a point, have no more. */
const exactLength = 16;
/** Longer ones are not looked at: they would be zeros. */
const maxLength = 64;

/** Whether a double would change the number, also if that is no integer. */
const losesDecimals = (source: string): boolean =>
  (source.length > exactLength || /e/i.test(source)) &&
  jsonNumber.test(source) &&
  (source.length > maxLength || decimalOf(source) !== decimalOf(String(Number(source))));

/** One spelling for all spellings of a number: its digits without zeros around them, and an exponent. */
function decimalOf(number: string): string {
  const [mantissa = '', exponent = '0'] = number.toLowerCase().split('e');
  const [whole = '', fraction = ''] = mantissa.replace('-', '').split('.');
  const digits = `${whole}${fraction}`.replace(/^0+/, '');
  const significant = digits.replace(/0+$/, '');
  if (significant === '') return '0';
  const sign = mantissa.startsWith('-') ? '-' : '';
  return `${sign}${significant}e${Number(exponent) - fraction.length + digits.length - significant.length}`;
}
