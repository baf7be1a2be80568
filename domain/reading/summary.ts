// The summary of an account over a window of whole hours: from day documents where they exist, and from hour documents
// elsewhere.

import { type DayDocument, foldableUntilMs } from '../documents/day.ts';
import { estimate, relativeError } from '../documents/distinct-users.ts';
import { addIntake, emptyIntake, type Intake } from '../documents/intake.ts';
import type { MergedHours } from '../documents/merged-hours.ts';
import type { Stats, ValueStats } from '../documents/stats.ts';
import { decimalOf } from '../event/value.ts';
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

/** Other than a window, from one instant to another. It is cut to whole hours: those that have a part of it. */
export const wholeHours = ({ fromMs, toMs }: Bounds): Bounds => ({
  fromMs: floorTo(fromMs, hourMs),
  toMs: floorTo(toMs + hourMs - 1, hourMs),
});

/** What a request may ask for. */
export const mostDays = 31;

/** The days that are whole in the window and can be folded by now. Empty (`fromMs` = `toMs`) if there are none. */
export function wholeDays({ fromMs, toMs }: Bounds, nowMs: number): Bounds {
  const firstMs = floorTo(fromMs + dayMs - 1, dayMs);
  return { fromMs: firstMs, toMs: Math.max(firstMs, Math.min(floorTo(toMs, dayMs), foldableUntilMs(nowMs))) };
}

/** The days that have a part of it and can be folded by now. */
export function daysWithin({ fromMs, toMs }: Bounds, nowMs: number): Bounds {
  const firstMs = floorTo(fromMs, dayMs);
  const endMs = floorTo(toMs + dayMs - 1, dayMs);
  return { fromMs: firstMs, toMs: Math.max(firstMs, Math.min(endMs, foldableUntilMs(nowMs))) };
}

export const noDays = ({ toMs }: Bounds): Bounds => ({ fromMs: toMs, toMs });

/** The parts of the window before and after its whole days. */
export const endsOf = (bounds: Bounds, whole: Bounds): Bounds[] =>
  whole.fromMs === whole.toMs
    ? [bounds]
    : [
        { fromMs: bounds.fromMs, toMs: whole.fromMs },
        { fromMs: whole.toMs, toMs: bounds.toMs },
      ].filter(({ fromMs, toMs }) => fromMs < toMs);

/** The parts that these days do not cover. They may be in any order, outside of it too, and the same one may come twice. */
export function uncoveredBounds(
  { fromMs, toMs }: Bounds,
  days: readonly Pick<DayDocument, 'key'>[],
): Bounds[] {
  const starts = [...new Set(days.map(({ key }) => key.dayMs))]
    .filter((start) => start < toMs && start + dayMs > fromMs)
    .sort((a, b) => a - b);
  const ends = starts.map((start) => start + dayMs);
  return [fromMs, ...ends]
    .map((from, index) => ({ fromMs: from, toMs: starts[index] ?? toMs }))
    .filter((gap) => gap.fromMs < gap.toMs);
}

/** The whole days that were read by the hour, latest first: as many as are within the bounds, and at least one. */
export function daysToFold(
  days: Bounds,
  bytesOfDays: ReadonlyMap<number, number>,
  most: { readonly days: number; readonly bytes: number },
): number[] {
  let bytes = 0;
  return [...bytesOfDays]
    .filter(([start]) => start >= days.fromMs && start < days.toMs)
    .sort(([a], [b]) => b - a)
    .slice(0, most.days)
    .filter(([, ownBytes], index) => {
      bytes += ownBytes;
      return index === 0 || bytes <= most.bytes;
    })
    .map(([start]) => start);
}

export const isWindow = (value: string): value is WindowName => Object.hasOwn(windows, value);

/** Of the events that carry a value. Decimal numbers in texts, because a double does not hold every sum. */
export type Values = {
  readonly count: number;
  readonly sum: string;
  readonly least: string;
  readonly greatest: string;
};
/** `values` is absent if no event carries one. */
type Counted = { readonly count: number; readonly values?: Values };

export type Summary = {
  readonly account_id: string;
  readonly environment: string;
  readonly from: string;
  readonly to: string;
  readonly total: number;
  readonly values?: Values;
  /** At most the 1,000 greatest. All others count in `(other)`. The same holds for `by_service`. */
  readonly by_type: readonly ({ readonly type: string } & Counted)[];
  readonly by_service: readonly ({ readonly service: string } & Counted)[];
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
  readonly counts: MergedHours;
  readonly intakes: Iterable<Intake>;
  /** What was received later is not in the counts, or not all of it. */
  readonly asOfMs: number;
};

const maxTopUsers = 100;
/** All names of a month could exceed the size limit of a function's answer. */
const maxNames = 1_000;

export function summarise(
  tenant: Tenant,
  bounds: Bounds,
  { counts, intakes, asOfMs }: SummarySources,
): Summary {
  const intake = [...intakes].reduce(addIntake, emptyIntake);
  return {
    account_id: tenant.account,
    environment: tenant.environment,
    from: iso(bounds.fromMs),
    to: iso(bounds.toMs),
    total: counts.total,
    ...toValues(counts.values),
    by_type: counts.byType.listed(maxNames).map(([type, stats]) => ({ type, ...toCounted(stats) })),
    by_service: counts.byService
      .listed(maxNames)
      .map(([service, stats]) => ({ service, ...toCounted(stats) })),
    ...usersOf(counts),
    duplicates: intake.duplicates,
    conflicts: intake.conflicts,
    as_of: iso(asOfMs),
  };
}

const toCounted = ({ count, values }: Stats): Counted => ({ count, ...toValues(values) });

const toValues = (values: ValueStats | undefined): { readonly values?: Values } =>
  values
    ? {
        values: {
          count: values.count,
          sum: decimalOf(values.sum),
          least: decimalOf(values.least),
          greatest: decimalOf(values.greatest),
        },
      }
    : {};

/** If the counts by user are exact, they contain every user, and no estimate is needed. */
function usersOf({ topUsers, distinctUsers }: SummarySources['counts']) {
  const exact = topUsers.error === 0;
  return {
    top_users: topUsers.greatest(maxTopUsers).map(([user_id, count]) => ({ user_id, count })),
    top_users_exact: exact,
    top_users_error: topUsers.error,
    distinct_users: exact ? topUsers.size : Math.round(estimate(distinctUsers)),
    distinct_users_relative_error: exact ? 0 : relativeError,
  };
}
