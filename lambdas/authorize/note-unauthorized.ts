// Notices that an instance refuses many requests with 401 in a minute. It counts in memory: a flood must not cost a write
// for each request.

import { unauthorizedPerMinute } from '../../domain/accounts/notices.ts';
import type { Notices } from '../../domain/accounts/port.ts';
import type { Clock } from '../../domain/system/port.ts';
import { minuteMs as aMinute, floorTo } from '../../domain/system/time.ts';

/** By which authorize answers 401. */
const isUnauthorized = (error: unknown): boolean =>
  error instanceof Error && error.message === 'Unauthorized';

export function notingUnauthorized<Event, Result>(
  authorize: (event: Event) => Promise<Result>,
  notices: Notices,
  clock: Pick<Clock, 'now'>,
): (event: Event) => Promise<Result> {
  let refused = { minuteMs: 0, count: 0 };
  const note = async () => {
    const minuteMs = floorTo(clock.now(), aMinute);
    if (refused.minuteMs !== minuteMs) refused = { minuteMs, count: 0 };
    refused.count += 1;
    if (refused.count === unauthorizedPerMinute)
      await notices.write({ what: 'requests.unauthorized', minuteMs, count: refused.count }).catch(() => {});
  };
  return async (event) => {
    try {
      return await authorize(event);
    } catch (error) {
      if (isUnauthorized(error)) await note();
      throw error;
    }
  };
}
