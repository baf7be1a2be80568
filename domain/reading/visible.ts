// Which events readers show: one instant for all of them, whatever they read. DynamoDB deletes expired items late, often by
// days, and pages at other times than documents. So readers go by the hour of an event, which is shown as long as nothing
// that was received for it can have been deleted: under the least retention that was in force at any time since.

import type { Retention } from '../accounts/retention.ts';
import { newestMs } from '../event/time-bounds.ts';
import { dayMs, hourMs } from '../system/time.ts';
import type { Bounds } from './summary.ts';

/**
 * The first whole hour of event time that is shown. It never moves back, so that what was hidden stays hidden. An event may
 * be received some minutes before its time: it expires so much earlier.
 */
export function visibleFromMs({ retentionDays, formerRetentions = [] }: Retention, nowMs: number): number {
  const keptFrom = (days: number) => wholeHour(nowMs - days * dayMs + newestMs);
  return Math.max(
    keptFrom(retentionDays),
    ...formerRetentions.map(({ value, untilMs }) => Math.min(keptFrom(value), wholeHour(untilMs + newestMs))),
  );
}

/** What is shown of it. If nothing is, it is empty: both are its end. */
export const visibleBounds = ({ fromMs, toMs }: Bounds, visibleMs: number): Bounds => ({
  fromMs: Math.min(Math.max(fromMs, visibleMs), toMs),
  toMs,
});

const wholeHour = (instantMs: number): number => Math.ceil(instantMs / hourMs) * hourMs;
