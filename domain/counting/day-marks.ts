// The mark of a closed day into which something was counted: a fold of the day that was made before is then stale.

import type { DayMark } from '../documents/documents.ts';
import type { Tenant } from '../keys.ts';
import { dayMs } from '../system/time.ts';

/**
 * How long a mark outlives the events of its day. A mark must not expire, and begin again at 1, while a fold with an
 * earlier mark exists: events are accepted for 30 days, guards last 7 days longer, and a fold lasts 7 days.
 */
const markMarginMs = 45 * dayMs;
/** The life of a mark if retention is under a year. One length for all, because a later count sets the expiry again. */
const minMarkLifeMs = 400 * dayMs;

export const markOfDay = (tenant: Tenant, day: number, retentionMs: number): DayMark => ({
  tenant,
  dayMs: day,
  expiresAtMs: day + Math.max(minMarkLifeMs, retentionMs + markMarginMs),
});
