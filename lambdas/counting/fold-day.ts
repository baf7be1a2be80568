// Folds one closed day of a tenant: for readers, and ahead of them on a schedule.

import { type Fold, type FoldedTo, foldDay } from '../../domain/documents/day.ts';
import type { Days } from '../../domain/documents/port.ts';
import { lanesOf, type Tenant } from '../../domain/keys.ts';
import { foldedToOf, type ReadLaneDeps } from './read-lane.ts';

/** Of all lanes. To be read before anything else of them. */
export const foldedToOfLanes = (deps: ReadLaneDeps, tenant: Tenant, slots: number): Promise<FoldedTo> =>
  Promise.all(lanesOf(tenant, slots).map(async (lane) => ({ lane, to: await foldedToOf(deps, lane) })));

export type DayToFold = {
  readonly tenant: Tenant;
  readonly slots: number;
  readonly dayMs: number;
  readonly foldedTo: FoldedTo;
};

/**
 * Reads the hours and the mark of the day in one transaction. Undefined if it cannot be folded now: a later try will.
 */
export async function readFold(
  days: Pick<Days, 'hours'>,
  { tenant, slots, dayMs, foldedTo }: DayToFold,
  nowMs: number,
): Promise<Fold | undefined> {
  const key = { tenant, dayMs };
  const found = await days.hours(key, slots);
  return found && foldDay(key, { mark: found.mark, slots }, foldedTo, found.hours, nowMs);
}

/** Where the hours are stored, so is the day. */
export async function storeFold(days: Pick<Days, 'store'>, { day, hours }: Fold): Promise<void> {
  await days.store(day);
  await days.store(hours);
}
