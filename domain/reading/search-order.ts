// The order of a search, and a position in it. Events are ordered by time, and those of one instant by their ids; the newest
// first is the same order from its other end.

import type { AcceptedEvent } from '../event/event.ts';
import type { Bounds } from './summary.ts';

export const searchOrders = ['desc', 'asc'] as const;
/** `desc`: the newest first. */
export type SearchOrder = (typeof searchOrders)[number];
export const isSearchOrder = (text: string): text is SearchOrder =>
  searchOrders.some((order) => order === text);

/** Everything up to here has been answered. Without an id: all events of this instant. */
export type SearchPosition = { readonly timestamp: number; readonly eventId?: string };

type Ordered = Pick<AcceptedEvent, 'timestamp' | 'event_id'>;

/** Rises along the order, whichever it is. The rank of a rank is the time again. */
export const rankOf = (order: SearchOrder, timestamp: number): number =>
  order === 'asc' ? timestamp : -timestamp;

export function compareIn(order: SearchOrder, one: Ordered, other: Ordered): number {
  const byTime = rankOf(order, one.timestamp) - rankOf(order, other.timestamp);
  if (byTime !== 0) return byTime;
  const byId = one.event_id < other.event_id ? -1 : one.event_id > other.event_id ? 1 : 0;
  return order === 'asc' ? byId : -byId;
}

export function isAfter(order: SearchOrder, event: Ordered, position: SearchPosition): boolean {
  const { timestamp, eventId } = position;
  if (event.timestamp !== timestamp) return rankOf(order, event.timestamp) > rankOf(order, timestamp);
  return eventId !== undefined && compareIn(order, event, { timestamp, event_id: eventId }) > 0;
}

export const positionAt = ({ timestamp, event_id }: Ordered): SearchPosition => ({
  timestamp,
  eventId: event_id,
});

/** Where the first event can be that has not been answered. */
export const nextInstant = (order: SearchOrder, { timestamp, eventId }: SearchPosition): number =>
  eventId !== undefined ? timestamp : order === 'asc' ? timestamp + 1 : timestamp - 1;

/** The later one. Two of one instant differ in that one has an id: the other has answered all of it. */
export function laterOf(order: SearchOrder, one: SearchPosition, other: SearchPosition): SearchPosition {
  const difference = rankOf(order, other.timestamp) - rankOf(order, one.timestamp);
  return difference > 0 || (difference === 0 && one.eventId !== undefined) ? other : one;
}

/** Before the first event. */
export const firstPosition = (order: SearchOrder, { fromMs, toMs }: Bounds): SearchPosition => ({
  timestamp: order === 'asc' ? fromMs - 1 : toMs,
});

/** Nothing within the bounds comes after it. */
export function isPast(order: SearchOrder, { fromMs, toMs }: Bounds, position: SearchPosition): boolean {
  const nextMs = nextInstant(order, position);
  return order === 'asc' ? nextMs >= toMs : nextMs < fromMs;
}
