// What a batch costs the store, in events: the limit is of what an account costs, not of how it counts. By the write units
// that bench/weights.ts measures. An event with a random id in a batch of many of the last hour weighs 1.

import type { AcceptedEvent } from '../event/event.ts';
import { identityKey, type Tenant } from '../keys.ts';
import { isLate } from '../record/packing.ts';
import { placeInLog } from '../storing/claim-log.ts';
import { floorTo, hourMs, minuteMs } from '../system/time.ts';

export type Weighed = {
  readonly tenant: Tenant;
  readonly receivedAtMs: number;
  readonly events: readonly Pick<AcceptedEvent, 'event_id' | 'timestamp' | 'made'>[];
  /** As they are put on the stream. */
  readonly records: readonly { readonly data: Uint8Array }[];
};

/** Measured: what a batch costs for each of its parts. */
export const units = {
  eachRecord: 1,
  /** Of pages: they are compressed by themselves, and hold some seven events to a unit. */
  eachKilobyte: 1.3,
  eachEvent: 0.15,
  /** Of documents. Those of late hours are shared with fewer batches. */
  eachHour: 0.5,
  eachLateHour: 2,
} as const;
/** Write units of a weight of 1. */
export const unitsOfWeight = 1.2;

/**
 * Write units of all batches of an intake together. It knows neither their ids nor their times: an estimate, as if each
 * event were live and had a random id. With ids that have a time or a batch it is down to a seventh of that, and a backfill
 * of a month up to three times.
 */
export const unitsOfIntake = ({ received, records, bytes }: Received): number =>
  received +
  Math.max(records, (bytes / 1024) * units.eachKilobyte, received * units.eachEvent) +
  records * (units.eachRecord + units.eachHour);

type Received = { readonly received: number; readonly records: number; readonly bytes: number };

export function weightOf({ tenant, receivedAtMs, events, records }: Weighed): number {
  const minutes = new Set<number>();
  const hours = new Set<number>();
  const lateHours = new Set<number>();
  const logs = new Set<string>();
  let claimed = 0;
  for (const { event_id, timestamp, made } of events) {
    minutes.add(floorTo(timestamp, minuteMs));
    (isLate(timestamp, receivedAtMs) ? lateHours : hours).add(floorTo(timestamp, hourMs));
    if (made?.includes('event_id')) continue;
    const place = placeInLog(identityKey(tenant, event_id));
    if (place) logs.add(place.log);
    else claimed += 1;
  }
  const kilobytes = records.reduce((sum, { data }) => sum + data.length, 0) / 1024;
  const cost =
    claimed +
    logs.size +
    // Events of one minute share a page, at most.
    Math.max(minutes.size, kilobytes * units.eachKilobyte, events.length * units.eachEvent) +
    records.length * units.eachRecord +
    hours.size * units.eachHour +
    lateHours.size * units.eachLateHour;
  return Math.max(1, Math.round(cost / unitsOfWeight));
}
