// Reads a summary: past days from their folds, the rest hour by hour, and of each lane what no document has yet. It also
// folds a few of the days that it had to read hour by hour, so that later requests read less.

import type { Logger } from '@aws-lambda-powertools/logger';
import type { LaneCounts } from '../../domain/counting/lane-counts.ts';
import {
  type DayDocument,
  type DayKey,
  type FoldedTo,
  foldDay,
  isFolded,
} from '../../domain/documents/day.ts';
import type { Days } from '../../domain/documents/port.ts';
import { lanesOf } from '../../domain/keys.ts';
import {
  type Bounds,
  boundsOf,
  daysToFold,
  isWindow,
  type Summary,
  summarise,
  uncoveredBounds,
  wholeDays,
} from '../../domain/reading/summary.ts';
import type { Clock } from '../../domain/system/port.ts';
import { Unavailable } from '../../domain/system/unavailable.ts';
import { foldedToOf, type ReadLaneDeps, readLane } from '../counting/read-lane.ts';
import { type Caller, fromContext } from '../edge/caller.ts';
import { type HttpRequest, ProblemError } from '../edge/http.ts';
import { errorFields } from '../runtime/error-fields.ts';

export type SummaryDeps = ReadLaneDeps & {
  readonly days: Days;
  readonly clock: Clock;
  readonly logger: Pick<Logger, 'warn'>;
};

/** Per request, so that no request pays for a whole month. Later requests fold the other days. */
const maxFolds = 4;

export async function readSummary(deps: SummaryDeps, request: HttpRequest): Promise<Summary> {
  const caller = fromContext(request.requestContext.authorizer);
  const { window = '24h', from, to } = request.queryStringParameters ?? {};
  if (from !== undefined || to !== undefined || !isWindow(window)) throw new ProblemError('invalid_window');
  const nowMs = deps.clock.now();
  const bounds = boundsOf(window, nowMs);
  return summarise(caller.tenant, bounds, await readSources(deps, caller, bounds, nowMs), nowMs);
}

/** The last folded run of each lane comes first: see read-lane.ts. */
async function readSources(deps: SummaryDeps, caller: Caller, bounds: Bounds, nowMs: number) {
  const { tenant, mostSlots } = caller;
  const foldedTo: FoldedTo = await Promise.all(
    lanesOf(tenant, mostSlots).map(async (lane) => ({ lane, to: await foldedToOf(deps, lane) })),
  );
  const whole = wholeDays(bounds, nowMs);
  const goodDays = await readGoodDays(deps, caller, whole, nowMs);
  const days = goodDays.filter(isFolded);
  const hours = uncoveredBounds(bounds, days);
  const lanes: LaneCounts[] = await Promise.all(
    foldedTo.map(({ lane, to }, index) =>
      readLane(deps, { lane, foldedTo: to, bounds, hours, days: endsOf(days, index) }),
    ),
  );
  const toFold = daysToFold(whole, lanes, goodDays).slice(0, maxFolds);
  await Promise.all(toFold.map((dayMs) => fold(deps, { tenant, dayMs }, mostSlots, foldedTo, nowMs)));
  return { days, lanes };
}

const endsOf = (days: readonly DayDocument[], index: number) =>
  new Map(days.map(({ key, foldedTo }) => [key.dayMs, foldedTo[index] ?? '']));

async function readGoodDays(
  deps: SummaryDeps,
  { tenant, mostSlots }: Caller,
  { fromMs, toMs }: Bounds,
  nowMs: number,
): Promise<readonly DayDocument[]> {
  if (fromMs === toMs) return [];
  return (
    (await unlessUnavailable(deps, () => deps.days.current(tenant, mostSlots, fromMs, toMs, nowMs))) ?? []
  );
}

/** Reads the hours and the mark of the day again in one transaction: the hours of the answer were read one by one. */
const fold = (
  deps: SummaryDeps,
  key: DayKey,
  slots: number,
  foldedTo: FoldedTo,
  nowMs: number,
): Promise<void> =>
  unlessUnavailable(deps, async () => {
    const found = await deps.days.hours(key, slots);
    const day = found && foldDay(key, { mark: found.mark, slots }, foldedTo, found.hours, nowMs);
    if (day) await deps.days.store(day);
  });

/** Without folds the answer is the same and costs more reads. */
async function unlessUnavailable<T>({ logger }: SummaryDeps, work: () => Promise<T>): Promise<T | undefined> {
  try {
    return await work();
  } catch (error) {
    if (!(error instanceof Unavailable)) throw error;
    logger.warn('folds of days are unavailable', errorFields(error));
    return undefined;
  }
}
