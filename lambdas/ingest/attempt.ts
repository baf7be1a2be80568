// One try of a batch: its time, its chance and its settings. With an idempotency key they are those of the first try
// with that key, so that any later one makes the same records, until there is an answer, which is told again.

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
import type { Tenant } from '../../domain/keys.ts';
import { type BatchSeed, makeSeed, seedRandomBytes } from '../../domain/record/batch-id.ts';
import { metricNames } from '../../domain/service-levels/metrics.ts';
import type { Clock, Random } from '../../domain/system/port.ts';
import { Unavailable } from '../../domain/system/unavailable.ts';
import { type HttpRequest, headerValues, ProblemError } from '../edge/http.ts';
import type { Meter } from '../runtime/telemetry.ts';
import type { Body } from './body.ts';

export type Attempt = {
  readonly seed: BatchSeed;
  readonly settings: BatchSettings;
  /** What was answered before: it is to be told again, and nothing else is to be done. */
  readonly answered?: StoredOutcome;
  /** With an outcome later requests with the key get it too. Without, the next one tries again. */
  end(outcome?: BatchOutcome): Promise<void>;
};

export type AttemptDeps = {
  readonly idempotencyKeys: IdempotencyKeys;
  readonly clock: Clock;
  readonly random: Random;
  readonly meter: Meter;
  readonly logger: Pick<Logger, 'warn'>;
};

export type AttemptOf = {
  readonly tenant: Tenant;
  readonly settings: BatchSettings;
  readonly request: HttpRequest;
  readonly body: Body;
  /** How long this function may still be at work. */
  readonly remainingMs: number;
};

const keyHeaders = ['idempotency-key', 'x-idempotency-key'];

export async function beginAttempt(deps: AttemptDeps, of: AttemptOf): Promise<Attempt> {
  const nowMs = deps.clock.now();
  const seed = makeSeed(nowMs, deps.random.bytes(seedRandomBytes));
  const alone: Attempt = { seed, settings: of.settings, end: async () => {} };
  const keys = new Set(keyHeaders.flatMap((header) => headerValues(of.request, header)));
  if (keys.size === 0) return alone;
  const [key = ''] = keys;
  const name = idempotencyName(key);
  if (keys.size > 1 || name === undefined) throw new ProblemError('invalid_idempotency_key');
  const record: IdempotencyRecord = {
    digest: requestDigest(of.body.form, of.body.bytes),
    seed,
    settings: of.settings,
    leaseUntilMs: nowMs + of.remainingMs,
    expiresAtMs: nowMs + idempotencyKeyLifeMs,
  };
  return skipping(deps, alone, () => beginKey(deps, of.tenant, name, record));
}

/** Where the store of keys is away. Event ids still protect: better a batch that may come twice than one refused. */
async function skipping(deps: AttemptDeps, without: Attempt, work: () => Promise<Attempt>): Promise<Attempt> {
  try {
    return await work();
  } catch (error) {
    if (!(error instanceof Unavailable)) throw error;
    deps.meter.count(metricNames.idempotencySkipped, 1);
    deps.logger.warn('idempotency keys are unavailable; accepting without', error);
    return without;
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
      // Where nobody can say who has the lease, a rerun of what was found is harmless: it makes the same records.
      return skipping(deps, unleased(found), () => takeOver(deps, tenant, name, found, record.leaseUntilMs));
  }
}

const unleased = ({ seed, settings, answer }: IdempotencyRecord): Attempt => ({
  seed,
  settings,
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
    end: async (outcome) => {
      try {
        await idempotencyKeys.end(tenant, name, leaseUntilMs, outcome && packOutcome(outcome));
      } catch (error) {
        if (!(error instanceof Unavailable)) throw error;
        // The lease ends by itself, and a rerun makes the same records.
        logger.warn('an idempotency key could not be ended', error);
      }
    },
  };
}
