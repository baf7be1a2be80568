// Until when the stream may be tried: the request has ten seconds in all, and its answer has to be in time.

import { functionGraceMs, requestTimeMs } from '../../domain/routes.ts';
import type { Arrival } from './arrival.ts';

/** A last try of the stream has to end (2.5 s), the idempotency key too, and the answer has to be sent. */
const answerReserveMs = 4000;
/** Where the gateway's clock and ours disagree by more, ours alone counts. */
const mostClocksDifferMs = 3000;

/** May lie in the past. */
export function putDeadline({ request, remainingMs }: Arrival, nowMs: number): number {
  // From when the gateway took the request: authorizer and cold start included.
  const takenAtMs = request.requestContext.requestTimeEpoch ?? nowMs;
  const underwayMs = Math.min(Math.max(nowMs - takenAtMs, 0), mostClocksDifferMs);
  // From when this function began, by its own clock: what came before the stream may have taken long.
  const ownMs = remainingMs() - functionGraceMs;
  return nowMs + Math.min(requestTimeMs - underwayMs, ownMs) - answerReserveMs;
}
