// When the client sent the request, by its own clock. A header, so that a retry can say another time with the same body.

import { isTimestamp, millisecondsOf } from '../../domain/event/timestamp.ts';
import { type HttpRequest, headerOf, ProblemError } from '../edge/http.ts';

export const sentAtHeader = 'x-weir-sent-at';

/** By how much the clock of the client is behind. Undefined if it does not say. */
export function skewOf(request: Pick<HttpRequest, 'headers'>, nowMs: number): number | undefined {
  const text = headerOf(request, sentAtHeader)?.trim();
  if (text === undefined) return undefined;
  const sentAt = /^\d+$/.test(text) ? Number(text) : text;
  if (!isTimestamp(sentAt))
    throw new ProblemError('bad_request', {
      detail: 'X-Weir-Sent-At must be integer epoch milliseconds, or RFC 3339 with an offset.',
      header: sentAtHeader,
    });
  return nowMs - millisecondsOf(sentAt);
}
