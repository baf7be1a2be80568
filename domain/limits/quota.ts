// Quotas: how many events an account may send in an environment in a day and in a month, both UTC. Of a batch all accepted
// events count, whatever it weighs: a summary counts the same.

import { dayMs, floorTo } from '../system/time.ts';

export const periodNames = ['day', 'month'] as const;
export type PeriodName = (typeof periodNames)[number];

/** From `startMs` until before `endMs`. */
export type Period = { readonly startMs: number; readonly endMs: number };

export function periodAt(name: PeriodName, nowMs: number): Period {
  const startMs = floorTo(nowMs, dayMs);
  if (name === 'day') return { startMs, endMs: startMs + dayMs };
  const day = new Date(startMs);
  const [year, month] = [day.getUTCFullYear(), day.getUTCMonth()];
  return { startMs: Date.UTC(year, month, 1), endMs: Date.UTC(year, month + 1, 1) };
}

/** `events`: accepted. `over`: beyond a limit, refused or not. */
export type Count = { readonly events: number; readonly over: number };
export const nothingCounted: Count = { events: 0, over: 0 };

/** What was counted in a day, and in the month that the day is in. */
export type Counted = { readonly dayMs: number } & Readonly<Record<PeriodName, Count>>;

/** What of it counts at a later time. */
export function countedAt(counted: Counted | undefined, nowMs: number): Counted {
  const dayMs = periodAt('day', nowMs).startMs;
  if (!counted) return { dayMs, day: nothingCounted, month: nothingCounted };
  // A clock that is behind others counts into the day that they have begun.
  if (counted.dayMs >= dayMs) return counted;
  const isSameMonth = periodAt('month', counted.dayMs).startMs === periodAt('month', dayMs).startMs;
  return { dayMs, day: nothingCounted, month: isSameMonth ? counted.month : nothingCounted };
}

/** `hard`: what is over the quota is refused. `soft`: it is accepted, and the account is told. `observe`: it is counted. */
export const quotaModes = ['hard', 'soft', 'observe'] as const;
export type QuotaMode = (typeof quotaModes)[number];

export type Quotas = Readonly<Record<PeriodName, number>>;

/** Undefined if so many events more are within both. If they are over both, the one that is over for longer. */
export const quotaOver = (quotas: Quotas, counted: Counted, events: number): PeriodName | undefined =>
  periodNames.findLast((name) => counted[name].events + events > quotas[name]);

/** Shares of a quota, in percent, of which the account is told when it reaches them. */
export const toldShares = [50, 80, 100] as const;
export type ToldShare = (typeof toldShares)[number];

export const shareReached = (used: number, quota: number): ToldShare | undefined =>
  toldShares.findLast((share) => used * 100 >= share * quota);

/** What would be used at the end of the period if it went on as it did so far. */
export const projected = (used: number, { startMs, endMs }: Period, nowMs: number): number =>
  // Of the first moments nothing can be said.
  Math.round((used * (endMs - startMs)) / Math.max(nowMs - startMs, (endMs - startMs) / 100));
