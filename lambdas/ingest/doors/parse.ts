// Parses the bytes of a body: a JSON document, or a list of them, one a line.

import { maxBatchEvents } from '../../../domain/event/batch.ts';
import { type HttpRequest, ProblemError } from '../../edge/http.ts';
import { type Body, tooLarge } from './body.ts';
import type { Door } from './door.ts';
import { replaceInexact } from './exact-numbers.ts';

function decode({ bytes }: Body): string {
  let text: string;
  try {
    text = new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    throw new ProblemError('invalid_json', { detail: 'The body is not UTF-8. Encode it as UTF-8.' });
  }
  if (text.trim() === '') throw new ProblemError('empty_body');
  return text;
}

export function parseEvents(door: Door, body: Body, request: HttpRequest): readonly unknown[] {
  const events = door.parse(body, request);
  if (events.length <= door.mostEvents) return events;
  throw tooLarge(door);
}

export const parseDocument = (body: Body): unknown => parse(decode(body), {});

/** Stops at the first event too many. Skips blank lines, such as the last one. */
export function parseLines(body: Body): readonly unknown[] {
  const text = decode(body);
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
