// GET /v1/rejections: what was rejected of the caller's account and environment, by code, field, API key and client.

import { mostDays } from '../../domain/reading/summary.ts';
import type { RejectionRange, Rejections } from '../../domain/rejections/port.ts';
import {
  listRejections,
  namesListed,
  type RejectionFilter,
  type RejectionsAnswer,
  rejectionsAnswer,
} from '../../domain/rejections/rejections-answer.ts';
import type { Clock } from '../../domain/system/port.ts';
import { dayMs, floorTo, hourMs } from '../../domain/system/time.ts';
import { fromContext } from '../edge/caller.ts';
import type { HttpRequest } from '../edge/http.ts';
import { queryOf, wrongParameter } from '../edge/query.ts';
import { readBounds } from './bounds.ts';

export type RejectionsDeps = {
  readonly rejections: Pick<Rejections, 'hours' | 'samples'>;
  readonly clock: Pick<Clock, 'now'>;
};

/** Today and the days before. */
const usualDays = 30;

const parameters = ['from', 'to', 'code', 'field', 'key_id', 'client'] as const;

export async function readRejections(
  { rejections, clock }: RejectionsDeps,
  request: HttpRequest,
): Promise<RejectionsAnswer> {
  const { tenant } = fromContext(request.requestContext.authorizer);
  const nowMs = clock.now();
  const { from, to, key_id, code, field, client } = queryOf(request, ...parameters);
  const range = readRange({ from, to }, nowMs);
  const filter: RejectionFilter = {
    ...(code !== undefined && { code }),
    ...(field !== undefined && { field }),
    ...(key_id !== undefined && { keyId: key_id }),
    ...(client !== undefined && { client }),
  };
  const read = await rejections.hours(tenant, range, nowMs);
  const listed = listRejections(read, range, filter);
  const samples = await rejections.samples(tenant, namesListed(listed), nowMs);
  return rejectionsAnswer(tenant, listed, samples, read.fromMs === range.fromMs);
}

type Asked = { readonly from: string | undefined; readonly to: string | undefined };

/** Whole hours. */
function readRange({ from, to }: Asked, nowMs: number): RejectionRange {
  if (to !== undefined && from === undefined) throw wrongParameter('to', 'needs "from"');
  const bounds =
    from === undefined
      ? { fromMs: floorTo(nowMs, dayMs) - (usualDays - 1) * dayMs, toMs: nowMs + 1 }
      : readBounds({ from, ...(to !== undefined && { to }) }, nowMs);
  const range = {
    fromMs: floorTo(bounds.fromMs, hourMs),
    toMs: Math.ceil(bounds.toMs / hourMs) * hourMs,
  };
  if (range.toMs - range.fromMs > mostDays * dayMs + hourMs)
    throw wrongParameter('from', `must be at most ${mostDays} days before "to"`);
  return range;
}
