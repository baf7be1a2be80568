// Publishes how far consume is behind on a shard, for ingest to judge by. Of live records only: a backfill may be late. Nor of
// those that an operator hands over again, however old they are.

import type { Logger } from '@aws-lambda-powertools/logger';
import type { Lags } from '../../domain/limits/port.ts';
import { BoundedMap } from '../../domain/system/bounded-map.ts';
import type { Clock } from '../../domain/system/port.ts';
import { secondMs } from '../../domain/system/time.ts';
import { errorFields } from '../runtime/error-fields.ts';
import type { OwnedRecord } from './wire.ts';

export type LagDeps = {
  readonly lags: Pick<Lags, 'put'>;
  readonly clock: Pick<Clock, 'now'>;
  readonly logger: Pick<Logger, 'warn'>;
};

/** A write unit for each shard and five seconds, for each instance that handles it. */
const publishEveryMs = 5 * secondMs;
const mostShards = 1000;

/** Takes the records that an invocation has at hand. They are of one shard. */
export type PublishLag = (records: readonly OwnedRecord[]) => Promise<void>;

export function createPublishLag({ lags, clock, logger }: LagDeps): PublishLag {
  const publishedAtMs = new BoundedMap<number>(mostShards);
  return async (records) => {
    const live = records.filter(({ header }) => !header.late);
    const arrivals = live.flatMap(({ arrival }) => arrival ?? []);
    const [first] = arrivals;
    if (!first) return;
    const { shard } = first;
    const atMs = clock.now();
    const sinceMs = atMs - (publishedAtMs.get(shard) ?? Number.NEGATIVE_INFINITY);
    // A clock that was set back does not end it.
    if (sinceMs >= 0 && sinceMs < publishEveryMs) return;
    publishedAtMs.keep(shard, atMs);
    const newestMs = Math.max(...arrivals.map((arrival) => arrival.atMs));
    const ofAccounts = Map.groupBy(live, ({ header }) => header.tenant.account);
    const account = ofAccounts.entries().find(([, { length }]) => length * 2 > live.length)?.[0];
    try {
      await lags.put({ shard, ageMs: Math.max(0, atMs - newestMs), atMs, ...(account && { account }) });
    } catch (error) {
      // Whatever it is: records are stored all the same, and what ingest does not know sheds nothing.
      logger.warn('the lag of a shard could not be published', errorFields(error));
    }
  };
}
