// The limits of events of an account and environment: a minute, by weight, and the quotas of a day and a month. A batch is
// judged once it is known to be new and valid, and before it is put on the stream.

import type { Logger } from '@aws-lambda-powertools/logger';
import { modesInForce } from '../../domain/accounts/limit-modes.ts';
import type { Notices } from '../../domain/accounts/port.ts';
import { tenantKey } from '../../domain/keys.ts';
import type { Asked, Decision, Leases } from '../../domain/limits/leases.ts';
import {
  type PeriodName,
  periodAt,
  periodNames,
  type QuotaMode,
  type Quotas,
  shareReached,
  type ToldShare,
} from '../../domain/limits/quota.ts';
import { metricNames } from '../../domain/service-levels/metrics.ts';
import { BoundedMap } from '../../domain/system/bounded-map.ts';
import type { Clock } from '../../domain/system/port.ts';
import { floorTo, iso, minuteMs, secondMs } from '../../domain/system/time.ts';
import { Unavailable } from '../../domain/system/unavailable.ts';
import { type Caller, type Page, pageOf, senderOf } from '../edge/caller.ts';
import { ProblemError } from '../edge/http.ts';
import { errorFields } from '../runtime/error-fields.ts';
import type { Meter } from '../runtime/telemetry.ts';

export type EventLimitDeps = {
  readonly eventLeases: Pick<Leases, 'admit' | 'giveBack'>;
  /** Of accounts without one of their own. */
  readonly stageQuotaMode: QuotaMode;
  readonly notices: Notices;
  readonly clock: Pick<Clock, 'now'>;
  readonly meter: Meter;
  readonly logger: Pick<Logger, 'warn'>;
};

/** The name of the limit in the RateLimit headers. Those of quotas are `day` and `month`. */
export const eventPolicy = 'events';

export const quotasOf = ({ eventsPerDay, eventsPerMonth }: Caller): Quotas => ({
  day: eventsPerDay,
  month: eventsPerMonth,
});

/** After a failure, so long no request waits for the table. */
const awayMs = secondMs;

export type EventLimit = {
  /** Throws if the batch is over a limit that refuses it. `units` is its weight. False if it was not counted. */
  admit(caller: Caller, asked: Asked): Promise<boolean>;
  /** After a failure of ours: what was counted and not accepted. `sent`: of it, what was never put on the stream. */
  giveBack(caller: Caller, asked: Asked): Promise<void>;
};

export function createEventLimit(deps: EventLimitDeps): EventLimit {
  const { eventLeases, stageQuotaMode, clock, meter, logger } = deps;
  const tell = createTellQuotas(deps);
  let awayUntilMs = 0;
  /** A batch that is accepted beyond the limit is better than one that is refused because we cannot count. */
  const skip = (): false => {
    meter.count(metricNames.limitsSkipped, 1);
    return false;
  };
  /** Before the limits of the account, so that visitors do not use up what its servers need. */
  const admitPage = async (caller: Caller, page: Page, { units, events }: Asked): Promise<void> => {
    const limited = { rate: { perMinute: page.eventsPerMinute }, isRateHard: true };
    const decision = await eventLeases
      .admit(senderOf(caller), { units, events }, limited)
      .catch((error: unknown) => {
        if (!(error instanceof Unavailable)) throw error;
        logger.warn('what is used of the limit of a public key is unavailable', errorFields(error));
      });
    if (decision && !decision.isAdmitted) throw overPublicRate(deps, page, decision);
  };
  const admit = async (caller: Caller, asked: Asked): Promise<boolean> => {
    if (clock.now() < awayUntilMs) return skip();
    const page = pageOf(caller);
    if (page) await admitPage(caller, page, asked);
    const { limitsMode, quotaMode } = modesInForce(caller, stageQuotaMode);
    const limited = {
      rate: { perMinute: caller.eventsPerMinute },
      isRateHard: limitsMode === 'enforce',
      quotas: quotasOf(caller),
      areQuotasHard: quotaMode === 'hard',
    };
    const decision = await eventLeases.admit(caller.tenant, asked, limited).catch((error: unknown) => {
      if (!(error instanceof Unavailable)) throw error;
      awayUntilMs = clock.now() + awayMs;
      logger.warn('what is used of the limits of events is unavailable', errorFields(error));
    });
    if (!decision) return skip();
    if (decision.isLocal) skip();
    if (decision.error)
      logger.warn('what an account has used refuses writes; each instance goes by what it knows', {
        ...caller.tenant,
        ...errorFields(decision.error),
      });
    await tell(caller, decision, quotaMode);
    const { over } = decision;
    if (over === undefined) return true;
    if (page && !decision.isAdmitted) throw overForPage(deps, decision);
    if (over !== 'rate' && !decision.isAdmitted) throw overQuota(deps, caller, asked, decision, over);
    if (!decision.isAdmitted) throw overRate(deps, caller, asked, decision);
    meter.count(metricNames.overLimitAccepted, 1);
    return true;
  };
  const giveBack = async ({ tenant }: Caller, asked: Asked): Promise<void> => {
    try {
      await eventLeases.giveBack(tenant, asked);
    } catch (error) {
      if (!(error instanceof Unavailable)) throw error;
      logger.warn('a batch that failed still counts against limits, or is noted as sent', {
        ...tenant,
        ...errorFields(error),
      });
    }
  };
  return { admit, giveBack };
}

