// POST /v1/events: validate, pack, put on the stream, answer. The answer is 202 only once the stream has acknowledged
// every record of the batch.

import type { Logger } from '@aws-lambda-powertools/logger';
import { type ValidatedBatch, validateBatch } from '../../domain/event/batch.ts';
import { type BatchOutcome, refusalOf } from '../../domain/event/batch-outcome.ts';
import { ofPublicKey } from '../../domain/event/public-ids.ts';
import { weightOf } from '../../domain/limits/batch-weight.ts';
import { type Sending, sendingOf } from '../../domain/limits/sent.ts';
import { receivedAtOf } from '../../domain/record/batch-id.ts';
import { currentPageLayout } from '../../domain/record/envelope.ts';
import type { EventStream } from '../../domain/record/port.ts';
import type { StreamName } from '../../domain/record/streams.ts';
import { metricNames } from '../../domain/service-levels/metrics.ts';
import type { PlatformKeys } from '../../domain/signing/port.ts';
import { formatTraceparent } from '../../domain/system/trace.ts';
import { Unavailable } from '../../domain/system/unavailable.ts';
import { type Caller, pageOf, senderOf } from '../edge/caller.ts';
import { answerProblem, type HttpAnswer, requestIdOf } from '../edge/http.ts';
import type { Arrival } from './arrival.ts';
import { type Attempt, type AttemptDeps, beginAttempt } from './attempt.ts';
import { putDeadline } from './deadline.ts';
import { type DiscardedDeps, discardedEvents } from './discarded.ts';
import { receiptOf } from './doors/door.ts';
import { createEventLimit, type EventLimit, type EventLimitDeps } from './event-limit.ts';
import type { PolicyOf } from './policies.ts';
import { strictApplied } from './preferences.ts';
import { offerRejections, type RejectionDeps, rejectionsBeside } from './rejections.ts';
import { sealBatch } from './seal.ts';

export type AcceptDeps = AttemptDeps &
  DiscardedDeps &
  EventLimitDeps &
  RejectionDeps & {
    readonly streams: Readonly<Record<StreamName, EventStream>>;
    readonly platformKeys: PlatformKeys;
    readonly policyOf: PolicyOf;
    readonly region: string;
    readonly logger: Pick<Logger, 'info' | 'warn'>;
  };

export function createAccept(deps: AcceptDeps) {
  const limit = createEventLimit(deps);
  return async (arrival: Arrival): Promise<HttpAnswer> => {
    const { caller, request, door, body, strict, skewMs } = arrival;
    const { stream, slots, retentionDays, policy } = caller;
    const { number: keyNumber } = await deps.platformKeys.current();
    const attempt = await beginAttempt(deps, {
      sender: senderOf(caller),
      settings: {
        ...{ stream, slots, retentionDays, layout: currentPageLayout, keyNumber, strict },
        ...(policy && { policy }),
        ...(skewMs !== undefined && { skewMs }),
      },
      request,
      door,
      body,
      remainingMs: arrival.remainingMs(),
    });
    const headers = attempt.settings.strict ? strictApplied : {};
    const hidesReceipt = pageOf(caller) !== undefined;
    if (attempt.answered) {
      deps.meter.count(metricNames.idempotencyReplays, 1);
      const { verdict, rejected = (await validate(deps, arrival, attempt)).rejected } = attempt.answered;
      const replayed = { ...headers, 'idempotency-replayed': 'true' };
      const discarded = await discardedOf(deps, caller, attempt, verdict);
      return discarded
        ? answerProblem(request, 'batch_discarded', discarded, replayed)
        : door.answer(request, { verdict, rejected, hidesReceipt }, replayed);
    }
    try {
      const outcome = await accept(deps, limit, arrival, attempt);
      await attempt.end(door.tellsNoIds ? withoutIds(outcome) : outcome);
      return door.answer(request, { ...outcome, hidesReceipt }, headers);
    } catch (error) {
      await attempt.end();
      throw error;
    }
  };
}

const withoutIds = ({ verdict, rejected }: BatchOutcome): BatchOutcome => ({
  verdict: 'refusal' in verdict ? verdict : { ...verdict, assigned: [] },
  rejected,
});

