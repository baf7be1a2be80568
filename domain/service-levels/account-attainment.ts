// What an account got of what is promised: from its levels and from what was stored in time, over any number of hours.

import {
  addLevels,
  type Counter,
  type LatencyBound,
  type Levels,
  latencyBounds,
  type Outcome,
  outcomes,
  type RouteGroup,
  routeGroups,
} from './account-levels.ts';
import { errorBudget, type Objective, objectives } from './objectives.ts';

/** Records of live events that were received, and those of them that were not stored in time. */
export type Freshness = { readonly records: number; readonly slow: number };
export const noFreshness: Freshness = { records: 0, slow: 0 };
export const addFreshness = (one: Freshness, other: Freshness): Freshness => ({
  records: one.records + other.records,
  slow: one.slow + other.slow,
});

/** Of one account, or of several together. */
export type Measured = { readonly levels: Levels; readonly freshness: Freshness };
export const nothingMeasured: Measured = { levels: {}, freshness: noFreshness };
export const addMeasured = (one: Measured, other: Measured): Measured => ({
  levels: addLevels(one.levels, other.levels),
  freshness: addFreshness(one.freshness, other.freshness),
});

type Counted = { readonly total: number; readonly bad: number };

export const accountObjectives = [
  'ingest-availability',
  'ingest-latency',
  'read-availability',
  'freshness',
] as const;
export type AccountObjective = (typeof accountObjectives)[number];

/** The same as of the whole platform: see indicators.ts. */
const counts: Readonly<Record<AccountObjective, (measured: Measured) => Counted>> = {
  'ingest-availability': ({ levels }) => failuresIn(levels, ['ingest']),
  'ingest-latency': ({ levels }) => ({
    total: answersOf(levels, 'ingest'),
    bad: slowerThan(levels, 'ingest', ingestLimitMs()),
  }),
  'read-availability': ({ levels }) => failuresIn(levels, readGroups),
  freshness: ({ freshness: { records, slow } }) => ({ total: records, bad: Math.max(0, slow) }),
};

const readGroups = routeGroups.filter((group) => group !== 'ingest');

export const countOf = (levels: Levels, counter: Counter): number => levels[counter] ?? 0;

const answersOf = (levels: Levels, group: RouteGroup): number =>
  sum(outcomes, (outcome) => countOf(levels, `${group}.${outcome}`));

const failuresIn = (levels: Levels, groups: readonly RouteGroup[]): Counted => ({
  total: sum(groups, (group) => answersOf(levels, group)),
  bad: sum(groups, (group) => countOf(levels, `${group}.failed`) + countOf(levels, `${group}.timed_out`)),
});

const slowerThan = (levels: Levels, group: RouteGroup, limitMs: LatencyBound): number =>
  sum(
    latencyBounds.filter((bound) => bound > limitMs),
    (bound) => countOf(levels, `${group}.ms${bound}`),
  );

function sum<Of>(list: readonly Of[], count: (each: Of) => number): number {
  return list.reduce((all, each) => all + count(each), 0);
}

/** Null where there are no data: nothing was asked, so that nothing was kept and nothing broken. */
export type Attainment = {
  readonly name: AccountObjective;
  readonly target_percent: number;
  readonly total: number;
  readonly bad: number;
  readonly actual_percent: number | null;
  readonly met: boolean | null;
  /** Below 0 if more was bad than may be. */
  readonly budget_left_percent: number | null;
};

export const attainmentsOf = (measured: Measured): readonly Attainment[] =>
  accountObjectives.map((name) => {
    const objective = objectiveOf(name);
    const { total, bad } = counts[name](measured);
    const share = total === 0 ? undefined : bad / total;
    return {
      name,
      target_percent: objective.targetPercent,
      total,
      bad,
      actual_percent: share === undefined ? null : percent(1 - share),
      met: share === undefined ? null : share <= errorBudget(objective),
      budget_left_percent: share === undefined ? null : percent(1 - share / errorBudget(objective)),
    };
  });

function objectiveOf(name: AccountObjective): Objective {
  const found = objectives.find((objective) => objective.name === name);
  if (!found) throw new Error(`There is no objective ${name}.`);
  return found;
}

/** Latencies are counted by steps. The limit is where one ends, so that what is over it is known exactly. */
function ingestLimitMs(): LatencyBound {
  const { indicator } = objectiveOf('ingest-latency');
  const limitMs = latencyBounds.find((bound) => indicator.kind === 'latency' && bound === indicator.withinMs);
  if (limitMs === undefined)
    throw new Error('Make the limit of the objective ingest-latency one of latencyBounds.');
  return limitMs;
}

const percent = (share: number): number => Number((100 * share).toFixed(4));

export type Percentiles = {
  readonly p50_ms: number | null;
  readonly p95_ms: number | null;
  readonly p99_ms: number | null;
};

/** Each is the upper bound of the step of the histogram that it is in: it is at most that. */
export function percentilesOf(levels: Levels, group: RouteGroup): Percentiles {
  const total = sum(latencyBounds, (bound) => countOf(levels, `${group}.ms${bound}`));
  const at = (share: number): number | null => {
    if (total === 0) return null;
    let seen = 0;
    for (const bound of latencyBounds) {
      seen += countOf(levels, `${group}.ms${bound}`);
      if (seen >= share * total) return bound;
    }
    return null;
  };
  return { p50_ms: at(0.5), p95_ms: at(0.95), p99_ms: at(0.99) };
}

/** Of all routes, what the account met beside answers, the most frequent first. */
export function failureReasons(
  levels: Levels,
): readonly { readonly route_group: RouteGroup; readonly outcome: Outcome; readonly count: number }[] {
  return routeGroups
    .flatMap((route_group) =>
      outcomes
        .filter((outcome) => outcome !== 'answered')
        .map((outcome) => ({ route_group, outcome, count: countOf(levels, `${route_group}.${outcome}`) })),
    )
    .filter(({ count }) => count > 0)
    .toSorted((one, other) => other.count - one.count);
}

/** What the gateway refused before a function saw it. */
export const gatewayRefusals = (levels: Levels) => ({
  throttled: sum(routeGroups, (group) => countOf(levels, `${group}.throttled`)),
  denied: sum(routeGroups, (group) => countOf(levels, `${group}.denied`)),
});
