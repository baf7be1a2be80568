// GET /v1/slo: what the caller's account got of what is promised. Requests are counted by hour as the access log comes in,
// and freshness is in the intake documents of the lanes of live events: a backfill may come faster than it is stored.

import { lanesOf } from '../../domain/keys.ts';
import { addFreshness, type Freshness, noFreshness } from '../../domain/service-levels/account-attainment.ts';
import type { AccountLevels, LevelRange } from '../../domain/service-levels/account-levels.ts';
import { rangeOfSlo, type SloAnswer, sloAnswer } from '../../domain/service-levels/account-slo.ts';
import { mapBounded } from '../../domain/system/bounded.ts';
import type { Clock } from '../../domain/system/port.ts';
import { foldedToOf, LaneReader, type ReadLaneDeps } from '../counting/read-lane.ts';
import type { Caller } from '../edge/caller.ts';

export type SloDeps = ReadLaneDeps & {
  readonly levels: Pick<AccountLevels, 'hours'>;
  readonly clock: Pick<Clock, 'now'>;
};

/** Of a month, a lane has 720 intake documents, of some 200 bytes: a page. Its tail may be 1 MB. */
const lanesAtOnce = 6;

export async function readSlo(deps: SloDeps, { tenant, mostSlots }: Caller): Promise<SloAnswer> {
  const nowMs = deps.clock.now();
  const range = rangeOfSlo(nowMs);
  const [hours, freshness] = await Promise.all([
    deps.levels.hours(tenant, range, nowMs),
    readFreshness(deps, { tenant, mostSlots }, range),
  ]);
  return sloAnswer(tenant, { hours, freshness }, nowMs);
}

/** By the hour in which records were received. */
async function readFreshness(
  deps: ReadLaneDeps,
  { tenant, mostSlots }: Pick<Caller, 'tenant' | 'mostSlots'>,
  bounds: LevelRange,
): Promise<ReadonlyMap<number, Freshness>> {
  const live = lanesOf(tenant, mostSlots).filter(({ late }) => !late);
  const read = await mapBounded(live, lanesAtOnce, async (lane) => {
    const foldedTo = await foldedToOf(deps, lane);
    return new LaneReader(deps, { lane, foldedTo, bounds }, noHours).finish(new Map());
  });
  const sum = new Map<number, Freshness>();
  for (const [startMs, intake] of read.flatMap(({ intakes }) => [...intakes]))
    sum.set(startMs, addFreshness(sum.get(startMs) ?? noFreshness, intake));
  return sum;
}

const noHours = { addDocument: () => {}, addDelta: () => {} };
