// How much came in the last full hour, against the same hour of yesterday and of a week ago: of the two the lesser, so that
// neither a Sunday nor a campaign of last week makes today look poor.

import { dayMs, floorTo, hourMs } from '../system/time.ts';

/** With fewer events in the hour, a single client more or less is a large share. */
export const leastUsualEvents = 1000;
/** In percent of the usual. */
export const lowThroughputPercent = 25;

/** Undefined where too little is usual to tell. `receivedIn`: 0 for an hour in which nothing was received. */
export function percentOfUsual(receivedIn: (hourMs: number) => number, nowMs: number): number | undefined {
  const hour = floorTo(nowMs, hourMs) - hourMs;
  const usual = Math.min(receivedIn(hour - dayMs), receivedIn(hour - 7 * dayMs));
  return usual < leastUsualEvents ? undefined : (100 * receivedIn(hour)) / usual;
}
