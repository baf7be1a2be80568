// The counts and sums of an account over time: one point for each minute, hour or day, also where there was nothing. From the
// same documents as a summary, so that the points add up to its total.

import { noName, otherName } from '../documents/names.ts';
import { decimalOf } from '../event/value.ts';
import type { Tenant } from '../keys.ts';
import { iso } from '../system/time.ts';
import type { Grouping, Interval, Points } from './points.ts';
import type { SeriesCounts } from './series-counts.ts';

export type Series = {
  readonly account_id: string;
  readonly environment: string;
  readonly interval: Interval;
  readonly tz: string;
  readonly group_by?: Grouping;
  readonly from: string;
  readonly to: string;
  readonly total: number;
  /** Of the values of events, as in a summary. Absent, here and in points and groups, if no event carries one. */
  readonly sum?: string;
  readonly points: readonly Point[];
  /** At most 20, greatest first, and then `(other)` and `(none)`. `counts` and `sums` are in the order of the points. */
  readonly groups?: readonly Group[];
  readonly as_of: string;
};
export type Point = { readonly from: string; readonly count: number; readonly sum?: string };
export type Group = { readonly [name in Grouping]?: string } & {
  readonly count: number;
  readonly sum?: string;
  readonly counts: readonly number[];
  readonly sums?: readonly string[];
};

const mostGroups = 20;

export function seriesOf(
  tenant: Tenant,
  points: Points,
  { counts, grouping, asOfMs }: { counts: SeriesCounts; grouping?: Grouping | undefined; asOfMs: number },
): Series {
  const { interval, timeZone, starts, toMs } = points;
  const all = totalsOf(counts);
  const sums = counts.values.size > 0 ? all.sums.map(decimalOf) : undefined;
  return {
    account_id: tenant.account,
    environment: tenant.environment,
    interval,
    tz: timeZone,
    ...(grouping && { group_by: grouping }),
    from: iso(starts[0] ?? toMs),
    to: iso(toMs),
    total: sumOf(all.counts),
    ...(sums && { sum: decimalOf(sumOfSums(all.sums)) }),
    points: starts.map((start, point) => ({
      ...{ from: iso(start), count: all.counts[point] ?? 0 },
      ...(sums && { sum: sums[point] ?? '' }),
    })),
    ...(grouping && { groups: groupsOf(counts, grouping, all) }),
    as_of: iso(asOfMs),
  };
}

/** By point. Sums are in millionths. */
type Row = { readonly counts: number[]; readonly sums: bigint[] };

const totalsOf = ({ counts, values }: SeriesCounts): Row => ({
  counts: [...counts],
  sums: Array.from(counts, (_, point) => values.get(point)?.sum ?? 0n),
});

/** In each point, the groups add up to its count and its sum. */
function groupsOf(counts: SeriesCounts, grouping: Grouping, all: Row): Group[] {
  const nothing = (): Row => ({ counts: all.counts.map(() => 0), sums: all.sums.map(() => 0n) });
  const listed = new Map(counts.greatestNames(mostGroups).map((name) => [name, nothing()]));
  const others = nothing();
  const unnamed: Row = { counts: [...all.counts], sums: [...all.sums] };
  for (const point of all.counts.keys())
    for (const [name, { count, values }] of counts.namesAt(point)) {
      const sum = values?.sum ?? 0n;
      addAt(point, listed.get(name) ?? others, count, sum);
      addAt(point, unnamed, -count, -sum);
    }
  const toGroup = ([name, row]: readonly [string, Row]): Group => ({
    ...{ [grouping]: name, count: sumOf(row.counts) },
    ...(counts.values.size > 0 && { sum: decimalOf(sumOfSums(row.sums)), sums: row.sums.map(decimalOf) }),
    counts: row.counts,
  });
  const rest = [[otherName, others] as const, [noName, unnamed] as const];
  return [
    ...[...listed]
      .map(toGroup)
      .sort((a, b) => b.count - a.count || ((a[grouping] ?? '') < (b[grouping] ?? '') ? -1 : 1)),
    ...rest.map(toGroup).filter(({ count }) => count > 0),
  ];
}

function addAt(point: number, { counts, sums }: Row, count: number, sum: bigint): void {
  counts[point] = (counts[point] ?? 0) + count;
  sums[point] = (sums[point] ?? 0n) + sum;
}

const sumOf = (counts: readonly number[]): number => counts.reduce((sum, count) => sum + count, 0);
const sumOfSums = (sums: readonly bigint[]): bigint => sums.reduce((sum, own) => sum + own, 0n);
