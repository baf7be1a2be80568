// The limit of events a minute, by the generic cell rate algorithm: one number of an account and environment, `usedUntil`,
// says how much of it is used. It is the time at which nothing would be used any more. Each event moves it on by the time
// that an event takes at the rate of the limit. It may be three minutes ahead of now: that is the burst.

import { minuteMs } from '../system/time.ts';

export type EventRate = {
  /** A batch has a weight in events: see batch-weight.ts. */
  readonly eventsPerMinute: number;
};

/** Times are integers of microseconds: at the highest rate, an event takes less than a millisecond. */
export type Micros = number;
export const microsOf = (instantMs: number): Micros => Math.round(instantMs * 1000);

const minuteMicros = microsOf(minuteMs);
export const burstMicros = 3 * minuteMicros;

/** Rounded up, so that many small batches are not admitted for less than they cost. */
export const costOf = (events: number, { eventsPerMinute }: EventRate): Micros =>
  Math.ceil((events * minuteMicros) / eventsPerMinute);

/**
 * How far ahead of now the account may be, to be admitted. What costs more than the burst is admitted if nothing is used:
 * otherwise it would never be.
 */
export const roomFor = (cost: Micros): Micros => burstMicros - Math.min(cost, burstMicros);

/** `left` is what an account may send at once, up to a minute's events, and `fullMs` when it may send that many again. */
export type Standing = { readonly left: number; readonly fullMs: number };

export function standingOf(usedUntil: Micros, nowMs: number, { eventsPerMinute }: EventRate): Standing {
  const used = Math.max(0, usedUntil - microsOf(nowMs));
  const left = Math.floor(((burstMicros - used) * eventsPerMinute) / minuteMicros);
  return {
    left: Math.min(eventsPerMinute, Math.max(0, left)),
    fullMs: Math.max(0, used + minuteMicros - burstMicros) / 1000,
  };
}

/** How long until what costs so much would be admitted, if nothing else is. */
export const waitMs = (usedUntil: Micros, cost: Micros, nowMs: number): number =>
  Math.max(0, usedUntil - roomFor(cost) - microsOf(nowMs)) / 1000;
