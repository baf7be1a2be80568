// What an account has used of its limits, as GET /v1/usage and `weir usage` show it.

import { type LimitModes, type LimitsMode, modesInForce } from '../accounts/limit-modes.ts';
import type { Limits, TierName } from '../accounts/tiers.ts';
import type { Tenant } from '../keys.ts';
import { iso } from '../system/time.ts';
import type { Used } from './port.ts';
import { countedAt, type PeriodName, periodAt, projected, type QuotaMode } from './quota.ts';
import { standingOf } from './rate.ts';

type ShownRate = {
  readonly limit: number;
  /** What can be used at once, up to a minute's. */
  readonly left: number;
  /** When that is a whole minute's again. */
  readonly full_at: string;
  readonly mode: LimitsMode;
};

type ShownQuota = {
  readonly limit: number;
  readonly used: number;
  readonly left: number;
  /** Of the limit, from 0 on. */
  readonly share: number;
  /** Events beyond a limit in this period: refused, or accepted because nothing is refused. */
  readonly over: number;
  readonly resets_at: string;
  /** What would be used by then if it went on as it did so far. */
  readonly projected: number;
  readonly mode: QuotaMode;
};

export type Usage = {
  readonly account_id: string;
  readonly environment: string;
  readonly tier: TierName;
  readonly as_of: string;
  readonly requests_per_second: { readonly limit: number };
  readonly events_per_minute: ShownRate;
  readonly events_per_day: ShownQuota;
  readonly events_per_month: ShownQuota;
  readonly summary_reads_per_minute: ShownRate;
};

export type UsageParts = {
  readonly tenant: Tenant;
  readonly tier: TierName;
  readonly limits: Omit<Limits, 'slots' | 'retentionDays' | 'keepRejectedDays'>;
  readonly modes: LimitModes;
  readonly stageQuotaMode: QuotaMode;
  readonly events: Used;
  readonly summaryReads: Used;
};

export function usageOf(parts: UsageParts, nowMs: number): Usage {
  const { tenant, tier, limits, events, summaryReads } = parts;
  const { limitsMode, quotaMode } = modesInForce(parts.modes, parts.stageQuotaMode);
  const counted = countedAt(events.counted, nowMs);
  const rate = (perMinute: number, { usedUntil }: Used): ShownRate => {
    const { left, fullMs } = standingOf(usedUntil, nowMs, { perMinute });
    return { limit: perMinute, left, full_at: iso(nowMs + fullMs), mode: limitsMode };
  };
  const quota = (period: PeriodName, limit: number): ShownQuota => {
    const { events: used, over } = counted[period];
    const bounds = periodAt(period, counted.dayMs);
    return {
      limit,
      used,
      left: Math.max(0, limit - used),
      share: Math.round((used / limit) * 10_000) / 10_000,
      over,
      resets_at: iso(bounds.endMs),
      projected: projected(used, bounds, nowMs),
      mode: quotaMode,
    };
  };
  return {
    account_id: tenant.account,
    environment: tenant.environment,
    tier,
    as_of: iso(nowMs),
    requests_per_second: { limit: limits.requestsPerSecond },
    events_per_minute: rate(limits.eventsPerMinute, events),
    events_per_day: quota('day', limits.eventsPerDay),
    events_per_month: quota('month', limits.eventsPerMonth),
    summary_reads_per_minute: rate(limits.summaryReadsPerMinute, summaryReads),
  };
}
