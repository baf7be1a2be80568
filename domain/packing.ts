// Packs the events of a batch into as few stream records as the rules allow: normally one. Late events
// travel apart (a backfill must not hold up live traffic), and a record touches at most 32 hours (R2),
// which bounds the documents that counting it has to update.

import type { AcceptedEvent } from './event.ts';
import { dayMs, floorTo, hourMs } from './time.ts';

export const maxHoursPerRecord = 32;
export const lateAfterMs = dayMs;

export type Pack = { readonly late: boolean; readonly events: readonly AcceptedEvent[] };

export function packEvents(events: readonly AcceptedEvent[], receivedAtMs: number): Pack[] {
  const isLate = (event: AcceptedEvent) => event.timestamp < receivedAtMs - lateAfterMs;
  const packs: Pack[] = [];
  for (const late of [false, true]) {
    for (const group of cutByHours(events.filter((event) => isLate(event) === late))) {
      packs.push({ late, events: group });
    }
  }
  return packs;
}

function cutByHours(events: readonly AcceptedEvent[]): AcceptedEvent[][] {
  const byHour = Map.groupBy(events, (event) => floorTo(event.timestamp, hourMs));
  if (byHour.size <= maxHoursPerRecord) return events.length === 0 ? [] : [[...events]];
  const hours = [...byHour.keys()].sort((a, b) => a - b);
  const groups: AcceptedEvent[][] = [];
  for (let first = 0; first < hours.length; first += maxHoursPerRecord) {
    const some = hours.slice(first, first + maxHoursPerRecord);
    groups.push(some.flatMap((hour) => byHour.get(hour) ?? []));
  }
  return groups;
}
