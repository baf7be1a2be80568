// Bodies of the greatest size that are as dear to read as we could make them.

import { maxBatchBytes } from '../../domain/event/batch.ts';
import { batchOf } from './batches.ts';

const lossy = '12345678901234567890';

const filled = (start: string, unit: (index: number) => string, end: string): string => {
  const units: string[] = [];
  let bytes = start.length + end.length;
  for (let index = 0; ; index += 1) {
    const next = unit(index);
    bytes += next.length;
    if (bytes > maxBatchBytes) return start + units.join('') + end;
    units.push(next);
  }
};

/** 500 events that together are nearly as large as a batch may be. */
export function usualBody(nowMs: number): string {
  const events = batchOf(500, nowMs) as readonly { readonly metadata: object }[];
  const spare = Math.floor((maxBatchBytes - JSON.stringify(events).length) / events.length) - 20;
  return JSON.stringify(
    events.map((event) => ({ ...event, metadata: { ...event.metadata, note: 'n'.repeat(spare) } })),
  );
}

/** If what is rejected is kept: so it is searched for secrets. */
export const hostileIfKept: Readonly<Record<string, () => string>> = {
  'almost secrets that are kept': () => {
    const event = `{"a":"${'eyJ_'.repeat(8_000)}"}`;
    return `[${Array(15).fill(event).join(',')}]`;
  },
  'almost secrets in one event': () => filled('[{"a":"', () => 'eyJ_', '"}]'),
  'almost credentials that are kept': () => {
    const event = `{"a":"${'basic '.repeat(5_000)}"}`;
    return `[${Array(15).fill(event).join(',')}]`;
  },
};

export const hostileBodies: Readonly<Record<string, () => string>> = {
  'ones and a long integer': () => filled('[{"type":"t","metadata":{"a":[', () => '1,', `${lossy}]}}]`),
  'ones in 15 events that are valid': () => {
    const event = `{"type":"t","metadata":{"a":[${'1,'.repeat(16_000)}1]}}`;
    return `[${Array(15).fill(event).join(',')}]`;
  },
  'the same with a long integer each': () => {
    const event = `{"type":"t","metadata":{"a":[${'1,'.repeat(16_000)}${lossy}]}}`;
    return `[${Array(15).fill(event).join(',')}]`;
  },
  'long integers': () => filled('[{"a":[', () => `${lossy},`, '1]}]'),
  'long integers that are exact': () => filled('[{"a":[', () => '1152921504606846976,', '1]}]'),
  'integers of 300 digits': () => filled('[{"a":[', () => `${'1'.repeat(300)},`, '1]}]'),
  'values with exponents': () => filled('[{', () => '"value":1e1,', '"a":1}]'),
  'names with escapes': () => filled('[{"\\u0061":1,', () => '"":1e1,', '"a":1}]'),
  'names with escapes that are none': () => filled('[{', () => '"\\a":1,', `"b":${lossy}}]`),
  'colons after one name': () => filled('[{"\\alues"', () => ':', `"b":${lossy}}]`),
  'empty texts': () => filled('[{"a":[', () => '"",', `${lossy}]}]`),
  'escaped quotes': () => filled('[{"a":"', () => '\\"', `","b":${lossy}}]`),
  'empty objects': () => filled('[{"a":[', () => '{},', `${lossy}]}]`),
  'empty arrays': () => filled('[{"a":[', () => '[],', `${lossy}]}]`),
  'names that all differ': () => filled('[{"type":"t",', (index) => `"k${index}":1,`, `"a":${lossy}}]`),
  'names that all differ in 15 valid events': () => {
    const names = (event: number) => Array.from({ length: 2700 }, (_, index) => `"k${event}x${index}":1`);
    const events = Array.from(
      { length: 15 },
      (_, event) => `{"type":"t","metadata":{${names(event).join(',')}}}`,
    );
    return `[${events.join(',')}]`;
  },
  'numbers for names': () =>
    filled('[{', (index) => `"${(index * 7919) % 4_294_967_290}":1,`, `"a":${lossy}}]`),
  'events past the limit': () => filled('[', () => '{"value":1e1},', '1]'),
  'deep arrays': () => filled('', () => '[', '').slice(0, maxBatchBytes / 2) + ']'.repeat(maxBatchBytes / 2),
};
