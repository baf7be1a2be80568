// The points of a series: what a request may ask for, and when each point begins.

import { dayMs, floorTo, hourMs, minuteMs } from '../system/time.ts';
import type { Bounds } from './summary.ts';

/** `most`: points of an answer. `usual`: those of a request that names no time. */
export const intervals = {
  minute: { widthMs: minuteMs, most: 1000, usual: 60 },
  hour: { widthMs: hourMs, most: 31 * 24, usual: 24 },
  day: { widthMs: dayMs, most: 31, usual: 7 },
} as const;
export type Interval = keyof typeof intervals;
export const isInterval = (text: string): text is Interval => Object.hasOwn(intervals, text);

export const groupings = ['type', 'service'] as const;
export type Grouping = (typeof groupings)[number];
export const isGrouping = (text: string): text is Grouping => groupings.some((each) => each === text);

/** Each point ends where the next one starts, and the last one at `toMs`. */
export type Points = {
  readonly interval: Interval;
  readonly timeZone: string;
  readonly starts: readonly number[];
  readonly toMs: number;
};

/** Minutes or hours, which are the same in all zones that Weir counts. */
export function pointsOf(interval: 'minute' | 'hour', { fromMs, toMs }: Bounds): Points {
  const { widthMs } = intervals[interval];
  const firstMs = floorTo(fromMs, widthMs);
  const endMs = floorTo(toMs + widthMs - 1, widthMs);
  const starts = Array.from({ length: (endMs - firstMs) / widthMs }, (_, index) => firstMs + index * widthMs);
  return { interval, timeZone: 'UTC', starts, toMs: endMs };
}

/** The last points of it, if there are more. */
export const lastPoints = (points: Points, most: number): Points => ({
  ...points,
  starts: points.starts.slice(-most),
});

/** What is left of it from an hour on. The first point may begin later than its interval. */
export const pointsFrom = (points: Points, fromMs: number): Points => ({
  ...points,
  starts: points.starts
    .filter((_, index) => (points.starts[index + 1] ?? points.toMs) > fromMs)
    .map((start) => Math.max(start, fromMs)),
});

/** A document has whole hours, and minutes in total only. */
const isEach = (widthMs: number, { starts, toMs }: Points): boolean =>
  [...starts, toMs].every((instantMs) => instantMs % widthMs === 0);
export const isOfWholeHours = (points: Points): boolean => isEach(hourMs, points);
export const isOfWholeDays = (points: Points): boolean => isEach(dayMs, points);

/** The whole hours that a reader reads for it. */
export const hoursOf = ({ starts, toMs }: Points): Bounds => ({
  fromMs: floorTo(starts[0] ?? toMs, hourMs),
  toMs: floorTo(toMs + hourMs - 1, hourMs),
});
