// One attempt to accept a batch: its time, its random seed and its settings. Attempts with the same idempotency key use
// those of the first, and so make the same records. Once there is an answer, it is replayed.

import type { Logger } from '@aws-lambda-powertools/logger';
import type { BatchOutcome } from '../../domain/event/batch-outcome.ts';
import {
  type BatchSettings,
  type IdempotencyRecord,
  idempotencyKeyLifeMs,
  idempotencyName,
  keyStateOf,
  packOutcome,
  requestDigest,
  type StoredOutcome,
  unpackOutcome,
} from '../../domain/idempotency/idempotency.ts';
import type { IdempotencyKeys } from '../../domain/idempotency/port.ts';
import type { Sender, Tenant } from '../../domain/keys.ts';
import { type BatchSeed, makeSeed, seedRandomBytes } from '../../domain/record/batch-id.ts';
import { metricNames } from '../../domain/service-levels/metrics.ts';
import type { Clock, Random } from '../../domain/system/port.ts';
import { Unavailable } from '../../domain/system/unavailable.ts';
import { type HttpRequest, headerValues, ProblemError } from '../edge/http.ts';
import { errorFields } from '../runtime/error-fields.ts';
import type { Meter } from '../runtime/telemetry.ts';
import type { Body } from './doors/body.ts';
import type { Door } from './doors/door.ts';

export type Attempt = {
  readonly seed: BatchSeed;
  readonly settings: BatchSettings;
  /** It has an idempotency key: another attempt may make the same records. */
  readonly isRepeatable: boolean;
  /** The outcome of an earlier attempt: the answer is replayed and nothing is stored. */
  readonly answered?: StoredOutcome;
  /** Keeps the outcome for later requests with the key. Without an outcome, the next request attempts the batch again. */
  end(outcome?: BatchOutcome): Promise<void>;
};

export type AttemptDeps = {
  readonly idempotencyKeys: IdempotencyKeys;
  readonly clock: Clock;
  readonly random: Random;
  readonly meter: Meter;
  readonly logger: Pick<Logger, 'warn'>;
};

export type AttemptRequest = {
  readonly sender: Sender;
  readonly settings: BatchSettings;
  readonly request: HttpRequest;
  readonly door: Pick<Door, 'idempotencyKey' | 'contentOutsideBody'>;
  readonly body: Body;
  /** Time left until the function's timeout. */
  readonly remainingMs: number;
};

const keyHeaders = ['idempotency-key', 'x-idempotency-key'];

export async function beginAttempt(
  deps: AttemptDeps,
  { sender, settings, request, door, body, remainingMs }: AttemptRequest,
): Promise<Attempt> {
  const nowMs = deps.clock.now();
  const seed = makeSeed(nowMs, deps.random.bytes(seedRandomBytes));
  const withoutKey: Attempt = { seed, settings, isRepeatable: false, end: async () => {} };
  const keys = new Set(keyHeaders.flatMap((header) => headerValues(request, header)));
  const isOfClient = keys.size > 0;
  const [key = door.idempotencyKey?.(body)] = keys;
  if (key === undefined) return withoutKey;
  const digest = idempotencyName(key);
  if (keys.size > 1 || digest === undefined) throw new ProblemError('invalid_idempotency_key');
  const { publicKey, ...tenant } = sender;
  const name = publicKey === undefined ? digest : `${publicKey}.${digest}`;
  const record: IdempotencyRecord = {
    digest: requestDigest(formOf(request, door, body), body.bytes),
    seed,
    settings,
    leaseUntilMs: nowMs + remainingMs,
    expiresAtMs: nowMs + idempotencyKeyLifeMs,
  };
  const begun = orElse(deps, withoutKey, () => beginKey(deps, tenant, name, record));
  return isOfClient ? begun : begun.catch(retryable);
}

/** A client that knows nothing of the key takes a 409 for the end, and repeats a 503. */
function retryable(error: unknown): never {
  if (error instanceof ProblemError && error.code === 'idempotency_in_flight')
    throw new ProblemError('unavailable', {
      detail: 'The same request is in flight. Retry to get its answer.',
    });
  throw error;
}

const formOf = (
  request: HttpRequest,
  { contentOutsideBody }: AttemptRequest['door'],
  { contentType }: Body,
): string =>
  [request.resource, contentType, ...(contentOutsideBody ? [contentOutsideBody(request)] : [])].join('#');

/**
 * Falls back if the table of keys is unavailable. A batch that is accepted twice is better than one that is refused:
 * event ids still find the duplicates.
 */
async function orElse(deps: AttemptDeps, fallback: Attempt, work: () => Promise<Attempt>): Promise<Attempt> {
  try {
    return await work();
  } catch (error) {
    if (!(error instanceof Unavailable)) throw error;
    deps.meter.count(metricNames.idempotencySkipped, 1);
    deps.logger.warn('idempotency keys are unavailable; the batch is accepted without', errorFields(error));
    return fallback;
  }
}

async function beginKey(
  deps: AttemptDeps,
  tenant: Tenant,
  name: string,
  record: IdempotencyRecord,
): Promise<Attempt> {
  const nowMs = deps.clock.now();
  const found = await deps.idempotencyKeys.begin(tenant, name, record, nowMs);
  if (!found) return leased(deps, tenant, name, record);
  switch (keyStateOf(found, record.digest, nowMs)) {
    case 'reused':
      throw new ProblemError('idempotency_key_reused');
    case 'in_flight':
      throw new ProblemError('idempotency_in_flight');
    case 'replay':
      return unleased(found);
    case 'abandoned':
      // If the lease cannot be taken, the attempt runs without one. This is harmless: it makes the same records.
      return orElse(deps, unleased(found), () => takeOver(deps, tenant, name, found, record.leaseUntilMs));
  }
}

const unleased = ({ seed, settings, answer }: IdempotencyRecord): Attempt => ({
  seed,
  settings,
  isRepeatable: true,
  ...(answer && { answered: unpackOutcome(answer) }),
  end: async () => {},
});

async function takeOver(
  deps: AttemptDeps,
  tenant: Tenant,
  name: string,
  found: IdempotencyRecord,
  leaseUntilMs: number,
): Promise<Attempt> {
  const taken = await deps.idempotencyKeys.takeOver(tenant, name, found, leaseUntilMs);
  if (!taken) throw new ProblemError('idempotency_in_flight');
  return leased(deps, tenant, name, { ...found, leaseUntilMs });
}

function leased(
  { idempotencyKeys, logger }: AttemptDeps,
  tenant: Tenant,
  name: string,
  { seed, settings, leaseUntilMs }: IdempotencyRecord,
): Attempt {
  return {
    seed,
    settings,
    isRepeatable: true,
    end: async (outcome) => {
      try {
        await idempotencyKeys.end(tenant, name, leaseUntilMs, outcome && packOutcome(outcome));
      } catch (error) {
        if (!(error instanceof Unavailable)) throw error;
        // The lease expires. The next attempt then makes the same records.
        logger.warn('the outcome of an idempotency key could not be kept', errorFields(error));
      }
    },
  };
}
