// Hours of the day in which every account may send more events a minute, because a stage has room to spare in them. They
// are a schedule that the operator sets, and not a guess from the load.

import { dayMs, hourMs } from '../system/time.ts';

export type OffPeak = {
  /** Of the day in UTC, from the one to the other. The second may be the lower one: it is then of the next day. */
  readonly hours: readonly [from: number, to: number];
  /** How many times as many events. */
  readonly factor: number;
};

export const mostOffPeakFactor = 10;

export function isOffPeak({ hours: [from, to] }: OffPeak, nowMs: number): boolean {
  const hour = Math.floor((nowMs % dayMs) / hourMs);
  return from < to ? from <= hour && hour < to : from <= hour || hour < to;
}

/** What of the limit holds now. */
export function eventsPerMinuteAt(
  eventsPerMinute: number,
  offPeak: OffPeak | undefined,
  nowMs: number,
): number {
  return offPeak && isOffPeak(offPeak, nowMs)
    ? Math.floor(eventsPerMinute * offPeak.factor)
    : eventsPerMinute;
}
