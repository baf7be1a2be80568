// Answers series. It reads what a summary reads, and of folded days the hours where points are not days of UTC.

import { daysIn, timeZoneOf } from '../../domain/reading/local-days.ts';
import {
  type Grouping,
  groupings,
  hoursOf,
  type Interval,
  intervals,
  isGrouping,
  isInterval,
  isOfWholeHours,
  lastPoints,
  type Points,
  pointsFrom,
  pointsOf,
} from '../../domain/reading/points.ts';
import { type Series, seriesOf } from '../../domain/reading/series.ts';
import { SeriesCounts } from '../../domain/reading/series-counts.ts';
import { type Bounds, mostDays } from '../../domain/reading/summary.ts';
import { visibleFromMs } from '../../domain/reading/visible.ts';
import { dayMs, floorTo, hourMs, minuteMs } from '../../domain/system/time.ts';
import { type Caller, fromContext } from '../edge/caller.ts';
import type { HttpRequest } from '../edge/http.ts';
import { queryOf, wrongParameter } from '../edge/query.ts';
import { readBounds, readFormat } from './bounds.ts';
import { type ReadWindowDeps, readWindow } from './read-window.ts';

export type SeriesQuestion = {
  readonly caller: Caller;
  readonly points: Points;
  readonly grouping: Grouping | undefined;
  readonly isCsv: boolean;
};

/** Throws if the request is wrong. */
export function readSeriesQuestion(request: HttpRequest, nowMs: number): SeriesQuestion {
  const caller = fromContext(request.requestContext.authorizer);
  const { interval, group_by, from, to, tz, format } = queryOf(
    request,
    'GET /v1/accounts/{account_id}/series',
  );
  const isCsv = readFormat(format);
  if (interval === undefined || !isInterval(interval))
    throw wrongParameter('interval', `must be one of ${Object.keys(intervals).join(', ')}`);
  if (group_by !== undefined && !isGrouping(group_by))
    throw wrongParameter('group_by', `must be one of ${groupings.join(', ')}`);
  if (tz !== undefined && interval !== 'day')
    throw wrongParameter('tz', 'must be absent but with interval=day');
  if (to !== undefined && from === undefined) throw wrongParameter('to', 'needs "from"');
  const { most, usual, widthMs } = intervals[interval];
  const visible = (points: Points) => pointsFrom(points, visibleFromMs(caller, nowMs));
  if (from === undefined) {
    const points = readPoints(interval, { fromMs: nowMs - usual * widthMs, toMs: nowMs + 1 }, tz);
    checkGrouping(group_by, points);
    return { caller, points: visible(lastPoints(points, usual)), grouping: group_by, isCsv };
  }
  const bounds = readBounds({ from, ...(to !== undefined && { to }) }, nowMs);
  if (interval === 'minute' && bounds.fromMs < floorTo(nowMs, minuteMs) - dayMs)
    throw wrongParameter('from', 'must be at most 24 hours ago with interval=minute');
  const tooLong = () => wrongParameter('from', `must be at most ${most} whole ${interval}s before "to"`);
  if (bounds.toMs - bounds.fromMs > mostDays * dayMs + hourMs) throw tooLong();
  const points = readPoints(interval, bounds, tz);
  if (points.starts.length > most) throw tooLong();
  checkGrouping(group_by, points);
  return { caller, points: visible(points), grouping: group_by, isCsv };
}

function readPoints(interval: Interval, bounds: Bounds, tz = 'UTC'): Points {
  if (interval !== 'day') return pointsOf(interval, bounds);
  const zone = timeZoneOf(tz);
  if (!zone) throw wrongParameter('tz', 'must be a time zone, such as Europe/Berlin');
  const days = daysIn(zone, bounds);
  if (!days)
    throw wrongParameter('tz', 'must be a time zone whose offset from UTC is a multiple of 15 minutes');
  return { interval, timeZone: zone.name, ...days };
}

/** Types and services are counted by the hour. */
function checkGrouping(grouping: Grouping | undefined, points: Points): void {
  if (grouping === undefined) return;
  if (points.interval === 'minute')
    throw wrongParameter('group_by', 'must be absent with interval=minute: minutes are counted in total');
  if (!isOfWholeHours(points))
    throw wrongParameter(
      'group_by',
      `must be absent with tz=${points.timeZone}: its days do not begin at a full hour of UTC, and types and services are counted by the hour`,
    );
}

/** All that an answer depends on, but the tenant. */
export function nameOfSeries({ caller, points, grouping, isCsv }: SeriesQuestion): string {
  const { interval, timeZone, starts, toMs } = points;
  return `series ${[caller.mostSlots, interval, timeZone, starts[0], toMs, grouping, isCsv].join(' ')}`;
}

export async function readSeries(
  deps: ReadWindowDeps,
  { caller, points, grouping }: SeriesQuestion,
): Promise<Series> {
  const counts = new SeriesCounts(points, grouping);
  const { asOfMs } = await readWindow(deps, caller, hoursOf(points), counts);
  return seriesOf(caller.tenant, points, { counts, grouping, asOfMs });
}
