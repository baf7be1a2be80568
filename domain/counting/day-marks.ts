// The mark of a closed day into which something was counted: a fold of the day that was made before is then stale.

import { type DayMark, foldLifeMs } from '../documents/documents.ts';
import { oldestMs } from '../event/time-bounds.ts';
import type { Tenant } from '../keys.ts';
import { dayMs } from '../system/time.ts';
import { guardMs } from './receipt.ts';

/**
 * How long a mark outlives the events of its day. A mark must not expire, and begin again at 1, while a fold with an
 * earlier mark exists: events are accepted for a time after their day, their guards outlive them, and then a fold lasts.
 */
const markMarginMs = dayMs + oldestMs + guardMs + foldLifeMs;
/** The life of a mark if retention is under a year. One length for all, because a later count sets the expiry again. */
const minMarkLifeMs = 400 * dayMs;

export const markOfDay = (tenant: Tenant, day: number, retentionMs: number): DayMark => ({
  tenant,
  dayMs: day,
  expiresAtMs: day + Math.max(minMarkLifeMs, retentionMs + markMarginMs),
});
