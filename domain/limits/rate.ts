// A rate, by the generic cell rate algorithm: one number of an account and environment, `usedUntil`, says how much of it is
// used. It is the time at which nothing would be used any more. Each unit moves it on by the time that a unit takes at this
// rate. It may be three minutes ahead of now: that is the burst.

import { minuteMs } from '../system/time.ts';

/** A unit is one of what is limited: a read of a summary, or an event, as batch-weight.ts weighs it. */
export type Rate = { readonly perMinute: number };

/** Times are integers of microseconds: at the highest rate, a unit takes less than a millisecond. */
export type Micros = number;
export const microsOf = (instantMs: number): Micros => Math.round(instantMs * 1000);

const minuteMicros = microsOf(minuteMs);
export const burstMicros = 3 * minuteMicros;

/** Rounded up, so that many small requests are not admitted for less than they cost. */
export const costOf = (units: number, { perMinute }: Rate): Micros =>
  Math.ceil((units * minuteMicros) / perMinute);

/**
 * How far ahead of now the account may be, to be admitted. What costs more than the burst is admitted if nothing is used:
 * otherwise it would never be.
 */
export const roomFor = (cost: Micros): Micros => burstMicros - Math.min(cost, burstMicros);

/** `left` is what an account may use at once, up to a minute's units, and `fullMs` when it may use that many again. */
export type Standing = { readonly left: number; readonly fullMs: number };

export function standingOf(usedUntil: Micros, nowMs: number, { perMinute }: Rate): Standing {
  const used = Math.max(0, usedUntil - microsOf(nowMs));
  const left = Math.floor(((burstMicros - used) * perMinute) / minuteMicros);
  return {
    left: Math.min(perMinute, Math.max(0, left)),
    fullMs: Math.max(0, used + minuteMicros - burstMicros) / 1000,
  };
}

/** How long until what costs so much would be admitted, if nothing else is. */
export const waitMs = (usedUntil: Micros, cost: Micros, nowMs: number): number =>
  Math.max(0, usedUntil - roomFor(cost) - microsOf(nowMs)) / 1000;
