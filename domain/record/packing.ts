// Packs the events of a batch into as few stream records as the rules allow: normally one. Late events
// travel apart (a backfill must not hold up live traffic), and a record touches at most 32 hours (R2),
// which bounds the documents that counting it has to update. And it is never larger than the stream takes.

import type { AcceptedEvent } from '../event/event.ts';
import { dayMs, floorTo, hourMs } from '../system/time.ts';
import { type EncodedBody, encodeBody } from './envelope.ts';

const maxHoursPerRecord = 32;
const lateAfterMs = dayMs;

/**
 * Of the compressed events of a record. Kinesis takes 1 MiB, key and header included, and Lambda hands over 6 MB, which
 * is four times that in base64: what fits the stream fits the consumer.
 */
export const maxPackedBytes = 1024 * 1024 - 16 * 1024;

export type Pack = { readonly late: boolean; readonly body: EncodedBody };

export function packEvents(
  events: readonly AcceptedEvent[],
  receivedAtMs: number,
  maxBytes = maxPackedBytes,
): Pack[] {
  return groupEvents(events, receivedAtMs).flatMap(({ late, events: group }) =>
    fit(group, maxBytes).map((body) => ({ late, body })),
  );
}

/** A batch of 512 KiB compresses to far less; halves are for what grew, such as 1e20 or a redacted text. */
function fit(events: readonly AcceptedEvent[], maxBytes: number): EncodedBody[] {
  const body = encodeBody(events);
  if (body.bytes.length <= maxBytes || events.length === 1) return [body];
  const middle = Math.ceil(events.length / 2);
  return [...fit(events.slice(0, middle), maxBytes), ...fit(events.slice(middle), maxBytes)];
}

export type EventGroup = { readonly late: boolean; readonly events: readonly AcceptedEvent[] };

export function groupEvents(events: readonly AcceptedEvent[], receivedAtMs: number): EventGroup[] {
  const isLate = (event: AcceptedEvent) => event.timestamp < receivedAtMs - lateAfterMs;
  const groups: EventGroup[] = [];
  for (const late of [false, true]) {
    for (const group of cutByHours(events.filter((event) => isLate(event) === late))) {
      groups.push({ late, events: group });
    }
  }
  return groups;
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
