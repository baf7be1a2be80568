// From the bytes of a body to a list of would-be events, at most as many as a batch may hold.

import { maxBatchEvents } from '../../domain/batch.ts';
import { ProblemError } from '../shared/http.ts';
import type { Body } from './body.ts';

export function parseEvents({ bytes, form }: Body): readonly unknown[] {
  const text = decode(bytes);
  if (text.trim() === '') throw new ProblemError('empty_body');
  const events = form === 'ndjson' ? parseLines(text) : parseDocument(text);
  if (events.length > maxBatchEvents) throw new ProblemError('batch_too_large');
  return events;
}

type Reviver = (key: string, value: unknown, context: { readonly source?: string }) => unknown;
/** The types of the language do not know the context of a reviver yet. */
const parseWithSource = JSON.parse as (json: string, reviver: Reviver) => unknown;

/** Where a number of so many digits may begin: the slower way to read JSON is for bodies that have one. */
const longNumber = /[\s:,[]-?\d{16}/;

const wholeNumber = /^-?\d+$/;

/**
 * An integer that a double cannot hold would be stored as another one. It is handed on as a bigint, which no field of
 * an event may be.
 */
const keepExact: Reviver = (_key, value, { source }) => {
  if (typeof value !== 'number' || Number.isSafeInteger(value) || !Number.isFinite(value)) return value;
  if (source === undefined || !wholeNumber.test(source)) return value;
  const sent = BigInt(source);
  return sent === BigInt(value) ? value : sent;
};

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

/** Line by line, and not one more than shows that there are too many. Blank lines, as at the end, are no events. */
function parseLines(text: string): readonly unknown[] {
  const events: unknown[] = [];
  let line = 0;
  for (let start = 0; start < text.length && events.length <= maxBatchEvents; ) {
    const newline = text.indexOf('\n', start);
    const end = newline === -1 ? text.length : newline;
    const json = text.slice(start, end);
    line += 1;
    if (json.trim() !== '') {
      const detail = `Line ${line} could not be read as JSON. Send one event object a line.`;
      events.push(parse(json, { detail, line }));
    }
    start = end + 1;
  }
  return events;
}

function parse(json: string, extra: Readonly<Record<string, unknown>>): unknown {
  try {
    return longNumber.test(json) ? parseWithSource(json, keepExact) : JSON.parse(json);
  } catch {
    throw new ProblemError('invalid_json', extra);
  }
}
