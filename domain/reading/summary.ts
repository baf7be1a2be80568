// The summary of an account over a window of whole hours: merged from day documents where they exist, and from hour
// documents elsewhere.

import type { LaneCounts } from '../counting/lane-counts.ts';
import { type DayDocument, type FoldedDay, foldableUntilMs } from '../documents/day.ts';
import { estimate, relativeError } from '../documents/distinct-users.ts';
import { type HourCounts, hourFromFields, mergeHours } from '../documents/hour.ts';
import { addIntake, emptyIntake } from '../documents/intake.ts';
import { countsOf, otherName } from '../documents/names.ts';
import type { Tenant } from '../keys.ts';
import { dayMs, floorTo, hourMs, iso } from '../system/time.ts';

export const windows = { '1h': hourMs, '24h': dayMs, '7d': 7 * dayMs, '30d': 30 * dayMs } as const;
export type WindowName = keyof typeof windows;

export type Bounds = { readonly fromMs: number; readonly toMs: number };

/** Whole hours. The last one is the current hour. */
export function boundsOf(window: WindowName, nowMs: number): Bounds {
  const toMs = floorTo(nowMs, hourMs) + hourMs;
  return { fromMs: toMs - windows[window], toMs };
}

/** The days that are whole in the window and can be folded by now. Empty (`fromMs` = `toMs`) if there are none. */
export function wholeDays({ fromMs, toMs }: Bounds, nowMs: number): Bounds {
  const firstMs = floorTo(fromMs + dayMs - 1, dayMs);
  return { fromMs: firstMs, toMs: Math.max(firstMs, Math.min(floorTo(toMs, dayMs), foldableUntilMs(nowMs))) };
}

/** The parts of the window that these days do not cover. */
export function uncoveredBounds({ fromMs, toMs }: Bounds, days: readonly FoldedDay[]): Bounds[] {
  const starts = days.map(({ key }) => key.dayMs).sort((a, b) => a - b);
  const ends = starts.map((start) => start + dayMs);
  return [fromMs, ...ends]
    .map((from, index) => ({ fromMs: from, toMs: starts[index] ?? toMs }))
    .filter((gap) => gap.fromMs < gap.toMs);
}

/**
 * The days that were read by the hour and have no current fold, latest first. `tried`: current folds, even too large
 * ones.
 */
export function daysToFold(
  days: Bounds,
  lanes: readonly Pick<LaneCounts, 'hours'>[],
  tried: readonly DayDocument[],
): number[] {
  const starts = new Set(lanes.flatMap(({ hours }) => [...hours.keys()].map((hour) => floorTo(hour, dayMs))));
  for (const { key } of tried) starts.delete(key.dayMs);
  return [...starts].filter((start) => start >= days.fromMs && start < days.toMs).sort((a, b) => b - a);
}

export const isWindow = (value: string): value is WindowName => Object.hasOwn(windows, value);

export type Summary = {
  readonly account_id: string;
  readonly environment: string;
  readonly from: string;
  readonly to: string;
  readonly total: number;
  /** At most the 1,000 greatest. All others count in `(other)`. The same holds for `by_service`. */
  readonly by_type: readonly { readonly type: string; readonly count: number }[];
  readonly by_service: readonly { readonly service: string; readonly count: number }[];
  /** At most 100. The true count of a user is from `count` (0 if not listed) to `count + top_users_error`. */
  readonly top_users: readonly { readonly user_id: string; readonly count: number }[];
  readonly top_users_exact: boolean;
  readonly top_users_error: number;
  readonly distinct_users: number;
  /** One standard deviation, as a share. 0 if the number is exact. */
  readonly distinct_users_relative_error: number;
  /** Of what was received in the window, whatever the timestamps of the events. */
  readonly duplicates: number;
  readonly conflicts: number;
  readonly as_of: string;
};

export type SummarySources = {
  readonly days: readonly FoldedDay[];
  readonly lanes: readonly LaneCounts[];
};

const maxTopUsers = 100;
/** Merging never drops a name, and all names of a month could exceed the size limit of a function's answer. */
const maxNames = 1_000;

export function summarise(
  tenant: Tenant,
  bounds: Bounds,
  { days, lanes }: SummarySources,
  nowMs: number,
): Summary {
  const counts = mergeHours([
    ...days.map(({ fields }) => hourFromFields(fields)),
    ...lanes.flatMap(({ hours }) => [...hours.values()]),
  ]);
  const intake = lanes.flatMap(({ intakes }) => [...intakes.values()]).reduce(addIntake, emptyIntake);
  return {
    account_id: tenant.account,
    environment: tenant.environment,
    from: iso(bounds.fromMs),
    to: iso(bounds.toMs),
    total: counts.total.count,
    by_type: listed(countsOf(counts.byType)).map(([type, count]) => ({ type, count })),
    by_service: listed(countsOf(counts.byService)).map(([service, count]) => ({ service, count })),
    ...usersOf(counts),
    duplicates: intake.duplicates,
    conflicts: intake.conflicts,
    as_of: iso(Math.min(nowMs, ...lanes.map(({ asOfMs = nowMs }) => asOfMs))),
  };
}

/** Names past the greatest are added to `(other)`, so that the sum of the counts stays the same. */
function listed(counts: ReadonlyMap<string, number>): [string, number][] {
  if (counts.size <= maxNames) return greatestFirst(counts);
  const names = greatestFirst(counts).filter(([name]) => name !== otherName);
  const past = names.slice(maxNames).reduce((sum, [, count]) => sum + count, counts.get(otherName) ?? 0);
  return greatestFirst(new Map([...names.slice(0, maxNames), [otherName, past]]));
}

/** If the counts by user are exact, they contain every user, and no estimate is needed. */
function usersOf({ topUsers, distinctUsers }: HourCounts) {
  const exact = topUsers.error === 0;
  return {
    top_users: greatestFirst(topUsers.counts)
      .slice(0, maxTopUsers)
      .map(([user_id, count]) => ({ user_id, count })),
    top_users_exact: exact,
    top_users_error: topUsers.error,
    distinct_users: exact ? topUsers.counts.size : Math.round(estimate(distinctUsers)),
    distinct_users_relative_error: exact ? 0 : relativeError,
  };
}

const greatestFirst = (counts: ReadonlyMap<string, number>): [string, number][] =>
  [...counts].sort(([a, m], [b, n]) => n - m || (a < b ? -1 : 1));
