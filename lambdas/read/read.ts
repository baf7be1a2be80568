// The requests that clients GET: receipts, events, summaries, series, service levels, usage, quarantine, rejections, health and the OpenAPI
// document. One function serves all of these routes.

import type { Lanes } from '../../domain/counting/port.ts';
import { guardMs } from '../../domain/counting/receipt.ts';
import { batchReceipt, placesOf } from '../../domain/reading/batch-receipt.ts';
import { seriesToCsv, summaryToCsv } from '../../domain/reading/csv.ts';
import { keyNumberOf, readBatchId } from '../../domain/record/batch-id.ts';
import { dayMs } from '../../domain/system/time.ts';
import { fromContext } from '../edge/caller.ts';
import { answerJson, type HttpAnswer, type HttpRequest, ProblemError, requestIdOf } from '../edge/http.ts';
import { queryOf } from '../edge/query.ts';
import { createAnswers } from './answers.ts';
import { type EventsDeps, readEvent, readEvents } from './events.ts';
import { countSearch, countSummary } from './in-time.ts';
import { createOpenApi, type OpenApiDeps } from './openapi.ts';
import { type QuarantineDeps, readQuarantine } from './quarantine.ts';
import type { ReadWindowDeps } from './read-window.ts';
import { type RejectionsDeps, readKeptEvents, readRejections } from './rejections.ts';
import { nameOfSeries, readSeries, readSeriesQuestion } from './series.ts';
import { readSlo, type SloDeps } from './slo.ts';
import { nameOfSummary, readSummary, readSummaryQuestion } from './summary.ts';
import type { SummaryLimitDeps } from './summary-limit.ts';
import { readUsage, type UsageDeps } from './usage.ts';

export type ReadDeps = OpenApiDeps &
  QuarantineDeps &
  RejectionsDeps &
  ReadWindowDeps &
  SummaryLimitDeps &
  EventsDeps &
  SloDeps &
  UsageDeps & {
    readonly lanes: Pick<Lanes, 'receipts'>;
  };

/** Liveness only: this process answers. A dependency that is down must not make a load balancer drop the API. */
const alive = { status: 'alive', dependencies: 'not_checked' } as const;

/**
 * The gateway has no authorizer on this route, and cannot ask for one by a parameter. The address is relative, because the
 * path of the stage is before it on AWS and not in the twin.
 */
const toDeepHealth = (request: HttpRequest): HttpAnswer => ({
  statusCode: 307,
  headers: { location: 'v1/health', 'x-request-id': requestIdOf(request) },
  body: '',
});

export function createRead(deps: ReadDeps): (request: HttpRequest) => Promise<HttpAnswer> {
  const answer = createAnswers(deps);
  const readOpenApi = createOpenApi(deps);
  return async (request) => {
    switch (request.resource) {
      // Monitors add parameters to it, against caches: it takes any.
      case '/health':
        return request.multiValueQueryStringParameters?.deep?.includes('1')
          ? toDeepHealth(request)
          : answerJson(request, 200, alive);
      case '/v1/openapi.json':
        return readOpenApi(request);
      case '/v1/batches/{batch_id}':
        return answerJson(request, 200, await readReceipt(deps, request));
      case '/v1/events': {
        const found = await readEvents(deps, request);
        countSearch(deps, request);
        return answerJson(request, 200, found);
      }
      case '/v1/events/{event_id}':
        return answerJson(request, 200, await readEvent(deps, request));
      case '/v1/accounts/{account_id}/summary': {
        const question = readSummaryQuestion(request, deps.clock.now());
        return answer(request, {
          ...question,
          name: nameOfSummary(question),
          read: () => readSummary(deps, question),
          toCsv: summaryToCsv,
          onAnswered: (wasKept) => countSummary(deps, request, wasKept),
        });
      }
      case '/v1/accounts/{account_id}/series': {
        const question = readSeriesQuestion(request, deps.clock.now());
        return answer(request, {
          ...question,
          name: nameOfSeries(question),
          read: () => readSeries(deps, question),
          toCsv: seriesToCsv,
        });
      }
      case '/v1/slo': {
        const caller = fromContext(request.requestContext.authorizer);
        queryOf(request, 'GET /v1/slo');
        return answer(request, {
          ...{ caller, name: 'slo', isCsv: false, toCsv: JSON.stringify },
          read: () => readSlo(deps, caller),
        });
      }
      case '/v1/usage':
        return answerJson(request, 200, await readUsage(deps, request));
      case '/v1/quarantine':
        return answerJson(request, 200, await readQuarantine(deps, request));
      case '/v1/rejections':
        return answerJson(request, 200, await readRejections(deps, request));
      case '/v1/rejections/events':
        return answerJson(request, 200, await readKeptEvents(deps, request));
      default:
        throw new ProblemError('not_found');
    }
  };
}

async function readReceipt({ platformKeys, lanes, clock }: ReadDeps, request: HttpRequest) {
  const { tenant } = fromContext(request.requestContext.authorizer);
  queryOf(request, 'GET /v1/batches/{batch_id}');
  const batchId = request.pathParameters?.batch_id ?? '';
  const keyNumber = keyNumberOf(batchId);
  const key = keyNumber === undefined ? undefined : await platformKeys.find(keyNumber);
  const known = key && readBatchId(batchId, tenant, key.secret);
  // The receipts of an expired batch are gone: it would look as if it were still pending.
  const isExpired = known && clock.now() > known.receivedAtMs + known.retentionDays * dayMs + guardMs;
  if (!known || isExpired) throw new ProblemError('unknown_batch');
  return batchReceipt(batchId, known, await lanes.receipts(placesOf(batchId, known, tenant)));
}
