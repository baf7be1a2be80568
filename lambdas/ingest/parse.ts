// Parses the bytes of a body into a list of values that may be events, at most as many as a batch may hold.

import { maxBatchEvents } from '../../domain/event/batch.ts';
import { ProblemError } from '../edge/http.ts';
import type { Body } from './body.ts';

export function parseEvents({ bytes, form }: Body): readonly unknown[] {
  const text = decode(bytes);
  if (text.trim() === '') throw new ProblemError('empty_body');
  const events = form === 'ndjson' ? parseLines(text) : parseDocument(text);
  if (events.length > maxBatchEvents) throw new ProblemError('batch_too_large');
  return events;
}

type Reviver = (this: unknown, key: string, value: unknown, context: { readonly source?: string }) => unknown;
/** TypeScript does not declare the third argument of a reviver yet. */
const parseWithSource = JSON.parse as (json: string, reviver: Reviver) => unknown;

/** Finds integers with so many digits. It also finds them inside strings, which costs only time. */
const longInteger = /[\s:,[](-?\d{16,})(?=[\s,\]}])/g;
/** Finds the values of events, and others that cost only time. A name with escapes may be `value` too. */
const valueNumber = /"value"\s*:\s*(-?\d[\d.eE+-]*)/g;
const fieldNumber = /:\s*(-?\d[\d.eE+-]*)/g;
const wholeNumber = /^-?\d+$/;

/** Whether a double would change the integer. One too large for a double becomes Infinity, which validation rejects. */
function losesDigits(digits: string): boolean {
  const value = Number(digits);
  return Number.isFinite(value) && !Number.isSafeInteger(value) && BigInt(digits) !== BigInt(value);
}

/** A double holds 15 digits. So few characters, with a point, have no more. */
const exactLength = 16;
/** Longer ones are not looked at: they would be zeros. */
const maxLength = 64;

/** Whether a double would change the number, also if that is no integer. */
const losesDecimals = (source: string): boolean =>
  (source.length > exactLength || /e/i.test(source)) &&
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

/**
 * A number that a double does not hold would be stored as another. If it is an integer or the value of an event, it
 * becomes a bigint, which validation rejects in every field. Nearly all bodies have none, and are parsed once, without
 * the slow reviver.
 */
function readExactly(json: string): unknown {
  const value: unknown = JSON.parse(json);
  return isLossy(json) ? parseExactly(json) : value;
}

function isLossy(json: string): boolean {
  for (const [, digits = ''] of json.matchAll(longInteger)) if (losesDigits(digits)) return true;
  const numbers = json.matchAll(json.includes('\\u') ? fieldNumber : valueNumber);
  for (const [, number = ''] of numbers) if (losesDecimals(number)) return true;
  return false;
}

/** A `value` within metadata is not summed, and becomes the nearest double as other numbers there. */
function parseExactly(json: string): unknown {
  const inexact = new Set<unknown>();
  const document = parseWithSource(json, function (key, value, { source = '' }) {
    if (typeof value !== 'number') return value;
    if (wholeNumber.test(source)) return losesDigits(source) ? BigInt(source) : value;
    if (key === 'value' && losesDecimals(source)) inexact.add(this);
    return value;
  });
  const events: readonly unknown[] = Array.isArray(document) ? document : [document];
  for (const event of events) if (inexact.has(event)) Object.assign(event as object, { value: 0n });
  return document;
}

function decode(bytes: Uint8Array): string {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    throw new ProblemError('invalid_json', { detail: 'The body is not UTF-8. Encode it as UTF-8.' });
  }
}

function parseDocument(text: string): readonly unknown[] {
  const document = parse(text, {});
  return Array.isArray(document) ? document : [document];
}

/** Stops at the first event too many. Skips blank lines, such as the last one. */
function parseLines(text: string): readonly unknown[] {
  const events: unknown[] = [];
  let line = 0;
  for (let start = 0; start < text.length && events.length <= maxBatchEvents; ) {
    const newline = text.indexOf('\n', start);
    const end = newline === -1 ? text.length : newline;
    const json = text.slice(start, end);
    line += 1;
    if (json.trim() !== '') {
      const detail = `Line ${line} is not valid JSON. Send one event object on each line.`;
      events.push(parse(json, { detail, line }));
    }
    start = end + 1;
  }
  return events;
}

function parse(json: string, extra: Readonly<Record<string, unknown>>): unknown {
  try {
    return readExactly(json);
  } catch (error) {
    // The reviver recurses as deep as the document is nested.
    const tooDeep = error instanceof RangeError && { detail: 'The body is nested too deeply. Flatten it.' };
    throw new ProblemError('invalid_json', { ...extra, ...tooDeep });
  }
}