async function accept(
  deps: AcceptDeps,
  limit: EventLimit,
  arrival: Arrival,
  attempt: Attempt,
): Promise<BatchOutcome> {
  const { caller, request, trace, inputs } = arrival;
  const { seed, settings } = attempt;
  const batch = await validate(deps, arrival, attempt);
  measure(deps, caller, batch);
  const { accepted, rejected } = batch;
  const refusal = refusalOf(batch, settings.strict);
  const attempted = { caller, request, trace, seed, settings };
  if (refusal) {
    await offerRejections(deps, attempted, { rejected, inputs });
    return { verdict: { refusal }, rejected };
  }
  const platformKey = await deps.platformKeys.find(settings.keyNumber);
  if (!platformKey) throw new Unavailable('The platform key of an earlier attempt is gone.');
  const { batchId, records, assigned } = sealBatch(batch, {
    tenant: caller.tenant,
    seed,
    settings,
    platformKey,
    region: deps.region,
    requestId: requestIdOf(request),
    ...(trace && { trace: formatTraceparent(trace) }),
  });
  const { tenant } = caller;
  const receivedAtMs = receivedAtOf(seed);
  const units = weightOf({ tenant, receivedAtMs, events: accepted, records });
  const sent = sendingOf(records, receivedAtMs, deps.clock.now());
  const asked = { units, events: accepted.length, sent };
  const isCounted = await limit.admit(caller, asked);
  const isLate = records.every(({ late }) => late);
  const beside =
    rejected.length > 0 ? await rejectionsBeside(deps, attempted, { rejected, inputs }, isLate) : undefined;
  const startedAtMs = deps.clock.now();
  try {
    const deadlineMs = putDeadline(arrival, startedAtMs);
    if (deadlineMs <= startedAtMs) throw new OutOfTime();
    await deps.streams[settings.stream].put(beside ? [...records, beside] : records, deadlineMs);
  } catch (error) {
    if (isCounted) await limit.giveBack(caller, { ...asked, sent: neverSent(attempt, sent, error) });
    throw error;
  }
  deps.meter.count(metricNames.acceptedEvents, accepted.length);
  deps.meter.milliseconds(metricNames.enqueueTime, deps.clock.now() - startedAtMs);
  return { verdict: { batchId, accepted: accepted.length, assigned }, rejected };
}

class OutOfTime extends Unavailable {
  override readonly name = 'OutOfTime';
  override hadNoEffect = true;
  constructor() {
    super('The request ran out of time before its records were put on the stream.');
  }
}

/** Nothing if the stream may have it, or if it may come with the next attempt. */
const neverSent = ({ isRepeatable }: Attempt, sent: Sending, error: unknown): Sending =>
  !isRepeatable && error instanceof Unavailable && error.hadNoEffect ? sent : {};

/** Undefined if nothing of the batch was discarded. */
async function discardedOf(
  deps: AcceptDeps,
  { tenant }: Caller,
  { settings: { keyNumber } }: Attempt,
  verdict: BatchOutcome['verdict'],
) {
  if ('refusal' in verdict) return undefined;
  const { batchId } = verdict;
  const discarded = await discardedEvents(deps, { tenant, batchId, keyNumber });
  return discarded > 0 ? { batch_id: batchId, discarded, receipt: receiptOf(batchId) } : undefined;
}

async function validate(
  { policyOf }: AcceptDeps,
  { caller, inputs }: Arrival,
  { seed, settings }: Attempt,
): Promise<ValidatedBatch> {
  const { account, publicKey } = senderOf(caller);
  const policy = await policyOf(account, settings.policy);
  const batch = validateBatch(inputs, {
    account,
    receivedAtMs: receivedAtOf(seed),
    ...(settings.skewMs !== undefined && { skewMs: settings.skewMs }),
    ...(policy && { policy }),
  });
  return publicKey === undefined ? batch : ofPublicKey(batch, publicKey);
}

function measure(
  { meter, logger }: AcceptDeps,
  { tenant }: Caller,
  { accepted, rejected }: ValidatedBatch,
): void {
  meter.count(metricNames.batchSize, accepted.length + rejected.length);
  if (rejected.length === 0) return;
  meter.count(metricNames.rejectedEvents, rejected.length);
  // Codes go to the log, together with the account. As a dimension, each code would be one more metric to pay for.
  const codes = Object.groupBy(rejected, ({ code }) => code);
  const byCode = Object.entries(codes).map(([code, events]) => [code, events.length]);
  logger.info('events rejected', { ...tenant, codes: Object.fromEntries(byCode) });
}
