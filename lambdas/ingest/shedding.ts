// Refuses requests by tier while the store is behind, before their body is read. An instance asks how far consume is behind
// every five seconds at most, within a request: an instance that was frozen asks first. What cannot be read sheds nothing.

import type { Logger } from '@aws-lambda-powertools/logger';
import { tiers } from '../../domain/accounts/tiers.ts';
import type { Lags } from '../../domain/limits/port.ts';
import { isShed, type Lag, nextLevel, type SheddingLevel } from '../../domain/limits/shedding.ts';
import { type StreamName, streamNames } from '../../domain/record/streams.ts';
import { metricNames } from '../../domain/service-levels/metrics.ts';
import type { Clock, Random } from '../../domain/system/port.ts';
import { secondMs } from '../../domain/system/time.ts';
import { Unavailable } from '../../domain/system/unavailable.ts';
import type { Caller } from '../edge/caller.ts';
import { ProblemError } from '../edge/http.ts';
import { errorFields } from '../runtime/error-fields.ts';
import type { Meter } from '../runtime/telemetry.ts';

export type SheddingDeps = {
  readonly lags: Pick<Lags, 'all'>;
  /** As consume names the streams of shards. */
  readonly streamIds: Readonly<Record<StreamName, string>>;
  readonly clock: Pick<Clock, 'now'>;
  readonly random: Random;
  readonly meter: Meter;
  readonly logger: Pick<Logger, 'info' | 'warn'>;
};

const askEveryMs = 5 * secondMs;
/**
 * A client whose Retry-After is short gives up early: official ones count their tries. Spread, so that all who are
 * refused do not come back at once.
 */
const retryAfterSeconds = { least: 60, most: 120 } as const;

/** Throws if the request is shed. */
export type Shedding = (caller: Pick<Caller, 'tier' | 'stream'>) => Promise<void>;

export function createShedding({ lags, streamIds, clock, random, meter, logger }: SheddingDeps): Shedding {
  /** Who is on another stream does not wait. */
  const levels: Record<StreamName, SheddingLevel> = { standard: 0, priority: 0 };
  let askedAtMs = Number.NEGATIVE_INFINITY;

  const ask = async (nowMs: number): Promise<void> => {
    // Others go on with what is known meanwhile.
    askedAtMs = nowMs;
    const known = await find();
    for (const stream of streamNames) {
      const from = levels[stream];
      const ofStream = known.filter(({ shard }) => shard.startsWith(`${streamIds[stream]}/`));
      const to = nextLevel(from, ofStream, nowMs);
      levels[stream] = to;
      if (to !== from) logger.info('the level of load shedding changes', { stream, from, to });
    }
  };

  const find = async (): Promise<readonly Lag[]> => {
    try {
      return await lags.all();
    } catch (error) {
      if (!(error instanceof Unavailable)) throw error;
      logger.warn('how far consume is behind is unavailable', errorFields(error));
      return [];
    }
  };

  return async ({ tier, stream }) => {
    const nowMs = clock.now();
    // Or the clock was set back.
    if (nowMs >= askedAtMs + askEveryMs || nowMs < askedAtMs) await ask(nowMs);
    if (!isShed(levels[stream], tiers[tier])) return;
    meter.count(metricNames.shedRequests, 1);
    throw new ProblemError('load_shed', { retry_after: retryAfter(random) });
  };
}

function retryAfter(random: Random): number {
  const { least, most } = retryAfterSeconds;
  const [byte = 0] = random.bytes(1);
  return least + (byte % (most - least + 1));
}
