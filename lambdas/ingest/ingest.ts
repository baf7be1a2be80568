// The requests that clients POST: a batch to accept, or a batch to debug. One function serves both routes.

import type { HttpAnswer, HttpRequest } from '../edge/http.ts';
import { type AcceptDeps, createAccept } from './accept.ts';
import { type ArrivalDeps, receive } from './arrival.ts';
import { createDebug, type DebugDeps } from './debug.ts';
import { type TracedDeps, traced } from './traced.ts';

export type IngestDeps = ArrivalDeps & AcceptDeps & DebugDeps & TracedDeps;

export function createIngest(deps: IngestDeps) {
  const accept = createAccept(deps);
  const debug = createDebug(deps);
  return (request: HttpRequest, remainingMs: () => number): Promise<HttpAnswer> =>
    traced(deps, request, async (trace) => {
      const arrival = await receive(deps, request, trace, remainingMs);
      return request.resource === '/v1/events:debug' ? debug(arrival) : accept(arrival);
    });
}
