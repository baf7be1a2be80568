// The question of GET /v1/events: its parameters, and its cursor, which must be of the same question.

import { newestMs } from '../../../domain/event/time-bounds.ts';
import {
  cursorLifeMs,
  keyNumberOfCursor,
  questionOf,
  readCursor,
  type SearchPlace,
} from '../../../domain/reading/search-cursor.ts';
import {
  type MetadataEquality,
  mostMetadataEqualities,
  mostPathParts,
} from '../../../domain/reading/search-filter.ts';
import {
  firstPosition,
  isSearchOrder,
  nextInstant,
  searchOrders,
} from '../../../domain/reading/search-order.ts';
import { visibleBounds, visibleFromMs } from '../../../domain/reading/visible.ts';
import type { KnownPlatformKeys } from '../../../domain/signing/port.ts';
import { type Caller, fromContext } from '../../edge/caller.ts';
import type { HttpRequest } from '../../edge/http.ts';
import { queryOf, wrongParameter } from '../../edge/query.ts';
import { readInstant } from '../bounds.ts';
import type { SearchOf } from './show-counted.ts';

const ofMetadata = 'metadata.';
const longestText = 512;
export const limits = { usual: 100, most: 1000 } as const;

export type SearchQuestion = {
  readonly caller: Caller;
  readonly asked: SearchOf;
  readonly place: SearchPlace;
  /** A digest of the parameters: a cursor is of one question. */
  readonly question: string;
};

/** Throws if the request is wrong. */
export async function readSearchQuestion(
  platformKeys: Pick<KnownPlatformKeys, 'find'>,
  request: HttpRequest,
  nowMs: number,
): Promise<SearchQuestion> {
  const caller = fromContext(request.requestContext.authorizer);
  const { query, metadata } = searchQueryOf(request);
  const { from, to, type, service, user_id, event_id, order = 'desc', limit, cursor: text } = query;
  if (!isSearchOrder(order)) throw wrongParameter('order', `must be one of ${searchOrders.join(', ')}`);
  const filter = {
    ...(type !== undefined && { type }),
    ...(service !== undefined && { service }),
    ...(user_id !== undefined && { userId: user_id }),
    ...(event_id !== undefined && { eventId: event_id }),
    metadata,
  };
  const asked = { tenant: caller.tenant, order, filter, limit: readLimit(limit) };
  const { cursor: _cursor, limit: _limit, ...ofQuestion } = query;
  const named = metadata.map(({ path, value }) => [`${ofMetadata}${path}`, value] as const);
  const question = questionOf({ ...ofQuestion, order, ...Object.fromEntries(named) });
  const visibleMs = visibleFromMs(caller, nowMs);
  if (text === undefined) {
    const given = {
      fromMs: from === undefined ? 0 : readInstant('from', from, nowMs),
      // Events may be so far ahead.
      toMs: to === undefined ? nowMs + newestMs + 1 : readInstant('to', to, nowMs),
    };
    if (given.fromMs >= given.toMs)
      throw wrongParameter('from', to === undefined ? 'must be in the past' : 'must be before "to"');
    const bounds = visibleBounds(given, visibleMs);
    const place = { position: firstPosition(order, bounds) };
    return { caller, asked: { ...asked, bounds, slots: caller.mostSlots }, place, question };
  }
  const { slots, bounds: before, ...left } = await openCursor(platformKeys, caller, text, question, nowMs);
  const bounds = visibleBounds(before, visibleMs);
  const { position } = left;
  // Of a minute that was hidden meanwhile nothing is left to read.
  const place = nextInstant(order, position) < visibleMs ? { position } : left;
  // An instance may not know of all slots yet.
  return { caller, asked: { ...asked, bounds, slots: Math.max(slots, caller.mostSlots) }, place, question };
}

function searchQueryOf(request: HttpRequest) {
  const all = Object.entries(request.multiValueQueryStringParameters ?? {});
  const isOfMetadata = ([name]: (typeof all)[number]) => name.startsWith(ofMetadata);
  const others = Object.fromEntries(all.filter((each) => !isOfMetadata(each)));
  const query = queryOf({ multiValueQueryStringParameters: others }, 'GET /v1/events');
  const metadata = all.filter(isOfMetadata).map(([name, values]): MetadataEquality => {
    const path = name.slice(ofMetadata.length);
    if (path === '' || name.length > longestText)
      throw wrongParameter(name, 'must name a field of metadata, such as metadata.plan');
    if (path.split('.').length > mostPathParts)
      throw wrongParameter(name, `must have ${mostPathParts} parts at most`);
    if (values?.length !== 1) throw wrongParameter(name, 'must be given once');
    return { path, value: readText(name, String(values[0])) };
  });
  if (metadata.length > mostMetadataEqualities)
    throw wrongParameter('metadata', `can be asked for by ${mostMetadataEqualities} fields at most`);
  for (const name of ['type', 'service', 'user_id', 'event_id'] as const) {
    const text = query[name];
    if (text !== undefined) readText(name, text);
  }
  return { query, metadata };
}

function readText(name: string, text: string): string {
  if (text === '' || text.length > longestText)
    throw wrongParameter(name, `must have 1 to ${longestText} characters`);
  return text;
}

function readLimit(text?: string): number {
  if (text === undefined) return limits.usual;
  const limit = Number(text);
  if (!/^\d{1,4}$/.test(text) || limit < 1 || limit > limits.most)
    throw wrongParameter('limit', `must be a number from 1 to ${limits.most}`);
  return limit;
}

async function openCursor(
  platformKeys: Pick<KnownPlatformKeys, 'find'>,
  { tenant }: Caller,
  text: string,
  question: string,
  nowMs: number,
) {
  const number = keyNumberOfCursor(text);
  const key = number === undefined ? undefined : await platformKeys.find(number);
  const cursor = key && readCursor(text, tenant, key.secret);
  if (!cursor) throw wrongParameter('cursor', 'is none that was given to you: begin again without it');
  if (nowMs > cursor.madeAtMs + cursorLifeMs)
    throw wrongParameter('cursor', 'has expired after 24 hours: begin again without it');
  if (cursor.question !== question)
    throw wrongParameter('cursor', 'is of other parameters: all but "limit" must stay as they were');
  return cursor;
}
