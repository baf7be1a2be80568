// Answers summaries. What a summary holds and works is bounded for any account: see ADR 40.

import {
  type Bounds,
  boundsOf,
  isWindow,
  mostDays,
  type Summary,
  summarise,
  wholeHours,
  windows,
} from '../../domain/reading/summary.ts';
import { visibleBounds, visibleFromMs } from '../../domain/reading/visible.ts';
import { WindowCounts } from '../../domain/reading/window-counts.ts';
import { dayMs } from '../../domain/system/time.ts';
import { type Caller, fromContext } from '../edge/caller.ts';
import type { HttpRequest } from '../edge/http.ts';
import { queryOf, wrongParameter } from '../edge/query.ts';
import { readBounds, readFormat } from './bounds.ts';
import { type ReadWindowDeps, readWindow } from './read-window.ts';

export type SummaryQuestion = { readonly caller: Caller; readonly bounds: Bounds; readonly isCsv: boolean };

/** Throws if the request is wrong. */
export function readSummaryQuestion(request: HttpRequest, nowMs: number): SummaryQuestion {
  const caller = fromContext(request.requestContext.authorizer);
  const { window, from, to, format } = queryOf(request, 'GET /v1/accounts/{account_id}/summary');
  const isCsv = readFormat(format);
  const visible = (bounds: Bounds) => visibleBounds(bounds, visibleFromMs(caller, nowMs));
  if (from === undefined) {
    if (to !== undefined) throw wrongParameter('to', 'needs "from"');
    const name = window ?? '24h';
    if (!isWindow(name)) throw wrongParameter('window', `must be one of ${Object.keys(windows).join(', ')}`);
    return { caller, bounds: visible(boundsOf(name, nowMs)), isCsv };
  }
  if (window !== undefined) throw wrongParameter('window', 'must be absent where "from" is given');
  const bounds = wholeHours(readBounds({ from, ...(to !== undefined && { to }) }, nowMs));
  if (bounds.toMs - bounds.fromMs > mostDays * dayMs)
    throw wrongParameter('from', `must be at most ${mostDays} days before "to", in whole hours`);
  return { caller, bounds: visible(bounds), isCsv };
}

/** All that an answer depends on, but the tenant. */
export const nameOfSummary = ({ caller, bounds, isCsv }: SummaryQuestion): string =>
  `summary ${caller.mostSlots} ${bounds.fromMs} ${bounds.toMs} ${isCsv}`;

export async function readSummary(
  deps: ReadWindowDeps,
  { caller, bounds }: Pick<SummaryQuestion, 'bounds' | 'caller'>,
): Promise<Summary> {
  const counts = new WindowCounts();
  const read = await readWindow(deps, caller, bounds, counts);
  return summarise(caller.tenant, bounds, { counts: counts.merged, ...read });
}
