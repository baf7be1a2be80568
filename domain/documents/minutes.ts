// Counts by minute of an hour, for windows that do not begin at a whole hour of UTC, and for series by the minute.

import { hourMs, minuteMs } from '../system/time.ts';

/** One count for each minute of the hour. */
export type Minutes = Float64Array;

const minutesOfHour = hourMs / minuteMs;

export const noMinutes = (): Minutes => new Float64Array(minutesOfHour);

export function countMinute(minutes: Minutes, timestamp: number): void {
  const minute = Math.floor((timestamp % hourMs) / minuteMs);
  minutes[minute] = (minutes[minute] ?? 0) + 1;
}

export function addMinutes(into: Minutes, from: Minutes): void {
  for (const [minute, count] of from.entries()) if (count > 0) into[minute] = (into[minute] ?? 0) + count;
}

/** The first minute that has a count, and the counts from it to the last one. */
export function minutesToWire(minutes: Minutes): number[] {
  const first = minutes.findIndex((count) => count > 0);
  return first === -1
    ? []
    : [first, ...minutes.subarray(first, minutes.findLastIndex((count) => count > 0) + 1)];
}

export function minutesFromWire([first = 0, ...counts]: readonly number[]): Minutes {
  const minutes = noMinutes();
  minutes.set(counts, first);
  return minutes;
}
