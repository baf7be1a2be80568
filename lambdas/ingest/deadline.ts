// Until when records may be put on the stream. The request has ten seconds in all, and its answer must be in time.

import { authorizeTimeMs, functionGraceMs, requestTimeMs } from '../../domain/api/routes.ts';
import type { Arrival } from './arrival.ts';

/** For the last call to the stream (2.5 s), the call that keeps the outcome of the idempotency key, and the answer. */
const answerReserveMs = 4000;
/**
 * Time before the function started: that of authorize, and a cold start. Bounded, because the gateway's clock may differ
 * from ours.
 */
const mostBeforeMs = authorizeTimeMs;

/** May lie in the past. */
export function putDeadline({ request, remainingMs }: Arrival, nowMs: number): number {
  const elapsedMs = requestTimeMs + functionGraceMs - remainingMs();
  const requestedAtMs = request.requestContext.requestTimeEpoch ?? nowMs;
  const beforeMs = Math.min(Math.max(nowMs - requestedAtMs - elapsedMs, 0), mostBeforeMs);
  return nowMs + requestTimeMs - beforeMs - elapsedMs - answerReserveMs;
}
