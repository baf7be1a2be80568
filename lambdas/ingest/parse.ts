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

type Reviver = (key: string, value: unknown, context: { readonly source?: string }) => unknown;
/** TypeScript does not declare the third argument of a reviver yet. */
const parseWithSource = JSON.parse as (json: string, reviver: Reviver) => unknown;

/** Finds integers with so many digits. It also finds them inside strings, which costs only time. */
const longInteger = /[\s:,[](-?\d{16,})(?=[\s,\]}])/g;
const wholeNumber = /^-?\d+$/;

/** Whether a double would change the integer. One too large for a double becomes Infinity, which validation rejects. */
function losesDigits(digits: string): boolean {
  const value = Number(digits);
  return Number.isFinite(value) && !Number.isSafeInteger(value) && BigInt(digits) !== BigInt(value);
}

/**
 * An integer that a double cannot hold would be stored as another number. It becomes a bigint, which validation rejects
 * in every field. Nearly all bodies have none, and are parsed once, without the slow reviver.
 */
function readExactly(json: string): unknown {
  const value: unknown = JSON.parse(json);
  for (const [, digits = ''] of json.matchAll(longInteger)) {
    if (losesDigits(digits)) return parseWithSource(json, keepExact);
  }
  return value;
}

const keepExact: Reviver = (_key, value, { source = '' }) =>
  typeof value === 'number' && wholeNumber.test(source) && losesDigits(source) ? BigInt(source) : value;

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
