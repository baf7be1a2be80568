// How the caller stands, on every answer of ingest, refusals included: by the draft of the IETF (RateLimit header fields,
// draft 10), and by the older headers. As far as the instance that answers knows.

import type { MiddlewareObj } from '@middy/core';
import type { EventLeases } from '../../domain/limits/event-leases.ts';
import type { Clock } from '../../domain/system/port.ts';
import { fromContext } from '../edge/caller.ts';
import type { HttpAnswer, HttpRequest } from '../edge/http.ts';
import { eventPolicy } from './event-limit.ts';

export function limitHeaders(
  eventLeases: Pick<EventLeases, 'standing'>,
  clock: Pick<Clock, 'now'>,
): MiddlewareObj<HttpRequest, HttpAnswer> {
  const add = ({
    event: request,
    response,
  }: {
    event: HttpRequest;
    response?: HttpAnswer | null | undefined;
  }) => {
    if (!response) return;
    const { tenant, eventsPerMinute } = fromContext(request.requestContext.authorizer);
    const { left, fullMs } = eventLeases.standing(tenant, { eventsPerMinute });
    // Of a refused batch the time until it is admitted, which is later than until some other would be.
    const retrySeconds = Number(response.headers?.['retry-after'] ?? 0);
    const seconds = response.statusCode === 429 ? retrySeconds : Math.ceil(fullMs / 1000);
    response.headers = {
      ...response.headers,
      'RateLimit-Policy': `"${eventPolicy}";q=${eventsPerMinute};w=60`,
      RateLimit: `"${eventPolicy}";r=${left};t=${seconds}`,
      'X-RateLimit-Limit': eventsPerMinute,
      'X-RateLimit-Remaining': left,
      'X-RateLimit-Reset': Math.ceil(clock.now() / 1000) + seconds,
    };
  };
  return { after: add, onError: add };
}
