// GET /v1/events and GET /v1/events/{event_id}: what of an account is stored and counted.

import { isEventId } from '../../domain/event/event-id.ts';
import { makeCursor, type SearchPlace } from '../../domain/reading/search-cursor.ts';
import { isMatch } from '../../domain/reading/search-filter.ts';
import { type ShownEvent, shownEvent } from '../../domain/reading/shown-event.ts';
import type { KnownPlatformKeys } from '../../domain/signing/port.ts';
import type { Clock } from '../../domain/system/port.ts';
import { fromContext } from '../edge/caller.ts';
import { type HttpRequest, ProblemError } from '../edge/http.ts';
import { queryOf } from '../edge/query.ts';
import { type FindEventDeps, findEvent } from './find-event.ts';
import { readSearchQuestion, type SearchQuestion } from './search/question.ts';
import { search } from './search/search.ts';
import type { SearchDeps } from './search/show-counted.ts';

export type EventsDeps = SearchDeps &
  FindEventDeps & {
    readonly platformKeys: KnownPlatformKeys;
    readonly clock: Pick<Clock, 'now'>;
  };

export type EventsFound = {
  readonly events: readonly ShownEvent[];
  /** False in a minute that holds more than one answer can read. */
  readonly in_order: boolean;
  readonly next_cursor?: string;
};

export async function readEvents(deps: EventsDeps, request: HttpRequest): Promise<EventsFound> {
  const nowMs = deps.clock.now();
  const question = await readSearchQuestion(deps.platformKeys, request, nowMs);
  const { eventId } = question.asked.filter;
  if (eventId !== undefined) return { events: await lookUp(deps, question, eventId), in_order: true };
  const { events, isInOrder, next } = await search(deps, question.asked, question.place);
  return {
    events: events.map(({ event, receivedAtMs }) => shownEvent(event, receivedAtMs)),
    in_order: isInOrder,
    ...(next && { next_cursor: await cursorOf(deps, question, next, nowMs) }),
  };
}

/** One event at most, without a search. */
async function lookUp(
  deps: EventsDeps,
  { caller, asked: { bounds, filter } }: SearchQuestion,
  eventId: string,
): Promise<readonly ShownEvent[]> {
  const found = isEventId(eventId) ? await findEvent(deps, caller, eventId) : undefined;
  const isWanted =
    found &&
    found.event.timestamp >= bounds.fromMs &&
    found.event.timestamp < bounds.toMs &&
    isMatch(found.event, filter);
  return isWanted ? [shownEvent(found.event, found.receivedAtMs)] : [];
}

async function cursorOf(
  { platformKeys }: EventsDeps,
  { asked, question }: SearchQuestion,
  place: SearchPlace,
  madeAtMs: number,
): Promise<string> {
  const key = await platformKeys.newest();
  // Whoever stored an event has made one.
  if (!key) throw new Error('There is no platform key to sign a cursor with.');
  const { bounds, slots, tenant } = asked;
  return makeCursor({ ...place, bounds, slots, madeAtMs, question }, tenant, key);
}

export async function readEvent(deps: EventsDeps, request: HttpRequest): Promise<ShownEvent> {
  const caller = fromContext(request.requestContext.authorizer);
  queryOf(request, 'GET /v1/events/{event_id}');
  const eventId = eventIdOf(request);
  const found = isEventId(eventId) ? await findEvent(deps, caller, eventId) : undefined;
  if (!found) throw new ProblemError('unknown_event');
  return shownEvent(found.event, found.receivedAtMs);
}

/** An id has no `%` of its own, so that one says that the client has encoded it. */
function eventIdOf({ pathParameters }: HttpRequest): string {
  const id = pathParameters?.event_id ?? '';
  try {
    return decodeURIComponent(id);
  } catch {
    throw new ProblemError('unknown_event');
  }
}
