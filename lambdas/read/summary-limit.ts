// The limit of summary reads a minute, and its headers. While its table is away, all reads pass.

import type { Logger } from '@aws-lambda-powertools/logger';
import type { Leases } from '../../domain/limits/leases.ts';
import { metricNames } from '../../domain/service-levels/metrics.ts';
import type { Clock } from '../../domain/system/port.ts';
import { secondMs } from '../../domain/system/time.ts';
import { Unavailable } from '../../domain/system/unavailable.ts';
import type { Caller } from '../edge/caller.ts';
import { ProblemError } from '../edge/http.ts';
import { limitHeaders } from '../edge/limit-headers.ts';
import { errorFields } from '../runtime/error-fields.ts';
import type { Meter } from '../runtime/telemetry.ts';

export type SummaryLimitDeps = {
  readonly summaryLeases: Pick<Leases, 'admit'>;
  readonly clock: Pick<Clock, 'now'>;
  readonly meter: Meter;
  readonly logger: Pick<Logger, 'warn'>;
};

const policy = 'summary_reads';
const oneRead = { units: 1, events: 1 };

/** After a failure, so long no request waits for the table. */
const awayMs = secondMs;

/** The headers of the answer. Throws if the read is over the limit. */
export function createSummaryLimit({ summaryLeases, clock, meter, logger }: SummaryLimitDeps) {
  let awayUntilMs = 0;
  return async ({ tenant, summaryReadsPerMinute, limitsMode }: Caller) => {
    const limited = { rate: { perMinute: summaryReadsPerMinute }, isRateHard: limitsMode === 'enforce' };
    const skip = () => {
      meter.count(metricNames.limitsSkipped, 1);
      return {};
    };
    if (clock.now() < awayUntilMs) return skip();
    const decision = await summaryLeases.admit(tenant, oneRead, limited).catch((error: unknown) => {
      if (!(error instanceof Unavailable)) throw error;
      awayUntilMs = clock.now() + awayMs;
      logger.warn('what is used of the limit of summary reads is unavailable', errorFields(error));
    });
    if (!decision) return skip();
    if (decision.isLocal) skip();
    const { left, fullMs, over, isAdmitted, retryMs } = decision;
    const retrySeconds = Math.ceil(retryMs / secondMs);
    const resetSeconds = isAdmitted ? Math.ceil(fullMs / secondMs) : retrySeconds;
    const headers = limitHeaders(
      [{ name: policy, limit: summaryReadsPerMinute, windowSeconds: 60, left, resetSeconds }],
      clock.now(),
    );
    if (over !== undefined)
      meter.count(isAdmitted ? metricNames.overLimitAccepted : metricNames.rateLimited, 1);
    if (isAdmitted) return headers;
    throw new ProblemError(
      'rate_limited',
      {
        detail:
          `This account may read ${summaryReadsPerMinute} summaries and series a minute in this environment, or those ` +
          'of 3 minutes at once. Wait, then ask again.',
        retry_after: retrySeconds,
        'violated-policies': [policy],
      },
      headers,
    );
  };
}
