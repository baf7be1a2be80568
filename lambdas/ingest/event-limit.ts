// The limit of events of an account and environment. A batch is judged once it is known to be new and valid, and before it is
// put on the stream.

import type { Logger } from '@aws-lambda-powertools/logger';
import type { EventLeases } from '../../domain/limits/event-leases.ts';
import { metricNames } from '../../domain/service-levels/metrics.ts';
import type { Clock } from '../../domain/system/port.ts';
import { secondMs } from '../../domain/system/time.ts';
import { Unavailable } from '../../domain/system/unavailable.ts';
import type { Caller } from '../edge/caller.ts';
import { ProblemError } from '../edge/http.ts';
import { errorFields } from '../runtime/error-fields.ts';
import type { Meter } from '../runtime/telemetry.ts';

export type EventLimitDeps = {
  readonly eventLeases: Pick<EventLeases, 'admit'>;
  readonly clock: Pick<Clock, 'now'>;
  readonly meter: Meter;
  readonly logger: Pick<Logger, 'warn'>;
};

/** The name of the limit in the RateLimit headers. */
export const eventPolicy = 'events';

/** After a failure, so long no request waits for the table. */
const awayMs = secondMs;

/** Throws if the batch is over the limit. */
export type EventLimit = (caller: Caller, weight: number) => Promise<void>;

export function createEventLimit({ eventLeases, clock, meter, logger }: EventLimitDeps): EventLimit {
  let awayUntilMs = 0;
  /** A batch that is accepted beyond the limit is better than one that is refused because we cannot count. */
  const skip = () => {
    meter.count(metricNames.limitsSkipped, 1);
  };
  return async ({ tenant, eventsPerMinute }, weight) => {
    if (clock.now() < awayUntilMs) return skip();
    const decision = await eventLeases.admit(tenant, weight, { eventsPerMinute }).catch((error: unknown) => {
      if (!(error instanceof Unavailable)) throw error;
      awayUntilMs = clock.now() + awayMs;
      logger.warn('what is used of the limit of events is unavailable', errorFields(error));
    });
    if (!decision) return skip();
    if (decision.isAdmitted) return;
    meter.count(metricNames.rateLimited, 1);
    throw new ProblemError('rate_limited', {
      detail:
        `This account may send ${eventsPerMinute} events a minute in this environment, or those of 3 minutes at once. ` +
        `This batch counts as ${weight}. Wait, then send it again.`,
      retry_after: Math.ceil(decision.retryMs / secondMs),
      'violated-policies': [eventPolicy],
    });
  };
}
