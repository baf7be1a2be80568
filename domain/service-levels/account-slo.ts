// The answer to GET /v1/slo: what an account got of what is promised, over 7 and 30 days, and day by day.

import type { Tenant } from '../keys.ts';
import { dayMs, floorTo, hourMs, iso } from '../system/time.ts';
import {
  addFreshness,
  attainmentsOf,
  type Freshness,
  failureReasons,
  gatewayRefusals,
  type Measured,
  noFreshness,
  percentilesOf,
} from './account-attainment.ts';
import { type LevelHour, type LevelRange, sumLevels } from './account-levels.ts';

const sloDays: readonly number[] = [7, 30];
const mostDays = 30;

/** Whole hours, so many that the longest window is in them. */
export const rangeOfSlo = (nowMs: number): LevelRange => windowOf(mostDays, nowMs);

function windowOf(days: number, nowMs: number): LevelRange {
  const toMs = floorTo(nowMs, hourMs) + hourMs;
  return { fromMs: toMs - days * dayMs, toMs };
}

/** By the hour in which requests came, and in which records were received. */
export type MeasuredHours = {
  readonly hours: readonly LevelHour[];
  readonly freshness: ReadonlyMap<number, Freshness>;
};

export function measuredIn({ hours, freshness }: MeasuredHours, { fromMs, toMs }: LevelRange): Measured {
  const isIn = (startMs: number) => startMs >= fromMs && startMs < toMs;
  return {
    levels: sumLevels(hours.filter(({ startMs }) => isIn(startMs))),
    freshness: [...freshness]
      .filter(([startMs]) => isIn(startMs))
      .reduce((sum, [, own]) => addFreshness(sum, own), noFreshness),
  };
}

export type SloAnswer = ReturnType<typeof sloAnswer>;

export function sloAnswer({ account, environment }: Tenant, measured: MeasuredHours, nowMs: number) {
  return {
    account_id: account,
    environment,
    as_of: iso(nowMs),
    windows: sloDays.map((days) => {
      const range = windowOf(days, nowMs);
      const within = measuredIn(measured, range);
      return {
        days,
        from: iso(range.fromMs),
        to: iso(range.toMs),
        objectives: attainmentsOf(within),
        latency: {
          ingest: percentilesOf(within.levels, 'ingest'),
          summary: percentilesOf(within.levels, 'summary'),
          search: percentilesOf(within.levels, 'search'),
        },
        refused_by_gateway: gatewayRefusals(within.levels),
        failures: failureReasons(within.levels),
      };
    }),
    daily: daysOf(nowMs).map((startMs) => ({
      day: iso(startMs).slice(0, 10),
      objectives: attainmentsOf(measuredIn(measured, { fromMs: startMs, toMs: startMs + dayMs })).map(
        ({ name, total, bad, actual_percent }) => ({ name, total, bad, actual_percent }),
      ),
    })),
  };
}

const daysOf = (nowMs: number): number[] => {
  const today = floorTo(nowMs, dayMs);
  return Array.from({ length: mostDays }, (_, index) => today - (mostDays - 1 - index) * dayMs);
};
