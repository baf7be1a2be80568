// One try of a batch: its time, its chance and its settings. With an idempotency key they are those of the first try
// with that key, so that any later one makes the same records and gives the same answer.

import type { Logger } from '@aws-lambda-powertools/logger';
import { type BatchSeed, makeSeed, seedRandomBytes } from '../../domain/batch-id.ts';
import {
  type BatchSettings,
  digestOfBytes,
  type IdempotencyRecord,
  idempotencyKeyLifeMs,
  idempotencyName,
  judge,
} from '../../domain/idempotency.ts';
import type { Tenant } from '../../domain/keys.ts';
import { metricNames } from '../../domain/metrics.ts';
import { type Clock, type IdempotencyKeys, type Ids, Unavailable } from '../../domain/ports.ts';
import { type HttpRequest, headerOf, ProblemError } from '../shared/http.ts';
import type { Meter } from '../shared/telemetry.ts';

export type Attempt = {
  readonly seed: BatchSeed;
  readonly settings: BatchSettings;
  /** The answer was given before: it is to be told again, and nothing else is to be done. */
  readonly replayed: boolean;
  /** Answered: later requests with the key get this answer. Else the next one tries again. */
  end(answered: boolean): Promise<void>;
};

export type AttemptDeps = {
  readonly idempotencyKeys: IdempotencyKeys;
  readonly clock: Clock;
  readonly ids: Ids;
  readonly meter: Meter;
  readonly logger: Pick<Logger, 'warn'>;
};

export type AttemptOf = {
  readonly tenant: Tenant;
  readonly settings: BatchSettings;
  readonly request: HttpRequest;
  readonly body: Uint8Array;
  /** How long this function may still be at work. */
  readonly remainingMs: number;
};

export async function beginAttempt(deps: AttemptDeps, of: AttemptOf): Promise<Attempt> {
  const nowMs = deps.clock.now();
  const seed = makeSeed(nowMs, deps.ids.random(seedRandomBytes));
  const alone: Attempt = { seed, settings: of.settings, replayed: false, end: async () => {} };
  const key = headerOf(of.request, 'idempotency-key') ?? headerOf(of.request, 'x-idempotency-key');
  if (key === undefined) return alone;
  const name = idempotencyName(key);
  if (name === undefined) throw new ProblemError('invalid_idempotency_key');
  const record: IdempotencyRecord = {
    digest: digestOfBytes(of.body),
    seed,
    settings: of.settings,
    leaseUntilMs: nowMs + of.remainingMs,
    answered: false,
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
  switch (judge(found, record.digest, nowMs)) {
    case 'reused':
      throw new ProblemError('idempotency_key_reused');
    case 'in_flight':
      throw new ProblemError('idempotency_in_flight');
    case 'replay':
      return { ...unleased(found), replayed: true };
    case 'abandoned':
      // Where nobody can say who has the lease, a rerun of what was found is harmless: it makes the same records.
      return skipping(deps, unleased(found), () => takeOver(deps, tenant, name, found, record.leaseUntilMs));
  }
}

const unleased = ({ seed, settings }: IdempotencyRecord): Attempt => ({
  seed,
  settings,
  replayed: false,
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
    replayed: false,
    end: async (answered) => {
      try {
        await idempotencyKeys.end(tenant, name, leaseUntilMs, answered);
      } catch (error) {
        if (!(error instanceof Unavailable)) throw error;
        // The lease ends by itself, and a rerun makes the same records.
        logger.warn('an idempotency key could not be ended', error);
      }
    },
  };
}
