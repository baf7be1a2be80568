// The summary: days that are over from their folds, the rest hour by hour. A few of the days that had to be read hour
// by hour are folded on the way, for the readers that follow.

import type { Logger } from '@aws-lambda-powertools/logger';
import { type DayDocument, type DayKey, foldDay, isFolded } from '../../domain/documents/day.ts';
import type { DocumentKey, VersionedDocument } from '../../domain/documents/documents.ts';
import type { Aggregates, Days } from '../../domain/documents/port.ts';
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
import { type Caller, fromContext } from '../edge/caller.ts';
import { type HttpRequest, ProblemError } from '../edge/http.ts';

export type SummaryDeps = {
  readonly aggregates: Aggregates;
  readonly days: Days;
  readonly clock: Clock;
  readonly logger: Pick<Logger, 'warn'>;
};

/** So that no request pays for the whole month: the next ones fold what is left. */
const maxFolds = 4;

export async function readSummary(deps: SummaryDeps, request: HttpRequest): Promise<Summary> {
  const caller = fromContext(request.requestContext.authorizer);
  const { window = '24h', from, to } = request.queryStringParameters ?? {};
  if (from !== undefined || to !== undefined || !isWindow(window)) throw new ProblemError('invalid_window');
  const nowMs = deps.clock.now();
  const bounds = boundsOf(window, nowMs);
  const [counts, intakes] = await Promise.all([
    readCounts(deps, caller, bounds, nowMs),
    readSlots(deps, caller, 'intake', bounds),
  ]);
  return summarise(caller.tenant, bounds, { ...counts, intakes }, nowMs);
}

async function readCounts(deps: SummaryDeps, caller: Caller, bounds: Bounds, nowMs: number) {
  const whole = wholeDays(bounds, nowMs);
  const tried = await goodDays(deps, caller, whole, nowMs);
  const days = tried.filter(isFolded);
  const gaps = uncoveredBounds(bounds, days).map((gap) => readSlots(deps, caller, 'hour', gap));
  const hours = (await Promise.all(gaps)).flat();
  const toFold = daysToFold(whole, hours, tried).slice(0, maxFolds);
  await Promise.all(toFold.map((dayMs) => fold(deps, { tenant: caller.tenant, dayMs }, caller.slots, nowMs)));
  return { days, hours };
}

async function readSlots(
  { aggregates }: SummaryDeps,
  { tenant, slots }: Caller,
  kind: DocumentKey['kind'],
  { fromMs, toMs }: Bounds,
): Promise<VersionedDocument[]> {
  const ranges = Array.from({ length: slots }, (_, slot) =>
    aggregates.range(tenant, slot, kind, fromMs, toMs),
  );
  return (await Promise.all(ranges)).flat();
}

async function goodDays(
  deps: SummaryDeps,
  { tenant, slots }: Caller,
  { fromMs, toMs }: Bounds,
  nowMs: number,
): Promise<readonly DayDocument[]> {
  if (fromMs === toMs) return [];
  return (await attempt(deps, () => deps.days.current(tenant, slots, fromMs, toMs, nowMs))) ?? [];
}

/** Its hours are read again, as of one instant and with the day's mark: those of the answer are of several. */
const fold = (deps: SummaryDeps, key: DayKey, slots: number, nowMs: number): Promise<void> =>
  attempt(deps, async () => {
    const found = await deps.days.hours(key, slots);
    const day = found && foldDay(key, { mark: found.mark, slots }, found.hours, nowMs);
    if (day) await deps.days.store(day);
  });

/** An answer needs no folds: where they cannot be had, it costs more reads and is the same. */
async function attempt<T>({ logger }: SummaryDeps, work: () => Promise<T>): Promise<T | undefined> {
  try {
    return await work();
  } catch (error) {
    if (!(error instanceof Unavailable)) throw error;
    logger.warn('folds of days are not at hand', error);
    return undefined;
  }
}
