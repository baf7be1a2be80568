// Counts the summaries and searches that were answered, and those that came in time. The time runs from when API Gateway
// took the request, so that the authorizer and a cold start are part of it. An answer that is an error is neither: those
// of ours are failures of read availability.

import { metricNames } from '../../domain/service-levels/metrics.ts';
import { inTimeMs } from '../../domain/service-levels/objectives.ts';
import type { Clock } from '../../domain/system/port.ts';
import { fromContext } from '../edge/caller.ts';
import type { HttpRequest } from '../edge/http.ts';
import type { Meter } from '../runtime/telemetry.ts';

export type InTimeDeps = { readonly clock: Pick<Clock, 'now'>; readonly meter: Meter };

/** Who answers has named the tier. */
export function countSummary(deps: InTimeDeps, request: HttpRequest, wasKept: boolean): void {
  const isInTime = tookMs(deps, request) <= (wasKept ? inTimeMs.keptSummary : inTimeMs.readSummary);
  deps.meter.count(metricNames.summaryAnswers, 1);
  deps.meter.count(metricNames.summaryAnswersInTime, isInTime ? 1 : 0);
}

export function countSearch(deps: InTimeDeps, request: HttpRequest): void {
  deps.meter.tier(fromContext(request.requestContext.authorizer).tier);
  const isInTime = tookMs(deps, request) <= inTimeMs.search;
  deps.meter.count(metricNames.searchAnswers, 1);
  deps.meter.count(metricNames.searchAnswersInTime, isInTime ? 1 : 0);
}

const tookMs = ({ clock }: InTimeDeps, request: HttpRequest): number =>
  clock.now() - request.requestContext.requestTimeEpoch;
