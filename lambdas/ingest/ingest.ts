// POST /v1/events: read, validate, pack, put on the stream, answer. 202 is said only when the stream has
// acknowledged every record of the batch.

import type { Logger } from '@aws-lambda-powertools/logger';
import { type ValidatedBatch, validateBatch } from '../../domain/batch.ts';
import {
  type BatchSeed,
  makeEventId,
  makeSeed,
  mintBatchId,
  seedRandomBytes,
  slotOf,
} from '../../domain/batch-id.ts';
import { sealEnvelope } from '../../domain/envelope.ts';
import { streamKey } from '../../domain/keys.ts';
import { metricNames } from '../../domain/metrics.ts';
import { packEvents } from '../../domain/packing.ts';
import type { Clock, EventStream, Ids, SigningKey, StreamRecord } from '../../domain/ports.ts';
import { requestTimeMs } from '../../domain/routes.ts';
import { type Caller, fromContext } from '../shared/caller.ts';
import {
  answerJson,
  type HttpAnswer,
  type HttpRequest,
  headerOf,
  ProblemError,
  requestIdOf,
} from '../shared/http.ts';
import type { Meter } from '../shared/telemetry.ts';
import { readEvents } from './body.ts';

export type IngestDeps = {
  readonly stream: EventStream;
  readonly signingKey: SigningKey;
  readonly clock: Clock;
  readonly ids: Ids;
  readonly region: string;
  readonly meter: Meter;
  readonly logger: Pick<Logger, 'info'>;
};

/** Kept back from the time of the request: a last try of the stream has to end, and the answer to be sent. */
const answerReserveMs = 3000;
const maxTraceLength = 256;

export const createIngest =
  (deps: IngestDeps) =>
  async (request: HttpRequest): Promise<HttpAnswer> => {
    const caller = fromContext(request.requestContext.authorizer);
    deps.meter.tier(caller.tier);
    refuseIdempotencyKey(request);
    const receivedAtMs = deps.clock.now();
    const seed = makeSeed(receivedAtMs, deps.ids.random(seedRandomBytes));
    const batch = validateBatch(readEvents(request), {
      account: caller.tenant.account,
      receivedAtMs,
      makeEventId: (index) => makeEventId(seed, index),
    });
    measure(deps, caller, batch);
    if (batch.accepted.length === 0) throw new ProblemError('no_valid_event', { rejected: batch.rejected });
    const sealed = await seal(deps, caller, request, { seed, receivedAtMs, batch });
    await deps.stream.put(sealed.records, receivedAtMs + requestTimeMs - answerReserveMs);
    deps.meter.count(metricNames.acceptedEvents, batch.accepted.length);
    deps.meter.milliseconds(metricNames.enqueueTime, deps.clock.now() - receivedAtMs);
    return answerJson(request, 202, {
      batch_id: sealed.batchId,
      accepted: batch.accepted.length,
      rejected: batch.rejected,
      ...(batch.assigned.length === 0 ? {} : { assigned: batch.assigned }),
      receipt: `/v1/batches/${sealed.batchId}`,
    });
  };

/** Whoever sends one relies on it: to accept the batch without it would count twice what they believe safe. */
function refuseIdempotencyKey(request: HttpRequest): void {
  const key = headerOf(request, 'idempotency-key') ?? headerOf(request, 'x-idempotency-key');
  if (key !== undefined) throw new ProblemError('idempotency_key_not_served');
}

function measure({ meter, logger }: IngestDeps, { tenant }: Caller, { accepted, rejected }: ValidatedBatch) {
  meter.count(metricNames.batchSize, accepted.length + rejected.length);
  if (rejected.length === 0) return;
  meter.count(metricNames.rejectedEvents, rejected.length);
  // By code in the log, where an account may be named: a metric for each code would be one more to pay for.
  const codes = Object.groupBy(rejected, ({ code }) => code);
  const byCode = Object.entries(codes).map(([code, events]) => [code, events.length]);
  logger.info('events rejected', { ...tenant, codes: Object.fromEntries(byCode) });
}

async function seal(
  deps: IngestDeps,
  { tenant, slots, retentionDays }: Caller,
  request: HttpRequest,
  { seed, receivedAtMs, batch }: { seed: BatchSeed; receivedAtMs: number; batch: ValidatedBatch },
): Promise<{ batchId: string; records: StreamRecord[] }> {
  const packs = packEvents(batch.accepted, receivedAtMs);
  const batchId = mintBatchId(seed, packs.length, tenant, await deps.signingKey.ensure());
  const slot = slotOf(seed, slots);
  const records = packs.map(({ late, events }, part) => ({
    partitionKey: streamKey(tenant, slot, late),
    data: sealEnvelope(
      {
        tenant,
        batchId,
        part,
        parts: packs.length,
        slot,
        receivedAtMs,
        retentionDays,
        region: deps.region,
        requestId: requestIdOf(request),
        ...traceOf(request),
      },
      events,
    ),
  }));
  return { batchId, records };
}

/** As the gateway names it; a client may have sent its own, so its length is bounded. */
function traceOf(request: HttpRequest): { trace?: string } {
  const trace = headerOf(request, 'x-amzn-trace-id')?.slice(0, maxTraceLength);
  return trace ? { trace } : {};
}
