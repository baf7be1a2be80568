// The requests that clients GET: receipts, summaries, quarantine and health. One function serves all of these routes.

import { keyNumberOf, readBatchId } from '../../domain/record/batch-id.ts';
import type { PlatformKeys } from '../../domain/signing/port.ts';
import type { Receipts } from '../../domain/storing/port.ts';
import { batchReceipt } from '../../domain/storing/receipt.ts';
import { guardMs } from '../../domain/storing/record-outcome.ts';
import { dayMs } from '../../domain/system/time.ts';
import { fromContext } from '../edge/caller.ts';
import { answerJson, type HttpAnswer, type HttpRequest, ProblemError } from '../edge/http.ts';
import { type QuarantineDeps, readQuarantine } from './quarantine.ts';
import { readSummary, type SummaryDeps } from './summary.ts';

export type ReadDeps = QuarantineDeps &
  SummaryDeps & {
    readonly receipts: Receipts;
    readonly platformKeys: Pick<PlatformKeys, 'find'>;
  };

/** Liveness only: this process answers. A dependency that is down must not make a load balancer drop the API. */
const alive = { status: 'alive', dependencies: 'not_checked' } as const;

export const createRead =
  (deps: ReadDeps) =>
  async (request: HttpRequest): Promise<HttpAnswer> => {
    switch (request.resource) {
      case '/health':
        return answerJson(request, 200, alive);
      case '/v1/batches/{batch_id}':
        return answerJson(request, 200, await readReceipt(deps, request));
      case '/v1/accounts/{account_id}/summary':
        return answerJson(request, 200, await readSummary(deps, request));
      case '/v1/quarantine':
        return answerJson(request, 200, await readQuarantine(deps, request));
      default:
        throw new ProblemError('not_found');
    }
  };

async function readReceipt({ platformKeys, receipts, clock }: ReadDeps, request: HttpRequest) {
  const { tenant } = fromContext(request.requestContext.authorizer);
  const batchId = request.pathParameters?.batch_id ?? '';
  const keyNumber = keyNumberOf(batchId);
  const key = keyNumber === undefined ? undefined : await platformKeys.find(keyNumber);
  const known = key && readBatchId(batchId, tenant, key.secret);
  // The receipts of an expired batch are gone: it would look as if it were still pending.
  const isExpired = known && clock.now() > known.receivedAtMs + known.retentionDays * dayMs + guardMs;
  if (!known || isExpired) throw new ProblemError('unknown_batch');
  const found = await receipts.ofBatch(tenant, batchId, known.parts);
  return batchReceipt(batchId, known, found);
}
