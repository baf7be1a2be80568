// Packs the events of a batch into as few stream records as the rules allow, normally one. Late events have records of
// their own, so that a backfill does not delay live traffic. A record touches at most 32 hours (R2), which bounds the
// documents that counting it updates. And it is never larger than the stream accepts.

import type { AcceptedEvent } from '../event/event.ts';
import { dayMs, floorTo, hourMs } from '../system/time.ts';
import { type EncodedBody, encodeBody } from './envelope.ts';

const maxHoursPerRecord = 32;
const lateAfterMs = dayMs;

export const isLate = (timestamp: number, receivedAtMs: number): boolean =>
  timestamp < receivedAtMs - lateAfterMs;

/**
 * The limit of the compressed events of a record. Kinesis accepts 1 MiB, key and header included. Lambda passes at most
 * 6 MB to a function, and a record of 1 MiB in base64 fits four times.
 */
export const maxPackedBytes = 1024 * 1024 - 16 * 1024;

export type Pack = { readonly late: boolean; readonly body: EncodedBody };

export type PackOptions = {
  /** The event as it is stored in a record: with its id, if it came without one. */
  readonly withId?: (event: AcceptedEvent, part: number, index: number) => AcceptedEvent;
  readonly maxBytes?: number;
};

/** In the order of their parts: late events are last. */
export function packEvents(
  events: readonly AcceptedEvent[],
  receivedAtMs: number,
  { withId = (event) => event, maxBytes = maxPackedBytes }: PackOptions = {},
): Pack[] {
  const packs: Pack[] = [];
  // A batch of 512 KiB compresses to far less than the limit. It is halved only if it grew, as 1e20 and redacted texts do.
  const pack = (late: boolean, some: readonly AcceptedEvent[]) => {
    const body = encodeBody(some.map((event, index) => withId(event, packs.length, index)));
    if (body.bytes.length <= maxBytes || some.length === 1) {
      packs.push({ late, body });
      return;
    }
    const middle = Math.ceil(some.length / 2);
    pack(late, some.slice(0, middle));
    pack(late, some.slice(middle));
  };
  for (const group of groupEvents(events, receivedAtMs)) pack(group.late, group.events);
  return packs;
}

type EventGroup = { readonly late: boolean; readonly events: readonly AcceptedEvent[] };

function groupEvents(events: readonly AcceptedEvent[], receivedAtMs: number): EventGroup[] {
  const groups: EventGroup[] = [];
  for (const late of [false, true]) {
    for (const group of cutByHours(
      events.filter(({ timestamp }) => isLate(timestamp, receivedAtMs) === late),
    )) {
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
