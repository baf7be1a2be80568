// POST /v1/events: validate, pack, put on the stream, answer. 202 is said only when the stream has acknowledged every
// record of the batch.

import type { Logger } from '@aws-lambda-powertools/logger';
import { type ValidatedBatch, validateBatch } from '../../domain/batch.ts';
import { makeEventId, receivedAtOf } from '../../domain/batch-id.ts';
import { metricNames } from '../../domain/metrics.ts';
import type { EventStream, SigningKey } from '../../domain/ports.ts';
import type { ProblemCode } from '../../domain/problems.ts';
import { requestTimeMs } from '../../domain/routes.ts';
import { formatTraceparent } from '../../domain/trace.ts';
import type { Caller } from '../shared/caller.ts';
import { answerJson, answerProblem, type HttpAnswer, type HttpRequest, requestIdOf } from '../shared/http.ts';
import type { Arrival } from './arrival.ts';
import { type Attempt, type AttemptDeps, beginAttempt } from './attempt.ts';
import type { PolicyOf } from './policies.ts';
import { strictApplied } from './preferences.ts';
import { sealBatch } from './seal.ts';

export type AcceptDeps = AttemptDeps & {
  readonly stream: EventStream;
  readonly signingKey: SigningKey;
  readonly policyOf: PolicyOf;
  readonly region: string;
  readonly logger: Pick<Logger, 'info' | 'warn'>;
};

/** Kept back from the time of the request: a last try of the stream has to end, and the answer to be sent. */
const answerReserveMs = 3000;
/** Where clocks disagree by more, ours alone counts. */
const mostUnderwayMs = 3000;

export const createAccept =
  (deps: AcceptDeps) =>
  async (arrival: Arrival): Promise<HttpAnswer> => {
    const { caller, request } = arrival;
    const { slots, retentionDays, policy } = caller;
    const attempt = await beginAttempt(deps, {
      tenant: caller.tenant,
      settings: { slots, retentionDays, ...(policy && { policy }), strict: arrival.strict },
      request,
      body: arrival.body,
      remainingMs: arrival.remainingMs,
    });
    try {
      const answer = await answerTo(deps, arrival, attempt);
      await attempt.end(true);
      return attempt.replayed ? replayed(deps, answer) : answer;
    } catch (error) {
      await attempt.end(false);
      throw error;
    }
  };

async function answerTo(deps: AcceptDeps, arrival: Arrival, attempt: Attempt): Promise<HttpAnswer> {
  const { caller, request, inputs, trace } = arrival;
  const { seed, settings } = attempt;
  const policy = await deps.policyOf(caller.tenant.account, settings.policy);
  const batch = validateBatch(inputs, {
    account: caller.tenant.account,
    receivedAtMs: receivedAtOf(seed),
    makeEventId: (index) => makeEventId(seed, index),
    ...(policy && { policy }),
  });
  if (!attempt.replayed) measure(deps, caller, batch);
  const headers = settings.strict ? strictApplied : {};
  const { accepted, rejected, assigned } = batch;
  const refusal = refusalOf(batch, settings.strict);
  if (refusal) return answerProblem(request, refusal, { rejected }, headers);
  const { batchId, records } = sealBatch(accepted, {
    tenant: caller.tenant,
    seed,
    settings,
    signingKey: await deps.signingKey.ensure(),
    region: deps.region,
    requestId: requestIdOf(request),
    ...(trace && { trace: formatTraceparent(trace) }),
  });
  if (!attempt.replayed) {
    const startedAtMs = deps.clock.now();
    await deps.stream.put(records, deadlineOf(request, startedAtMs));
    deps.meter.count(metricNames.acceptedEvents, accepted.length);
    deps.meter.milliseconds(metricNames.enqueueTime, deps.clock.now() - startedAtMs);
  }
  const answer = {
    batch_id: batchId,
    accepted: accepted.length,
    rejected,
    ...(assigned.length === 0 ? {} : { assigned }),
    receipt: `/v1/batches/${batchId}`,
  };
  return answerJson(request, 202, answer, headers);
}

export function refusalOf({ accepted, rejected }: ValidatedBatch, strict: boolean): ProblemCode | undefined {
  if (accepted.length === 0) return 'no_valid_event';
  return strict && rejected.length > 0 ? 'not_all_valid' : undefined;
}

/** Time runs from when the gateway took the request, a cold start included. */
function deadlineOf(request: HttpRequest, nowMs: number): number {
  const takenAtMs = request.requestContext.requestTimeEpoch ?? nowMs;
  const underwayMs = Math.min(Math.max(nowMs - takenAtMs, 0), mostUnderwayMs);
  return nowMs - underwayMs + requestTimeMs - answerReserveMs;
}

function replayed({ meter }: AcceptDeps, answer: HttpAnswer): HttpAnswer {
  meter.count(metricNames.idempotencyReplays, 1);
  return { ...answer, headers: { ...answer.headers, 'idempotency-replayed': 'true' } };
}

function measure(
  { meter, logger }: AcceptDeps,
  { tenant }: Caller,
  { accepted, rejected }: ValidatedBatch,
): void {
  meter.count(metricNames.batchSize, accepted.length + rejected.length);
  if (rejected.length === 0) return;
  meter.count(metricNames.rejectedEvents, rejected.length);
  // By code in the log, where an account may be named: a metric for each code would be one more to pay for.
  const codes = Object.groupBy(rejected, ({ code }) => code);
  const byCode = Object.entries(codes).map(([code, events]) => [code, events.length]);
  logger.info('events rejected', { ...tenant, codes: Object.fromEntries(byCode) });
}
