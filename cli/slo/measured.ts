// What tenants of one account got of what is promised, in some hours: requests from the access log, freshness from what was
// stored.

import { lanesOf, type Tenant } from '../../domain/keys.ts';
import { addFreshness, type Freshness, noFreshness } from '../../domain/service-levels/account-attainment.ts';
import type { LevelRange } from '../../domain/service-levels/account-levels.ts';
import type { MeasuredHours } from '../../domain/service-levels/account-slo.ts';
import { intakesOfLanes } from '../busiest/intakes.ts';
import type { RecordAccess } from '../record-access.ts';

/** Late events are in no freshness: a backfill may come faster than it is stored. */
export async function readMeasured(
  { lanes, levels }: Pick<RecordAccess, 'lanes' | 'levels'>,
  tenants: readonly Tenant[],
  mostSlots: number,
  { range, nowMs }: { readonly range: LevelRange; readonly nowMs: number },
): Promise<MeasuredHours> {
  const live = tenants.flatMap((tenant) => lanesOf(tenant, mostSlots).filter(({ late }) => !late));
  const [hours, intakes] = await Promise.all([
    Promise.all(tenants.map((tenant) => levels.hours(tenant, range, nowMs))),
    intakesOfLanes(lanes, live, range),
  ]);
  const freshness = new Map<number, Freshness>();
  for (const [startMs, intake] of intakes) freshness.set(startMs, addFreshness(noFreshness, intake));
  return { hours: hours.flat(), freshness };
}
