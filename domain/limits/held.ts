// What an instance holds of the limit of an account: what the table said last, its lease, and what it has not written yet. A
// lease lapses after a second of wall-clock time, so that an instance that was frozen does not come back with one.

import { secondMs } from '../system/time.ts';
import type { Counting, Used } from './port.ts';
import { type Count, type Counted, countedAt, nothingCounted, periodAt } from './quota.ts';
import { burstMicros, costOf, microsOf, type Rate, type Standing, standingOf } from './rate.ts';
import { sendingThen } from './sent.ts';

const leaseLifeMs = secondMs;
const leaseAheadMs = secondMs / 2;
/** A shorter time tells no pace. */
const leastPaceMs = 100;

export type Held = {
  /** As the table said last. `usedUntil` only grows, so that what it refuses is refused without a call. */
  readonly used: Used;
  readonly usedAtMs: number;
  /** What this instance has charged of all that was charged since its charge before. */
  readonly share: number;
  readonly takenAtMs: number;
  /** Since `takenAtMs`. */
  readonly sent: number;
  /** Charged and not sent. */
  readonly left: number;
  /** Counted here, and in the table with the next write. */
  readonly pending: Counting;
  /** Of the day in which it was counted. */
  readonly pendingDayMs: number;
  /** When that was last written. */
  readonly writtenAtMs: number;
  readonly awayUntilMs: number;
};

export const nothingHeld = (nowMs: number): Held => ({
  used: { usedUntil: 0, counted: countedAt(undefined, nowMs) },
  usedAtMs: nowMs,
  share: 0,
  takenAtMs: 0,
  sent: 0,
  left: 0,
  pending: nothingCounted,
  pendingDayMs: 0,
  writtenAtMs: nowMs,
  awayUntilMs: 0,
});

const plus = (a: Count, b: Count): Count => ({ events: a.events + b.events, over: a.over + b.over });

export const thenCounted = (first: Counting, next: Counting): Counting => ({
  ...plus(first, next),
  ...(first.sent || next.sent ? { sent: sendingThen(first.sent ?? {}, next.sent ?? {}) } : {}),
});

export const sentOf = ({ sent }: Pick<Counting, 'sent'>): Pick<Counting, 'sent'> => (sent ? { sent } : {});

/** What is left of a day that is over is missing in it, until it is corrected. */
export const pendingIn = ({ pending, pendingDayMs }: Held, nowMs: number): Counting =>
  pendingDayMs === periodAt('day', nowMs).startMs ? pending : { ...nothingCounted, ...sentOf(pending) };

export const withPending = (held: Held, count: Counting, nowMs: number): Held => ({
  ...held,
  pending: thenCounted(pendingIn(held, nowMs), count),
  pendingDayMs: periodAt('day', nowMs).startMs,
});

/** With what only this instance knows of. */
export function countedIn(held: Held, nowMs: number): Counted {
  const { dayMs, day, month } = countedAt(held.used.counted, nowMs);
  const pending = pendingIn(held, nowMs);
  return { dayMs, day: plus(day, pending), month: plus(month, pending) };
}

/** A clock that was set back does not prolong a lease. */
export const isLive = ({ takenAtMs }: Held, nowMs: number): boolean =>
  nowMs >= takenAtMs && nowMs < takenAtMs + leaseLifeMs;

export const leasedIn = (held: Held, nowMs: number): number => (isLive(held, nowMs) ? held.left : 0);

/**
 * What the instance sends in half a second, at most its share of what the account may. Nothing once half of the burst is
 * used: what lapses would then be missing.
 */
export function aheadOf({ used, sent, takenAtMs, share }: Held, nowMs: number, { perMinute }: Rate): number {
  if (used.usedUntil - microsOf(nowMs) > burstMicros / 2) return 0;
  const pace = sent / Math.max(leastPaceMs, nowMs - takenAtMs);
  const most = Math.min(1, share) * (perMinute / 60_000);
  return Math.floor(Math.min(pace, most) * leaseAheadMs);
}

/** What is leased is the account's to send. */
export function standingIn({ used, left }: Held, nowMs: number, rate: Rate): Standing {
  return standingOf(Math.max(used.usedUntil, microsOf(nowMs)) - costOf(left, rate), nowMs, rate);
}
