// Until when the stream may be tried: the request has ten seconds in all, and its answer has to be in time.

import { functionGraceMs, requestTimeMs } from '../../domain/api/routes.ts';
import type { Arrival } from './arrival.ts';

/** A last try of the stream has to end (2.5 s), the idempotency key too, and the answer has to be sent. */
const answerReserveMs = 4000;
/** Of what the gateway's clock says of the time before this function, such as a cold start: it may differ from ours. */
const mostBeforeMs = 3000;

/** May lie in the past. */
export function putDeadline({ request, remainingMs }: Arrival, nowMs: number): number {
  // By the function's own clock, which nothing differs from.
  const ownMs = requestTimeMs + functionGraceMs - remainingMs();
  const takenAtMs = request.requestContext.requestTimeEpoch ?? nowMs;
  const beforeMs = Math.min(Math.max(nowMs - takenAtMs - ownMs, 0), mostBeforeMs);
  return nowMs + requestTimeMs - beforeMs - ownMs - answerReserveMs;
}
