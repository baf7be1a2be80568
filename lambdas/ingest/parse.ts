// From the bytes of a body to a list of would-be events, at most as many as a batch may hold.

import { maxBatchEvents } from '../../domain/batch.ts';
import { problems } from '../../domain/problems.ts';
import { ProblemError } from '../shared/http.ts';
import type { Body } from './body.ts';

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
    throw new ProblemError('invalid_json', { detail: 'The body is not UTF-8.' });
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
      const detail = `Line ${line} could not be read as JSON. ${problems.invalid_json.detail}`;
      events.push(parse(json, { detail, line }));
    }
    start = end + 1;
  }
  return events;
}

function parse(json: string, extra: Readonly<Record<string, unknown>>): unknown {
  try {
    return JSON.parse(json);
  } catch {
    throw new ProblemError('invalid_json', extra);
  }
}
