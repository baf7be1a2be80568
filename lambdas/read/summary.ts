// Reads a summary: past days from their folds, the rest hour by hour, and of each lane what no document has yet. It also
// folds a few of the days that it had to read hour by hour, so that later requests read less. What it holds and what it
// works is bounded for any account: see ADR 40.

import type { Logger } from '@aws-lambda-powertools/logger';
import { type DayKey, type FoldedTo, foldDay, type StoredDay } from '../../domain/documents/day.ts';
import type { Days } from '../../domain/documents/port.ts';
import { lanesOf, tenantKey } from '../../domain/keys.ts';
import {
  type Bounds,
  boundsOf,
  daysToFold,
  isWindow,
  type Summary,
  type SummarySources,
  summarise,
  uncoveredBounds,
  type WindowName,
  wholeDays,
} from '../../domain/reading/summary.ts';
import { WindowCounts } from '../../domain/reading/window-counts.ts';
import { mapBounded } from '../../domain/system/bounded.ts';
import type { Clock } from '../../domain/system/port.ts';
import { SingleFlight } from '../../domain/system/single-flight.ts';
import { dayMs, secondMs } from '../../domain/system/time.ts';
import { Unavailable } from '../../domain/system/unavailable.ts';
import { foldedToOf, LaneReader, type ReadLaneDeps } from '../counting/read-lane.ts';
import { type Caller, fromContext } from '../edge/caller.ts';
import { type HttpRequest, ProblemError } from '../edge/http.ts';
import { errorFields } from '../runtime/error-fields.ts';

export type SummaryDeps = ReadLaneDeps & {
  readonly days: Days;
  readonly clock: Pick<Clock, 'now'>;
  readonly logger: Pick<Logger, 'warn'>;
  readonly summaryLimits: SummaryLimits;
};

export type SummaryLimits = {
  /** Of hour documents of whole days. Those at the ends of the window come to that: nothing else has their events. */
  readonly hourBytes: number;
  /** Whole days are read by the hour for so long. */
  readonly hoursMs: number;
  /** What a request folds, and which stale folds it replaces by hours. A larger day is folded by itself. */
  readonly folds: { readonly days: number; readonly bytes: number };
};

/** A full day of eight slots, live and late, is 6.5 MB of hour documents. */
const fullDayBytes = 8 * 1024 * 1024;
export const summaryLimits: SummaryLimits = {
  hourBytes: fullDayBytes,
  hoursMs: 3 * secondMs,
  folds: { days: 4, bytes: 2 * 1024 * 1024 },
};

/** A page is up to 1 MB. */
const lanesAtOnce = 2;

/** Whoever asks an instance for the same summary while it is read shares the answer. */
export function createReadSummary(deps: SummaryDeps): (request: HttpRequest) => Promise<Summary> {
  const flights = new SingleFlight<Summary>();
  return async (request) => {
    const caller = fromContext(request.requestContext.authorizer);
    const { window = '24h', from, to } = request.queryStringParameters ?? {};
    if (from !== undefined || to !== undefined || !isWindow(window)) throw new ProblemError('invalid_window');
    const name = `${tenantKey(caller.tenant)} ${caller.mostSlots} ${window}`;
    return flights.share(name, () => summaryOf(deps, caller, window));
  };
}

async function summaryOf(deps: SummaryDeps, caller: Caller, window: WindowName): Promise<Summary> {
  const nowMs = deps.clock.now();
  const bounds = boundsOf(window, nowMs);
  return summarise(caller.tenant, bounds, await readSources(deps, caller, bounds, nowMs));
}

/** The last folded run of each lane comes first: see read-lane.ts. */
async function readSources(
  deps: SummaryDeps,
  caller: Caller,
  bounds: Bounds,
  nowMs: number,
): Promise<SummarySources> {
  const { tenant, mostSlots } = caller;
  const foldedTo: FoldedTo = await Promise.all(
    lanesOf(tenant, mostSlots).map(async (lane) => ({ lane, to: await foldedToOf(deps, lane) })),
  );
  const whole = wholeDays(bounds, nowMs);
  const found = await readFolds(deps, caller, whole, nowMs);
  const counts = new WindowCounts();
  const readers = foldedTo.map(
    ({ lane, to }) => new LaneReader(deps, { lane, foldedTo: to, bounds }, counts),
  );
  const read = async (parts: readonly Bounds[], mayGoOn?: () => boolean) => {
    const ends = await mapBounded(readers, lanesAtOnce, async (reader) => {
      for (const part of parts) if (!(await reader.readHours(part, mayGoOn))) return false;
      return true;
    });
    return ends.every((isWhole) => isWhole);
  };
  const foldSome = async () => {
    for (const day of daysToFold(whole, counts.bytesOfDays, deps.summaryLimits.folds))
      await fold(deps, { tenant, dayMs: day }, mostSlots, foldedTo, nowMs);
  };
  const { hourBytes, hoursMs } = deps.summaryLimits;
  const isWithin = (bytes: number) => bytes <= hourBytes && deps.clock.now() < nowMs + hoursMs;
  const readBytes = () => bytesWithin(whole, counts);
  /** It stops only once it has read something that it can fold. */
  const mayGoOn = () => readBytes() === 0 || isWithin(readBytes());

  if (!(await read(uncoveredBounds(bounds, found), mayGoOn))) {
    // Each request folds at least one of the days, so that a later one has to read less.
    await foldSome();
    throw new ProblemError('summary_not_ready');
  }
  const days = found.filter(({ isCurrent }) => isCurrent);
  let staleBytes = 0;
  for (const stale of staleFirst(found)) {
    const isFirstOrFits = staleBytes === 0 || staleBytes + stale.hourBytes <= deps.summaryLimits.folds.bytes;
    if (isFirstOrFits && isWithin(readBytes() + stale.hourBytes)) {
      staleBytes += stale.hourBytes;
      await read([{ fromMs: stale.key.dayMs, toMs: stale.key.dayMs + dayMs }]);
    } else days.push(stale);
  }
  for (const { fields } of days) counts.addFields(fields);

  const lanes = await mapBounded([...readers.entries()], lanesAtOnce, ([index, reader]) =>
    reader.finish(new Map(days.map(({ key, foldedTo: ends }) => [key.dayMs, ends[index] ?? '']))),
  );
  await foldSome();
  return {
    counts,
    intakes: lanes.flatMap(({ intakes }) => [...intakes.values()]),
    asOfMs: Math.min(
      nowMs,
      ...lanes.map(({ asOfMs = nowMs }) => asOfMs),
      ...days.map(({ isCurrent, madeAtMs }) => (isCurrent ? nowMs : madeAtMs)),
    ),
  };
}

const bytesWithin = ({ fromMs, toMs }: Bounds, { bytesOfDays }: WindowCounts): number =>
  [...bytesOfDays].reduce((sum, [day, bytes]) => sum + (day >= fromMs && day < toMs ? bytes : 0), 0);

/** So that no fold stays stale for long while events keep coming into many days. */
const staleFirst = (days: readonly StoredDay[]): StoredDay[] =>
  days.filter(({ isCurrent }) => !isCurrent).sort((a, b) => a.madeAtMs - b.madeAtMs);

async function readFolds(
  deps: SummaryDeps,
  { tenant, mostSlots }: Caller,
  { fromMs, toMs }: Bounds,
  nowMs: number,
): Promise<readonly StoredDay[]> {
  if (fromMs === toMs) return [];
  return (
    (await unlessUnavailable(deps, () => deps.days.stored(tenant, mostSlots, fromMs, toMs, nowMs))) ?? []
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
