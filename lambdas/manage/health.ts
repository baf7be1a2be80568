// GET /v1/health: whether each dependency answers, and how far behind the consumer and the report are. It is answered with 200
// whatever is found: a probe that asks while a table is away must not make availability worse. An answer is kept for some
// seconds, so that probes do not become a load.

import type { Logger } from '@aws-lambda-powertools/logger';
import type { BusiestList } from '../../domain/accounts/port.ts';
import type { Lags } from '../../domain/limits/port.ts';
import { sheddingRules } from '../../domain/limits/shedding.ts';
import { checkDependencies, type Dependency, worstOf } from '../../domain/system/dependencies.ts';
import type { Clock } from '../../domain/system/port.ts';
import { SingleFlight } from '../../domain/system/single-flight.ts';
import { iso, secondMs } from '../../domain/system/time.ts';
import type { HttpRequest } from '../edge/http.ts';
import { queryOf } from '../edge/query.ts';
import { errorFields } from '../runtime/error-fields.ts';

export type HealthDeps = {
  readonly dependencies: readonly Dependency[];
  readonly lags: Pick<Lags, 'all'>;
  readonly busiest: Pick<BusiestList, 'find'>;
  readonly clock: Clock;
  readonly logger: Pick<Logger, 'error'>;
};

const keptMs = 5 * secondMs;

export type Health = Awaited<ReturnType<typeof look>>;

export function createHealth(deps: HealthDeps) {
  const flights = new SingleFlight<Health>();
  let kept: { readonly health: Health; readonly atMs: number } | undefined;
  return async (request: HttpRequest): Promise<Health> => {
    queryOf(request, 'GET /v1/health');
    const nowMs = deps.clock.now();
    // A clock that was set back makes nothing younger.
    if (kept && Math.abs(nowMs - kept.atMs) < keptMs) return kept.health;
    const health = await flights.share('health', () => look(deps));
    kept = { health, atMs: nowMs };
    return health;
  };
}

async function look({ dependencies, lags, busiest, clock, logger }: HealthDeps) {
  const nowMs = clock.now();
  const ages: { consumer?: number; report?: number } = {};
  const readAges: readonly Dependency[] = [
    {
      name: 'lag of the consumer',
      check: async () => {
        // What a stopped consumer said last is no news: its lag is unknown.
        const known = (await lags.all()).filter(({ atMs }) => nowMs - atMs < sheddingRules.knownForMs);
        if (known.length > 0) ages.consumer = Math.max(...known.map(({ ageMs }) => ageMs));
      },
    },
    {
      name: 'age of the report',
      check: async () => {
        const found = await busiest.find();
        if (found) ages.report = Math.max(0, nowMs - found.atMs);
      },
    },
  ];
  const checked = await checkDependencies(
    {
      clock,
      after: (ms) => clock.sleep(ms),
      onFailure: (name, error) =>
        logger.error('a dependency does not answer', { dependency: name, ...errorFields(error) }),
    },
    [...dependencies, ...readAges],
  );
  return {
    status: worstOf(checked),
    as_of: iso(nowMs),
    dependencies: checked,
    consumer_lag_ms: ages.consumer ?? null,
    report_age_ms: ages.report ?? null,
  };
}
