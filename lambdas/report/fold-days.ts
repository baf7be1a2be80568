// Folds the day that has just closed of all accounts that received much in it, so that the first who reads in the morning
// does not wait for it. It goes on in later runs where there is no time: a day that is folded is left as it is. Days of
// others, and those that become stale, are folded by their readers.

import type { Logger } from '@aws-lambda-powertools/logger';
import { foldableUntilMs } from '../../domain/documents/day.ts';
import type { Intake } from '../../domain/documents/intake.ts';
import type { Days } from '../../domain/documents/port.ts';
import { type Tenant, tenantKey } from '../../domain/keys.ts';
import { mapBounded } from '../../domain/system/bounded.ts';
import type { Clock } from '../../domain/system/port.ts';
import { dayMs, hourMs } from '../../domain/system/time.ts';
import { Unavailable } from '../../domain/system/unavailable.ts';
import { foldedToOfLanes, readFold, storeFold } from '../counting/fold-day.ts';
import type { ReadLaneDeps } from '../counting/read-lane.ts';
import { errorFields } from '../runtime/error-fields.ts';

export type FoldDaysDeps = ReadLaneDeps & {
  readonly days: Days;
  readonly clock: Pick<Clock, 'now'>;
  readonly logger: Pick<Logger, 'error' | 'warn' | 'info'>;
};

/** How many events an environment received in the newest day that can be folded. */
export type DayOfTenant = { readonly tenant: Tenant; readonly mostSlots: number; readonly received: number };

/** So long after the day can be folded, each run looks which days are. It costs a read of each account that is looked at. */
const triedForMs = 3 * hourMs;
/** A day of fewer events is soon read by the hour. */
const leastReceived = 1000;
/** The hours of a day of eight slots are up to 6.5 MB. */
const foldsAtOnce = 2;

/** Undefined at other times of the day. */
export function dayToFold(nowMs: number): number | undefined {
  const untilMs = foldableUntilMs(nowMs);
  return foldableUntilMs(nowMs - triedForMs) < untilMs ? untilMs - dayMs : undefined;
}

export function receivedIn(day: number | undefined, received: ReadonlyMap<number, Intake>): number {
  let events = 0;
  for (const [hour, intake] of received)
    if (day !== undefined && hour >= day && hour < day + dayMs) events += intake.received;
  return events;
}

/** Those that received the most come first. Returns the errors that are no outage; the other days are folded. */
export async function foldDays(
  deps: FoldDaysDeps,
  seen: readonly DayOfTenant[],
  hasTime: () => boolean,
): Promise<readonly unknown[]> {
  const day = dayToFold(deps.clock.now());
  if (day === undefined) return [];
  const wanted = seen
    .filter(({ received }) => received >= leastReceived)
    .toSorted((a, b) => b.received - a.received || (tenantKey(a.tenant) < tenantKey(b.tenant) ? -1 : 1));
  const errors: unknown[] = [];
  const folded = await mapBounded(wanted, foldsAtOnce, async ({ tenant, mostSlots }) => {
    if (!hasTime()) return undefined;
    try {
      return await foldDay(deps, tenant, mostSlots, day);
    } catch (error) {
      const about = { ...tenant, ...errorFields(error) };
      if (error instanceof Unavailable) deps.logger.warn('folds of days are unavailable', about);
      else {
        errors.push(error);
        deps.logger.error('a day cannot be folded', about);
      }
      return undefined;
    }
  });
  const made = folded.filter((isFolded) => isFolded === true).length;
  const left = folded.filter((isFolded) => isFolded === undefined).length;
  if (made + left > 0) deps.logger.info('days were folded ahead of their readers', { folded: made, left });
  return errors;
}

/** False if it was folded before. Undefined if it cannot be folded now. */
async function foldDay(
  deps: FoldDaysDeps,
  tenant: Tenant,
  slots: number,
  day: number,
): Promise<boolean | undefined> {
  const nowMs = deps.clock.now();
  // Of the two documents of a fold they are stored last.
  const found = await deps.days.stored('hours', tenant, slots, day, day + dayMs, nowMs);
  if (found.length > 0) return false;
  const foldedTo = await foldedToOfLanes(deps, tenant, slots);
  const fold = await readFold(deps.days, { tenant, slots, dayMs: day, foldedTo }, nowMs);
  if (!fold) return undefined;
  await storeFold(deps.days, fold);
  return true;
}
