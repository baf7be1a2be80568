// Which reports are due: of each week on Monday, of each month on the 1st, both UTC, once each.

import { dayMs, floorTo, iso } from '../system/time.ts';
import type { TimeRange } from './port.ts';
import type { ReportKind } from './report.ts';

export type DueReport = {
  readonly kind: Exclude<ReportKind, 'on demand'>;
  readonly range: TimeRange;
  /** In the bucket, without its extension. */
  readonly name: string;
};

/** Those whose time ended since the last review; the first review of a stage makes none. */
export function dueReports(reviewedToMs: number | undefined, nowMs: number): readonly DueReport[] {
  if (reviewedToMs === undefined) return [];
  const weekMs = startOfWeek(nowMs);
  const monthMs = startOfMonth(nowMs);
  const due: DueReport[] = [];
  if (reviewedToMs < weekMs) due.push(reportOf('weekly', { fromMs: weekMs - 7 * dayMs, toMs: weekMs }));
  if (reviewedToMs < monthMs)
    due.push(reportOf('monthly', { fromMs: startOfMonth(monthMs - dayMs), toMs: monthMs }));
  return due;
}

function reportOf(kind: DueReport['kind'], range: TimeRange): DueReport {
  const day = iso(range.fromMs).slice(0, 10);
  return { kind, range, name: `reports/${kind}/${kind === 'weekly' ? day : day.slice(0, 7)}` };
}

/** The epoch began on a Thursday. */
function startOfWeek(instantMs: number): number {
  const mondayMs = 4 * dayMs;
  return floorTo(instantMs - mondayMs, 7 * dayMs) + mondayMs;
}

function startOfMonth(instantMs: number): number {
  const date = new Date(instantMs);
  return Date.UTC(date.getUTCFullYear(), date.getUTCMonth(), 1);
}
