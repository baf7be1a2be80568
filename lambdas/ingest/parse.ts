// Parses the bytes of a body into a list of values that may be events, at most as many as a batch may hold.

import { maxBatchEvents } from '../../domain/event/batch.ts';
import { ProblemError } from '../edge/http.ts';
import type { Body } from './body.ts';
import { replaceInexact } from './exact-numbers.ts';

export function parseEvents({ bytes, form }: Body): readonly unknown[] {
  const text = decode(bytes);
  if (text.trim() === '') throw new ProblemError('empty_body');
  const events = form === 'ndjson' ? parseLines(text) : parseDocument(text);
  if (events.length > maxBatchEvents) throw new ProblemError('batch_too_large');
  return events;
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
    return JSON.parse(replaceInexact(json));
  } catch {
    throw new ProblemError('invalid_json', extra);
  }
}
