// What clients read: receipts, summaries, health. One function, dispatched on the route it was called by.

import { readBatchId } from '../../domain/batch-id.ts';
import type { VersionedDocument } from '../../domain/documents.ts';
import type { Aggregates, Clock, Receipts, SigningKey } from '../../domain/ports.ts';
import { batchReceipt } from '../../domain/receipt.ts';
import { guardMs } from '../../domain/record-fate.ts';
import { boundsOf, isWindow, summarise } from '../../domain/summary.ts';
import { dayMs } from '../../domain/time.ts';
import { type Caller, fromContext } from '../shared/caller.ts';
import { answerJson, type HttpAnswer, type HttpRequest, ProblemError } from '../shared/http.ts';

export type ReadDeps = {
  readonly aggregates: Aggregates;
  readonly receipts: Receipts;
  readonly signingKey: SigningKey;
  readonly clock: Clock;
};

export const createRead =
  (deps: ReadDeps) =>
  async (request: HttpRequest): Promise<HttpAnswer> => {
    switch (request.resource) {
      case '/health':
        return answerJson(request, 200, { status: 'ok' });
      case '/v1/batches/{batch_id}':
        return answerJson(request, 200, await readReceipt(deps, request));
      case '/v1/accounts/{account_id}/summary':
        return answerJson(request, 200, await readSummary(deps, request));
      default:
        throw new ProblemError('not_found');
    }
  };

async function readReceipt({ signingKey, receipts, clock }: ReadDeps, request: HttpRequest) {
  const { tenant, retentionDays } = fromContext(request.requestContext.authorizer);
  const batchId = request.pathParameters?.batch_id ?? '';
  const secret = await signingKey.find();
  const known = secret && readBatchId(batchId, tenant, secret);
  // Past its time a batch has no receipt any more, and would seem to be pending for ever.
  const isOver = known && clock.now() > known.receivedAtMs + retentionDays * dayMs + guardMs;
  if (!known || isOver) throw new ProblemError('unknown_batch');
  const found = await receipts.ofBatch(tenant, batchId, known.parts);
  return batchReceipt(batchId, known.receivedAtMs, known.parts, found);
}

async function readSummary({ aggregates, clock }: ReadDeps, request: HttpRequest) {
  const caller = fromContext(request.requestContext.authorizer);
  const { window = '24h', from, to } = request.queryStringParameters ?? {};
  if (from !== undefined || to !== undefined || !isWindow(window)) throw new ProblemError('invalid_window');
  const nowMs = clock.now();
  const bounds = boundsOf(window, nowMs);
  const of = (kind: 'hour' | 'intake') => allSlots(aggregates, caller, kind, bounds);
  const [hours, intakes] = await Promise.all([of('hour'), of('intake')]);
  return summarise(caller.tenant, bounds, hours, intakes, nowMs);
}

async function allSlots(
  aggregates: Aggregates,
  { tenant, slots }: Caller,
  kind: 'hour' | 'intake',
  { fromMs, toMs }: { fromMs: number; toMs: number },
): Promise<VersionedDocument[]> {
  const ranges = Array.from({ length: slots }, (_, slot) =>
    aggregates.range(tenant, slot, kind, fromMs, toMs),
  );
  return (await Promise.all(ranges)).flat();
}
