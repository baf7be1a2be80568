// Reads a summary: past days from their folds, the rest hour by hour. It also folds a few of the days that it had to
// read hour by hour, so that later requests read less.

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
import { errorFields } from '../runtime/error-fields.ts';

export type SummaryDeps = {
  readonly aggregates: Aggregates;
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
  const [counts, intakes] = await Promise.all([
    readCounts(deps, caller, bounds, nowMs),
    readSlots(deps, caller, 'intake', bounds),
  ]);
  return summarise(caller.tenant, bounds, { ...counts, intakes }, nowMs);
}

async function readCounts(deps: SummaryDeps, caller: Caller, bounds: Bounds, nowMs: number) {
  const whole = wholeDays(bounds, nowMs);
  const goodDays = await readGoodDays(deps, caller, whole, nowMs);
  const days = goodDays.filter(isFolded);
  const gaps = uncoveredBounds(bounds, days).map((gap) => readSlots(deps, caller, 'hour', gap));
  const hours = (await Promise.all(gaps)).flat();
  const toFold = daysToFold(whole, hours, goodDays).slice(0, maxFolds);
  await Promise.all(
    toFold.map((dayMs) => fold(deps, { tenant: caller.tenant, dayMs }, caller.mostSlots, nowMs)),
  );
  return { days, hours };
}

async function readSlots(
  { aggregates }: SummaryDeps,
  { tenant, mostSlots }: Caller,
  kind: DocumentKey['kind'],
  { fromMs, toMs }: Bounds,
): Promise<VersionedDocument[]> {
  const ranges = Array.from({ length: mostSlots }, (_, slot) =>
    aggregates.range(tenant, slot, kind, fromMs, toMs),
  );
  return (await Promise.all(ranges)).flat();
}

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
const fold = (deps: SummaryDeps, key: DayKey, slots: number, nowMs: number): Promise<void> =>
  unlessUnavailable(deps, async () => {
    const found = await deps.days.hours(key, slots);
    const day = found && foldDay(key, { mark: found.mark, slots }, found.hours, nowMs);
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
