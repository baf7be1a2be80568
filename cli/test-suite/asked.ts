// What a test suite asks the twin for: filters as GET /v1/events has them, and how long to wait.

import type { SearchFilter } from '../../domain/reading/search-filter.ts';
import { seedOfBatchId } from '../../domain/record/batch-id.ts';
import { instantForms, parseDuration, parseInstant } from '../../domain/system/instants.ts';
import { secondMs } from '../../domain/system/time.ts';
import { WrongUse } from '../errors.ts';

export class WrongFilter extends WrongUse {
  constructor(name: string, rule: string) {
    super(`The parameter "${name}" ${rule}.`, 'GET /_weir lists the pages with their parameters.');
  }
}

export type Asked = {
  readonly account?: string;
  readonly environment?: string;
  /** The beginning of its id. */
  readonly batch?: string;
  /** Received at this time or later. */
  readonly sinceMs: number;
  readonly limit: number;
  readonly event: SearchFilter;
  /** Whether something is asked of the event itself. */
  readonly asksEvent: boolean;
  /** Of what is bad. */
  readonly code?: string;
  readonly field?: string;
};

const eventNames = { type: 'type', service: 'service', user_id: 'userId', event_id: 'eventId' } as const;
const placeNames = ['account', 'environment', 'code', 'field'] as const;
const otherNames = ['batch_id', 'since', 'limit'] as const;
export const filterNames: readonly string[] = [...placeNames, ...Object.keys(eventNames), ...otherNames];
const metadataPrefix = 'metadata.';

export function readAsked(query: URLSearchParams, nowMs: number, further: readonly string[] = []): Asked {
  const known = [...filterNames, ...further];
  for (const name of query.keys()) {
    if (!known.includes(name) && !name.startsWith(metadataPrefix))
      throw new WrongFilter(name, `is unknown: there are ${known.join(', ')} and ${metadataPrefix}PATH`);
    if (query.getAll(name).length > 1) throw new WrongFilter(name, 'is given twice');
  }
  const metadata = [...query]
    .filter(([name]) => name.startsWith(metadataPrefix))
    .map(([name, value]) => ({ path: name.slice(metadataPrefix.length), value }));
  const named = Object.entries(eventNames).flatMap(([name, member]) => {
    const value = query.get(name);
    return value === null ? [] : [[member, value] as const];
  });
  const batchId = query.get('batch_id');
  return {
    ...Object.fromEntries(
      placeNames.flatMap((name) => {
        const value = query.get(name);
        return value === null ? [] : [[name, value]];
      }),
    ),
    ...(batchId !== null && { batch: seedOfBatchId(batchId) }),
    sinceMs: readSince(query.get('since'), nowMs),
    limit: readCount(query, 'limit', Number.MAX_SAFE_INTEGER),
    event: { ...Object.fromEntries(named), metadata },
    asksEvent: named.length + metadata.length > 0,
  };
}

function readSince(text: string | null, nowMs: number): number {
  if (text === null) return 0;
  const instantMs = parseInstant(text, nowMs);
  if (instantMs === undefined) throw new WrongFilter('since', `must be a time: ${instantForms}`);
  return instantMs;
}

export type AskedWait = Asked & { readonly count: number; readonly timeoutMs: number };

const usualWaitMs = 5 * secondMs;
const longestWaitMs = 60 * secondMs;

export function readWait(query: URLSearchParams, nowMs: number): AskedWait {
  const asked = readAsked(query, nowMs, ['count', 'timeout']);
  const text = query.get('timeout');
  const timeoutMs = text === null ? usualWaitMs : (readMilliseconds(text) ?? Number.NaN);
  if (!(timeoutMs <= longestWaitMs))
    throw new WrongFilter('timeout', 'must be at most 60s, such as 500ms, 5s or 1m');
  return { ...asked, count: readCount(query, 'count', 1), timeoutMs };
}

function readMilliseconds(text: string): number | undefined {
  const [, milliseconds] = /^(\d{1,6})ms$/.exec(text) ?? [];
  return milliseconds === undefined ? parseDuration(text) : Number(milliseconds);
}

function readCount(query: URLSearchParams, name: string, usual: number): number {
  const text = query.get(name);
  if (text === null) return usual;
  if (!/^\d{1,6}$/.test(text)) throw new WrongFilter(name, 'must be a whole number, at most 999999');
  return Number(text);
}
