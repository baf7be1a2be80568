// The days of a time zone: when each begins. A day has 23 to 25 hours where clocks change, and may begin at 01:00.

import { floorTo, hourMs, minuteMs } from '../system/time.ts';
import type { Bounds } from './summary.ts';

export type TimeZone = { readonly name: string; readonly dateAt: (instantMs: number) => string };

/** Undefined if there is no zone of this name. */
export function timeZoneOf(name: string): TimeZone | undefined {
  try {
    const format = new Intl.DateTimeFormat('en', { timeZone: name, dateStyle: 'short' });
    const { timeZone } = format.resolvedOptions();
    // A zone that was renamed resolves to its old name. Who asked by the new one is answered with it.
    const isSame = timeZone.toLowerCase() === name.toLowerCase();
    return { name: isSame ? timeZone : name, dateAt: (instantMs) => format.format(instantMs) };
  } catch (error) {
    if (error instanceof RangeError) return undefined;
    throw error;
  }
}

/** All offsets that are in use are multiples of it. */
const offsetStepMs = 15 * minuteMs;
/** Longer than any day. */
const reachMs = 27 * hourMs;

/**
 * When the days begin that have a part of it, and when the last of them ends. Undefined if one does not begin at a quarter of
 * an hour, as with an offset of +01:23.
 */
export function daysIn(
  zone: TimeZone,
  { fromMs, toMs }: Bounds,
): { starts: number[]; toMs: number } | undefined {
  const starts: number[] = [];
  let hour = floorTo(fromMs, hourMs) - reachMs;
  let date = zone.dateAt(hour);
  while ((starts.at(-1) ?? 0) < toMs) {
    const next = zone.dateAt(hour + hourMs);
    if (next !== date) {
      let start = hour + offsetStepMs;
      while (zone.dateAt(start) === date) start += offsetStepMs;
      if (zone.dateAt(start - 1) !== date) return undefined;
      if (start <= fromMs) starts.length = 0;
      starts.push(start);
    }
    date = next;
    hour += hourMs;
  }
  return { starts: starts.slice(0, -1), toMs: starts.at(-1) ?? toMs };
}