const retryAfter = ({ retryMs }: Decision) => ({ retry_after: Math.ceil(retryMs / secondMs) });

function overRate(
  { meter }: EventLimitDeps,
  { eventsPerMinute }: Caller,
  { units }: Asked,
  decision: Decision,
): ProblemError {
  meter.count(metricNames.rateLimited, 1);
  return new ProblemError('rate_limited', {
    detail:
      `This account may send ${eventsPerMinute} events a minute in this environment, or those of 3 minutes at once. ` +
      `This batch counts as ${units}. Wait, then send it again.`,
    ...retryAfter(decision),
    'violated-policies': [eventPolicy],
  });
}

/** Whoever reads the key in a page learns nothing of the limits of its account. */
function overForPage({ meter }: EventLimitDeps, decision: Decision): ProblemError {
  meter.count(decision.over === 'rate' ? metricNames.rateLimited : metricNames.quotaRefused, 1);
  return new ProblemError('rate_limited', {
    detail: 'More is sent than this account may send. Wait, then send the batch again.',
    ...retryAfter(decision),
    'violated-policies': [eventPolicy],
  });
}

function overPublicRate(
  { meter }: EventLimitDeps,
  { eventsPerMinute }: Page,
  decision: Decision,
): ProblemError {
  meter.count(metricNames.rateLimited, 1);
  return new ProblemError('rate_limited', {
    detail: `This public key may send ${eventsPerMinute} events a minute, whoever has it. Wait, then send the batch again.`,
    ...retryAfter(decision),
    'violated-policies': [eventPolicy],
  });
}

function overQuota(
  { clock, meter }: EventLimitDeps,
  caller: Caller,
  { events }: Asked,
  decision: Decision,
  period: PeriodName,
): ProblemError {
  meter.count(metricNames.quotaRefused, 1);
  const quota = quotasOf(caller)[period];
  const left = Math.max(0, quota - decision.counted[period].events);
  return new ProblemError('quota_exceeded', {
    detail:
      `This account may send ${quota} events a ${period} in this environment, and has ${left} left. This batch has ` +
      `${events}. Send it after ${iso(periodOf(period, decision, clock).endMs)}, or ask for a higher quota.`,
    ...retryAfter(decision),
    'violated-policies': [period],
  });
}

/** Others may have begun a day that this clock has not. */
const periodOf = (name: PeriodName, { counted }: Decision, clock: Pick<Clock, 'now'>) =>
  periodAt(name, Math.max(clock.now(), counted.dayMs));

/** Some 100 bytes each. */
const mostTold = 20_000;

/**
 * The account is told once of each share of a quota, by the first instance that finds it reached. What is refused has reached
 * all of it, however little room there is.
 */
function createTellQuotas({ notices, clock, logger }: EventLimitDeps) {
  const told = new BoundedMap<{ readonly startMs: number; readonly share: ToldShare }>(mostTold);
  let awayUntilMs = 0;
  return async (caller: Caller, decision: Decision, mode: QuotaMode): Promise<void> => {
    const nowMs = clock.now();
    if (nowMs < awayUntilMs) return;
    for (const period of periodNames) {
      const quota = quotasOf(caller)[period];
      const used = decision.counted[period].events;
      const share = decision.over === period ? 100 : shareReached(used, quota);
      if (share === undefined) continue;
      const name = `${tenantKey(caller.tenant)} ${period} ${quota}`;
      const { startMs, endMs } = periodOf(period, decision, clock);
      const before = told.get(name);
      if (before?.startMs === startMs && before.share >= share) continue;
      const notice = { share, quota, used, mode, period, startMs, endMs, minuteMs: floorTo(nowMs, minuteMs) };
      try {
        await notices.write({ what: 'quota.reached', ...caller.tenant, ...notice });
        told.keep(name, { startMs, share });
      } catch (error) {
        // A later batch tells it. Not each of them waits.
        awayUntilMs = nowMs + awayMs;
        logger.warn('that a share of a quota is reached could not be noted', errorFields(error));
        return;
      }
    }
  };
}
