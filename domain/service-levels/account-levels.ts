// What one tenant was answered in an hour, as counters that only add up: so a delivery of log lines is added without reading
// what is there, and hours, days and accounts are summed by one function. The counters are few, whatever is sent.

import { type Tenant, tenantKey } from '../keys.ts';
import { dayMs, floorTo, hourMs } from '../system/time.ts';

export const routeGroups = ['ingest', 'summary', 'search', 'reads', 'manage'] as const;
export type RouteGroup = (typeof routeGroups)[number];

/**
 * `limited`: 429 of a function, `throttled`: 429 of the gateway. `denied`: 403 of the authorizer. `refused`: any other 4xx.
 * Both `timed_out` (504) and `failed` (any other 5xx) are failures of ours.
 */
export const outcomes = [
  'answered',
  'refused',
  'limited',
  'throttled',
  'denied',
  'failed',
  'timed_out',
] as const;
export type Outcome = (typeof outcomes)[number];

/** Upper bounds, in milliseconds. 500 is the limit of the objective of ingest. API Gateway ends a request after 29 s. */
export const latencyBounds = [10, 25, 50, 100, 200, 300, 500, 1000, 2000, 5000, 10_000, 30_000] as const;
export type LatencyBound = (typeof latencyBounds)[number];

export type Counter = `${RouteGroup}.${Outcome}` | `${RouteGroup}.ms${LatencyBound}`;
/** A counter that is absent is 0. */
export type Levels = Readonly<Partial<Record<Counter, number>>>;

export type LevelHour = { readonly startMs: number; readonly levels: Levels };
export type TenantHour = LevelHour & { readonly tenant: Tenant };

/** Two months, so that a report compares a month with the one before, and some days to write it. */
export const levelsKeptMs = 70 * dayMs;
export const levelsExpireAtMs = (startMs: number): number => startMs + hourMs + levelsKeptMs;

export function addLevels(one: Levels, other: Levels): Levels {
  const sum: Partial<Record<Counter, number>> = { ...one };
  for (const [counter, count] of Object.entries(other) as [Counter, number][])
    sum[counter] = (sum[counter] ?? 0) + count;
  return sum;
}

export const sumLevels = (hours: readonly Pick<LevelHour, 'levels'>[]): Levels =>
  hours.reduce((sum, { levels }) => addLevels(sum, levels), {} as Levels);

/** A line of the access log as it counts. */
export type MeasuredRequest = {
  readonly tenant: Tenant;
  readonly atMs: number;
  readonly group: RouteGroup;
  readonly outcome: Outcome;
  /** Absent for what the gateway refused: it would make an account look fast that is throttled. */
  readonly latencyMs?: number;
};

/** By tenant and hour, in an order that follows from the requests alone. */
export function addUp(requests: readonly MeasuredRequest[]): readonly TenantHour[] {
  const hours = new Map<string, TenantHour>();
  for (const { tenant, atMs, group, outcome, latencyMs } of requests) {
    const startMs = floorTo(atMs, hourMs);
    const name = `${tenantKey(tenant)} ${startMs}`;
    const counted: Levels = {
      [`${group}.${outcome}`]: 1,
      ...(latencyMs !== undefined && { [`${group}.ms${boundOf(latencyMs)}`]: 1 }),
    };
    const levels = addLevels(hours.get(name)?.levels ?? {}, counted);
    hours.set(name, { tenant, startMs, levels });
  }
  return [...hours].toSorted(([one], [other]) => (one < other ? -1 : 1)).map(([, hour]) => hour);
}

/** What takes longer than the last bound is counted with it. */
const boundOf = (latencyMs: number): LatencyBound =>
  latencyBounds.find((bound) => latencyMs <= bound) ?? 30_000;

export type LevelRange = { readonly fromMs: number; readonly toMs: number };

/** What was added up of one delivery of log lines. `digest` tells it from others. */
export type Delivery = { readonly digest: string; readonly hours: readonly TenantHour[] };

export type AccountLevels = {
  /** Once, however often the same delivery comes. Rejects with Unavailable if a dependency is unavailable. */
  add(delivery: Delivery, nowMs: number): Promise<void>;
  /** The hours that begin in the range and have requests, the oldest first. */
  hours(tenant: Tenant, range: LevelRange, nowMs: number): Promise<readonly LevelHour[]>;
};

/** For so long a delivery may come again: CloudWatch Logs tries for 24 hours, and Lambda for as long as it is told to. */
export const addedOnceForMs = 2 * dayMs;
