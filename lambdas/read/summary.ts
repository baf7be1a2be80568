// Answers summaries. What a summary holds and works is bounded for any account: see ADR 40.

import { tenantKey } from '../../domain/keys.ts';
import {
  boundsOf,
  isWindow,
  type Summary,
  summarise,
  type WindowName,
} from '../../domain/reading/summary.ts';
import { SingleFlight } from '../../domain/system/single-flight.ts';
import { type Caller, fromContext } from '../edge/caller.ts';
import { type HttpRequest, ProblemError } from '../edge/http.ts';
import { type ReadWindowDeps, readWindow } from './read-window.ts';

/** Whoever asks an instance for the same summary while it is read shares the answer. */
export function createReadSummary(deps: ReadWindowDeps): (request: HttpRequest) => Promise<Summary> {
  const flights = new SingleFlight<Summary>();
  return async (request) => {
    const caller = fromContext(request.requestContext.authorizer);
    const { window = '24h', from, to } = request.queryStringParameters ?? {};
    if (from !== undefined || to !== undefined || !isWindow(window)) throw new ProblemError('invalid_window');
    const name = `${tenantKey(caller.tenant)} ${caller.mostSlots} ${window}`;
    return flights.share(name, () => summaryOf(deps, caller, window));
  };
}

async function summaryOf(deps: ReadWindowDeps, caller: Caller, window: WindowName): Promise<Summary> {
  const nowMs = deps.clock.now();
  const bounds = boundsOf(window, nowMs);
  return summarise(caller.tenant, bounds, await readWindow(deps, caller, bounds, nowMs));
}
