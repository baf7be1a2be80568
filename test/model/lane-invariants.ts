// What must hold of counts, whether runs are folded or not: readers are shown every stored event once, and the intake of
// each lane is what its records brought.

import { isPlain, placeOf } from '../../domain/counting/receipt.ts';
import { type Intake, imbalanceOf } from '../../domain/documents/intake.ts';
import { countsOf } from '../../domain/documents/names.ts';
import type { Lane } from '../../domain/keys.ts';
import { laneKey } from '../../domain/keys.ts';
import { floorTo, hourMs } from '../../domain/system/time.ts';
import { type HoursOfLane, readHoursOf } from '../support/read-hours.ts';
import { AccountAtRest } from './account-at-rest.ts';
import { everyHour, totals, windowOf } from './readers.ts';
import { type AcceptedRecord, tenants } from './records.ts';
import type { World } from './world.ts';

export async function faultsOfCounts(world: World): Promise<string[]> {
  const faults: string[] = [];
  for (const tenant of tenants) {
    const account = new AccountAtRest(world, tenant);
    if (account.records.length === 0) continue;
    for (const lane of world.lanesOf(tenant)) faults.push(...(await faultsOfLane(account, lane)));
    faults.push(...(await faultsOfSummary(account)));
  }
  return faults;
}

async function faultsOfLane(account: AccountAtRest, lane: Lane): Promise<string[]> {
  const { world } = account;
  const records = account.records.filter((record) => laneKey(record.lane) === laneKey(lane));
  if (records.length === 0) return [];
  const shown = await readHoursOf(world.ports, lane, everyHour);
  return [...faultsOfHours(account, records, shown), ...faultsOfIntake(account, records, shown)].map(
    (fault) => `${laneKey(lane)} ${fault}`,
  );
}

/** Every hour counts the events that counted records have stored in it. */
function faultsOfHours(
  account: AccountAtRest,
  records: readonly AcceptedRecord[],
  { hours }: HoursOfLane,
): string[] {
  const stored = records.flatMap((record) => account.stored(record));
  const byHour = Map.groupBy(stored, ({ timestamp }) => floorTo(timestamp, hourMs));
  return [...new Set([...byHour.keys(), ...hours.keys()])].flatMap((hour) => {
    const counts = hours.get(hour);
    const events = byHour.get(hour) ?? [];
    const services = events.flatMap(({ service }) => service ?? []);
    const actual = JSON.stringify([
      counts?.total.count ?? 0,
      counts ? pairs(countsOf(counts.byType)) : [],
      counts ? pairs(countsOf(counts.byService)) : [],
    ]);
    const expected = JSON.stringify([events.length, tally(events.map(({ type }) => type)), tally(services)]);
    return actual === expected ? [] : [`counts ${actual} in an hour, not ${expected}`];
  });
}

/** What was received is what was accepted, each record once, and every event has an outcome. */
function faultsOfIntake(
  account: AccountAtRest,
  records: readonly AcceptedRecord[],
  shown: Pick<HoursOfLane, 'intakes'>,
): string[] {
  const intakes = [...shown.intakes.values()];
  const actualSum = (of: (intake: Intake) => number) => sum(intakes, of);
  const receiptOf = (record: AcceptedRecord) => account.receiptOf(record);
  const quarantinedOf = (record: AcceptedRecord) =>
    account.stateOf(record) === 'counted' ? 0 : record.events.length;
  const figures: Readonly<Record<string, readonly [actual: number, expected: number]>> = {
    received: [actualSum(({ received }) => received), sum(records, ({ events }) => events.length)],
    bytes: [actualSum(({ bytes }) => bytes), sum(records, ({ data }) => data.length)],
    stored: [actualSum(({ stored }) => stored), sum(records, (each) => receiptOf(each)?.stored ?? 0)],
    duplicates: [
      actualSum(({ duplicates }) => duplicates),
      sum(records, (each) => receiptOf(each)?.duplicates ?? 0),
    ],
    conflicts: [
      actualSum(({ conflicts }) => conflicts),
      sum(records, (each) => receiptOf(each)?.conflicts ?? 0),
    ],
    quarantined: [actualSum(({ quarantined }) => quarantined), sum(records, quarantinedOf)],
    imbalance: [actualSum(imbalanceOf), 0],
  };
  return Object.entries(figures).flatMap(([name, [actual, expected]]) =>
    actual === expected ? [] : [`has ${actual} ${name}, not ${expected}`],
  );
}

/** With folds of days where there are any. */
async function faultsOfSummary(account: AccountAtRest): Promise<string[]> {
  const { tenant, world, records } = account;
  const { fromMs, toMs } = windowOf(world);
  const stored = records.flatMap((record) => account.stored(record));
  const within = stored.filter(({ timestamp }) => timestamp >= fromMs && timestamp < toMs).length;
  const faults: string[] = [];
  for (const [what, readTotal] of Object.entries(totals)) {
    const { total } = await readTotal(world, tenant, world.ports.lanes);
    if (total !== within) faults.push(`the ${what} of ${tenant.account} has ${total} events, not ${within}`);
  }
  return faults;
}

/** Once all is folded, readers find nothing past the runs. */
export function faultsOfRuns(world: World): string[] {
  const faults: string[] = [];
  for (const lane of tenants.flatMap((tenant) => world.lanesOf(tenant))) {
    const runs = world.runsOf(lane);
    runs.forEach((run, index) => {
      if (run.state !== 'folded') faults.push(`run ${run.start} is not folded`);
      const before = runs[index - 1];
      if (before && before.to !== run.start)
        faults.push(`there is a gap between ${before.to} and ${run.start}`);
    });
    const end = runs.at(-1)?.to ?? '';
    for (const receipt of world.receiptsIn(lane))
      if (isPlain(receipt) && placeOf(receipt) > end) faults.push(`${receipt.record} is past all runs`);
  }
  return faults;
}

const sum = <T>(items: readonly T[], of: (item: T) => number): number =>
  items.reduce((total, item) => total + of(item), 0);

const pairs = (counts: ReadonlyMap<string, number>) =>
  [...counts].toSorted(([one], [other]) => (one < other ? -1 : 1));

const tally = (names: readonly string[]) =>
  pairs(new Map([...Map.groupBy(names, (name) => name)].map(([name, all]) => [name, all.length])));
