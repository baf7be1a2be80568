// The requests that clients POST: a batch to accept, or a batch to debug. One function serves both routes.

import { fromContext, senderOf } from '../edge/caller.ts';
import type { HttpAnswer, HttpRequest } from '../edge/http.ts';
import { type AcceptDeps, createAccept } from './accept.ts';
import { type ArrivalDeps, receive } from './arrival.ts';
import { type CircuitDeps, createCircuits } from './circuits.ts';
import { createDebug, type DebugDeps } from './debug.ts';
import { doorOf } from './doors/doors.ts';
import { offerUnreadable } from './rejections.ts';
import { createShedding, type SheddingDeps } from './shedding.ts';
import { type TracedDeps, traced } from './traced.ts';

export type IngestDeps = ArrivalDeps & AcceptDeps & CircuitDeps & SheddingDeps & DebugDeps & TracedDeps;

export function createIngest(deps: IngestDeps) {
  const accept = createAccept(deps);
  const debug = createDebug(deps);
  const inCircuit = createCircuits(deps);
  const shed = createShedding(deps);
  return (request: HttpRequest, remainingMs: () => number): Promise<HttpAnswer> =>
    traced(deps, request, async (trace) => {
      const caller = fromContext(request.requestContext.authorizer);
      deps.meter.tier(caller.tier);
      const door = doorOf(request);
      const arrived = () => receive(deps, { request, door, caller, trace, remainingMs });
      // Who mends a client needs an answer, whatever state its circuit is in.
      if (request.resource === '/v1/events:debug') return debug(await arrived());
      return inCircuit(senderOf(caller), async () => {
        await shed(caller);
        const arrival = await arrived().catch(async (error: unknown) => {
          await offerUnreadable(deps, { caller, request, trace }, error);
          throw error;
        });
        return accept(arrival);
      });
    });
}
