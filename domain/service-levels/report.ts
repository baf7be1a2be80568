// A report: from what was measured, what a person wants to know of a time. Were the promises kept, what did it cost of the
// error budgets, what failed, and is it safe to ship. All of it follows from the facts; where there are none, it says so.

import { dayMs, floorTo } from '../system/time.ts';
import {
  type Attainment,
  attainmentOf,
  type Counted,
  type Counts,
  countsIn,
  sumIn,
  windowOf,
} from './attainment.ts';
import type { Incident } from './incidents.ts';
import { wasOpenIn } from './incidents.ts';
import type { Objective } from './objectives.ts';
import type { Hourly, TimeRange } from './port.ts';
import { judge, type Verdict } from './verdict.ts';

export type ReportKind = 'weekly' | 'monthly' | 'on demand';

/** As measured, by the hour, from before the range: as far back as windows and the time before it reach. */
export type ReportFacts = {
  readonly stage: string;
  readonly kind: ReportKind;
  readonly range: TimeRange;
  readonly madeAtMs: number;
  readonly objectives: readonly { readonly objective: Objective; readonly counted: Counted }[];
  readonly throughput: readonly Named[];
  /** What users or operators felt, each by itself. */
  readonly failures: readonly Named[];
  /** Milliseconds: of each hour, the percentiles of what was measured in it. */
  readonly latencies: readonly (Percentiles<Hourly> & { readonly what: string })[];
  readonly incidents: readonly Incident[];
};

export type Named = { readonly what: string; readonly hourly: Hourly };
type Percentiles<Of> = { readonly p50: Of; readonly p95: Of; readonly p99: Of };

export type Report = Pick<ReportFacts, 'stage' | 'kind' | 'range' | 'madeAtMs'> & {
  readonly verdict: Verdict;
  readonly objectives: readonly ReportedObjective[];
  readonly throughput: readonly ReportedCount[];
  /** The most first; those that did not happen are left out. */
  readonly failures: readonly { readonly what: string; readonly count: number }[];
  readonly latencies: readonly ReportedLatency[];
  readonly incidents: readonly Incident[];
};

export type ReportedObjective = {
  readonly objective: Objective;
  /** Over the window that is promised, up to the end of the report. Undefined without data. */
  readonly window: Attainment | undefined;
  readonly period: Attainment | undefined;
  /** Of the same length, just before. */
  readonly before: Attainment | undefined;
  readonly trend: Trend;
  readonly days: readonly DayCounts[];
};

export type ReportedCount = {
  readonly what: string;
  readonly count: number;
  readonly before: number;
  readonly days: readonly { readonly dayMs: number; readonly count: number }[];
};

export type DayCounts = Counts & { readonly dayMs: number };

export type Trend = 'better' | 'worse' | 'the same' | 'no comparison';

export type ReportedLatency = {
  readonly what: string;
  /** Of the hours with data; undefined if there are none. */
  readonly usual: Percentiles<number> | undefined;
  readonly worst: Percentiles<number> | undefined;
};

export function makeReport(facts: ReportFacts): Report {
  const { stage, kind, range, madeAtMs } = facts;
  const before = beforeOf(range);
  const incidents = facts.incidents.filter((incident) => wasOpenIn(incident, range));
  const judged = facts.objectives.map(({ objective, counted }) => ({
    objective,
    window: attainmentOf(objective, countsIn(objective, counted, windowOf(objective, range.toMs))),
    lastDay: countsIn(objective, counted, { fromMs: range.toMs - dayMs, toMs: range.toMs }),
  }));
  return {
    ...{ stage, kind, range, madeAtMs, incidents },
    verdict: judge(
      judged,
      incidents.map((incident) => asAt(incident, range.toMs)),
    ),
    objectives: facts.objectives.map(({ objective, counted }, index) => {
      const inPeriod = attainmentOf(objective, countsIn(objective, counted, range));
      const inTimeBefore = attainmentOf(objective, countsIn(objective, counted, before));
      return {
        objective,
        window: judged[index]?.window,
        period: inPeriod,
        before: inTimeBefore,
        trend: trendOf(inPeriod, inTimeBefore),
        days: daysOf(objective, counted, range),
      };
    }),
    throughput: facts.throughput.map(({ what, hourly }) => ({
      what,
      count: sumIn(hourly, range),
      before: sumIn(hourly, before),
      days: daysIn(range).map((day) => ({ dayMs: day.dayMs, count: sumIn(hourly, day) })),
    })),
    failures: facts.failures
      .map(({ what, hourly }) => ({ what, count: sumIn(hourly, range) }))
      .filter(({ count }) => count > 0)
      .toSorted((one, other) => other.count - one.count),
    latencies: facts.latencies.map(({ what, ...percentiles }) => ({
      what,
      usual: percentilesBy(percentiles, range, median),
      worst: percentilesBy(percentiles, range, (values) => Math.max(...values)),
    })),
  };
}

/** As long as the range, and just before it. */
export const beforeOf = ({ fromMs, toMs }: TimeRange): TimeRange => ({
  fromMs: fromMs - (toMs - fromMs),
  toMs: fromMs,
});

/** Measurements are by the hour, as far back as anything in the report looks. */
export const measuredFor = (range: TimeRange, objectives: readonly Objective[]): TimeRange => ({
  fromMs: Math.min(beforeOf(range).fromMs, ...objectives.map((each) => windowOf(each, range.toMs).fromMs)),
  toMs: range.toMs,
});

/** An incident that ended later was open then. */
function asAt(incident: Incident, atMs: number): Incident {
  if (incident.toMs === undefined || incident.toMs <= atMs) return incident;
  const { toMs: _, ...open } = incident;
  return open;
}

/** A tenth of the budget is no trend. */
function trendOf(now: Attainment | undefined, before: Attainment | undefined): Trend {
  if (now === undefined || before === undefined) return 'no comparison';
  if (now.usedPercent === before.usedPercent) return 'the same';
  const change = now.usedPercent - before.usedPercent;
  if (Math.abs(change) < 10) return 'the same';
  return change > 0 ? 'worse' : 'better';
}

export const daysOf = (objective: Objective, counted: Counted, range: TimeRange): readonly DayCounts[] =>
  daysIn(range).map((day) => ({ dayMs: day.dayMs, ...countsIn(objective, counted, day) }));

/** Days of UTC; the first and the last as far as they are in the range. */
function daysIn({ fromMs, toMs }: TimeRange): readonly (TimeRange & { readonly dayMs: number })[] {
  const days: (TimeRange & { readonly dayMs: number })[] = [];
  for (let startMs = floorTo(fromMs, dayMs); startMs < toMs; startMs += dayMs)
    days.push({ dayMs: startMs, fromMs: Math.max(fromMs, startMs), toMs: Math.min(toMs, startMs + dayMs) });
  return days;
}

function percentilesBy(
  { p50, p95, p99 }: Percentiles<Hourly>,
  { fromMs, toMs }: TimeRange,
  pick: (values: readonly number[]) => number,
): Percentiles<number> | undefined {
  const of = (hourly: Hourly) => {
    const values = [...hourly].flatMap(([hour, value]) => (hour >= fromMs && hour < toMs ? [value] : []));
    return values.length === 0 ? undefined : pick(values);
  };
  const [low, high, highest] = [of(p50), of(p95), of(p99)];
  return low === undefined || high === undefined || highest === undefined
    ? undefined
    : { p50: low, p95: high, p99: highest };
}

const median = (values: readonly number[]): number =>
  values.toSorted((one, other) => one - other)[Math.floor((values.length - 1) / 2)] ?? 0;
