// What summaries and series have in common in their queries: the times, and the format of the answer.

import type { Bounds } from '../../domain/reading/summary.ts';
import { instantForms, parseInstant } from '../../domain/system/instants.ts';
import { wrongParameter } from '../edge/query.ts';

/** Until now, if `to` is absent. */
export function readBounds(
  { from, to }: { readonly from: string; readonly to?: string },
  nowMs: number,
): Bounds {
  const bounds = {
    fromMs: readInstant('from', from, nowMs),
    // This moment is in it.
    toMs: to === undefined ? nowMs + 1 : readInstant('to', to, nowMs),
  };
  if (bounds.fromMs >= bounds.toMs)
    throw wrongParameter('from', to === undefined ? 'must be in the past' : 'must be before "to"');
  return bounds;
}

export function readInstant(name: 'from' | 'to', text: string, nowMs: number): number {
  const instantMs = parseInstant(text, nowMs);
  if (instantMs === undefined) throw wrongParameter(name, `must be a time: ${instantForms}`);
  return instantMs;
}

/** Whether the answer is CSV. Without `format` it is JSON. */
export function readFormat(format = 'json'): boolean {
  if (format !== 'json' && format !== 'csv') throw wrongParameter('format', 'must be json or csv');
  return format === 'csv';
}
