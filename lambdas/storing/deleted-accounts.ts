// Records of accounts that were deleted since: a stream, a dead letter and quarantine can hold them for days. They are of an
// older generation than their account, no reader finds what is stored of them, and so they are dropped. The table of accounts
// is read once in 30 s for an account. If it cannot be read, records are stored rather than held.

import type { Logger } from '@aws-lambda-powertools/logger';
import { longestPrincipalAgeMs } from '../../domain/accounts/accounts.ts';
import type { Generations } from '../../domain/accounts/port.ts';
import type { EnvelopeHeader } from '../../domain/record/envelope.ts';
import { metricNames } from '../../domain/service-levels/metrics.ts';
import { BoundedMap } from '../../domain/system/bounded-map.ts';
import type { Clock } from '../../domain/system/port.ts';
import { Unavailable } from '../../domain/system/unavailable.ts';
import { errorFields } from '../runtime/error-fields.ts';
import type { Meter } from '../runtime/telemetry.ts';
import { requestsOf } from './record-telemetry.ts';

type Known = { readonly generation: number; readonly untilMs: number };

/** Some 100 bytes each. */
const mostKnown = 10_000;

type KnownDeps = {
  readonly generations: Generations;
  readonly clock: Pick<Clock, 'now'>;
  readonly logger: Pick<Logger, 'warn'>;
};

/** What an instance knows of generations. One that was read stays a lower bound: they only rise. */
export class KnownGenerations {
  readonly #deps: KnownDeps;
  readonly #known = new BoundedMap<Known>(mostKnown);

  constructor(deps: KnownDeps) {
    this.#deps = deps;
  }

  /** The least that the generation of each account is. */
  async of(accounts: Iterable<string>): Promise<ReadonlyMap<string, number>> {
    const nowMs = this.#deps.clock.now();
    const asked = [...new Set(accounts)];
    const found = new Map(asked.map((account) => [account, this.#known.get(account)?.generation ?? 0]));
    const stale = asked.filter((account) => nowMs >= (this.#known.get(account)?.untilMs ?? 0));
    const read = stale.length > 0 ? await this.#read(stale) : new Map<string, number>();
    for (const account of stale) {
      const generation = read.get(account) ?? found.get(account) ?? 0;
      found.set(account, generation);
      this.#known.keep(account, { generation, untilMs: nowMs + longestPrincipalAgeMs });
    }
    return found;
  }

  async #read(accounts: readonly string[]): Promise<ReadonlyMap<string, number>> {
    try {
      return await this.#deps.generations.find(accounts);
    } catch (error) {
      if (!(error instanceof Unavailable)) throw error;
      this.#deps.logger.warn(
        'the generations of accounts cannot be read; records of deleted ones are stored',
        {
          ...errorFields(error),
          accounts: accounts.length,
        },
      );
      return new Map();
    }
  }
}

export type DropDeps = {
  readonly generations: Pick<KnownGenerations, 'of'>;
  readonly meter: Pick<Meter, 'count'>;
  readonly logger: Pick<Logger, 'info'>;
};

/** Returns the records that are not of a deleted account. The others are counted in a metric, and get no receipt. */
export async function withoutDeleted<Of extends { readonly header: EnvelopeHeader }>(
  { generations, meter, logger }: DropDeps,
  records: readonly Of[],
): Promise<readonly Of[]> {
  if (records.length === 0) return records;
  const inForce = await generations.of(records.map(({ header }) => header.tenant.account));
  const isDropped = ({ header: { tenant } }: Of) => tenant.generation < (inForce.get(tenant.account) ?? 0);
  const dropped = records.filter(isDropped).map(({ header }) => header);
  if (dropped.length === 0) return records;
  meter.count(metricNames.droppedRecords, dropped.length);
  logger.info('records of deleted accounts are dropped', {
    accounts: [...new Set(dropped.map(({ tenant }) => tenant.account))].slice(0, 10),
    records: dropped.length,
    requests: requestsOf(dropped),
  });
  return records.filter((record) => !isDropped(record));
}
