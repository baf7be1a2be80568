// GET /v1/rejections: what was rejected of the caller's account and environment, by code, field, API key and client. And
// GET /v1/rejections/events: the rejected events themselves, if the account keeps them.

import { mostDays } from '../../domain/reading/summary.ts';
import { receivedAtOfBatchId } from '../../domain/record/batch-id.ts';
import { lastInstantMs, rejectionsPart } from '../../domain/record/envelope.ts';
import { recordId, splitRecordId } from '../../domain/record/record-id.ts';
import type { KeptPlace, RejectionRange, Rejections } from '../../domain/rejections/port.ts';
import {
  type KeptAnswer,
  keptAnswer,
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
  readonly rejections: Pick<Rejections, 'hours' | 'kept' | 'samples'>;
  readonly clock: Pick<Clock, 'now'>;
};

/** Today and the days before. */
const usualDays = 30;

export async function readRejections(
  { rejections, clock }: RejectionsDeps,
  request: HttpRequest,
): Promise<RejectionsAnswer> {
  const { tenant } = fromContext(request.requestContext.authorizer);
  const nowMs = clock.now();
  const { from, to, key_id, code, field, client } = queryOf(request, 'GET /v1/rejections');
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

export const usualRequests = 20;
export const mostRequests = 100;

export async function readKeptEvents(
  { rejections, clock }: RejectionsDeps,
  request: HttpRequest,
): Promise<KeptAnswer> {
  const { tenant } = fromContext(request.requestContext.authorizer);
  const { limit, cursor } = queryOf(request, 'GET /v1/rejections/events');
  const before = cursor === undefined ? undefined : placeOfCursor(cursor);
  const page = { most: readLimit(limit), ...(before && { before }) };
  const { requests, next } = await rejections.kept(tenant, page, clock.now());
  return keptAnswer(tenant, requests, next && splitRecordId(next.record).seed);
}

function readLimit(text = String(usualRequests)): number {
  const limit = /^\d{1,3}$/.test(text) ? Number(text) : 0;
  if (limit < 1 || limit > mostRequests)
    throw wrongParameter('limit', `must be a whole number from 1 to ${mostRequests}`);
  return limit;
}

/** It names a request, and so a place among those of the caller: one of another account is a place as any other. */
function placeOfCursor(cursor: string): KeptPlace {
  const receivedAtMs = /^[A-Za-z0-9_-]{20}$/.test(cursor) ? receivedAtOfBatchId(cursor) : undefined;
  if (receivedAtMs === undefined || receivedAtMs > lastInstantMs)
    throw wrongParameter('cursor', 'must be a "next_cursor" of an answer before');
  return { record: recordId(cursor, rejectionsPart), receivedAtMs };
}
