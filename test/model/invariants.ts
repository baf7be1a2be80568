// What must hold at the end of every history.

import { hourFromFields } from '../../domain/documents/hour.ts';
import { imbalanceOf, intakeFromFields } from '../../domain/documents/intake.ts';
import { countsOf } from '../../domain/documents/names.ts';
import { payloadName } from '../../domain/keys.ts';
import { nextReplayAfterMs } from '../../domain/quarantine/quarantine.ts';
import { floorTo, hourMs } from '../../domain/system/time.ts';
import { AccountAtRest } from './account-at-rest.ts';
import { faultsOfRecord } from './record-invariants.ts';
import { type AcceptedRecord, slots, tenants } from './records.ts';
import type { World } from './world.ts';

const everyHour = [0, Number.POSITIVE_INFINITY] as const;

export async function violationsOf(world: World): Promise<string[]> {
  const found = [...world.violations];
  for (const tenant of tenants) {
    const account = new AccountAtRest(world, tenant);
    for (const record of account.records)
      found.push(...faultsOfRecord(account, record).map((fault) => `${record.name} ${fault}`));
    found.push(...(await faultsOfHours(account)));
    found.push(...(await faultsOfIntake(account)));
    found.push(...(await faultsOfQuarantine(account)));
  }
  return found;
}

/** Every hour counts the events that counted records have stored in it. */
async function faultsOfHours(account: AccountAtRest): Promise<string[]> {
  const { tenant, world } = account;
  const faults: string[] = [];
  for (const slot of slots) {
    const records = account.records.filter(({ plan }) => plan.slot === slot);
    const stored = records.flatMap((record) => account.stored(record));
    const byHour = Map.groupBy(stored, ({ timestamp }) => floorTo(timestamp, hourMs));
    const documents = await world.stores.counts.range(tenant, slot, 'hour', ...everyHour);
    for (const hour of new Set([...byHour.keys(), ...documents.map(({ key }) => key.hourMs)])) {
      const { fields = {} } = documents.find(({ key }) => key.hourMs === hour) ?? {};
      const { total, byType, byService } = hourFromFields(fields);
      const events = byHour.get(hour) ?? [];
      const services = events.flatMap(({ service }) => service ?? []);
      const actual = JSON.stringify([total.count, pairs(countsOf(byType)), pairs(countsOf(byService))]);
      const expected = JSON.stringify([
        events.length,
        tally(events.map(({ type }) => type)),
        tally(services),
      ]);
      if (actual !== expected) faults.push(`an hour of ${tenant.account} counts ${actual}, not ${expected}`);
    }
  }
  return faults;
}

/** What was received is what was accepted, each record once, and every event has an outcome. */
async function faultsOfIntake(account: AccountAtRest): Promise<string[]> {
  const { tenant, world, records } = account;
  const ranges = slots.map((slot) => world.stores.counts.range(tenant, slot, 'intake', ...everyHour));
  const intakes = (await Promise.all(ranges)).flat().map(({ fields }) => intakeFromFields(fields));
  const receiptOf = (record: AcceptedRecord) => account.receiptOf(record);
  const quarantinedOf = (record: AcceptedRecord) =>
    account.stateOf(record) === 'counted' ? 0 : record.events.length;
  const figures: Readonly<Record<string, readonly [actual: number, expected: number]>> = {
    received: [sum(intakes, ({ received }) => received), sum(records, ({ events }) => events.length)],
    bytes: [sum(intakes, ({ bytes }) => bytes), sum(records, ({ data }) => data.length)],
    stored: [sum(intakes, ({ stored }) => stored), sum(records, (each) => receiptOf(each)?.stored ?? 0)],
    duplicates: [
      sum(intakes, ({ duplicates }) => duplicates),
      sum(records, (each) => receiptOf(each)?.duplicates ?? 0),
    ],
    conflicts: [
      sum(intakes, ({ conflicts }) => conflicts),
      sum(records, (each) => receiptOf(each)?.conflicts ?? 0),
    ],
    quarantined: [sum(intakes, ({ quarantined }) => quarantined), sum(records, quarantinedOf)],
    imbalance: [sum(intakes, imbalanceOf), 0],
  };
  return Object.entries(figures).flatMap(([name, [actual, expected]]) =>
    actual === expected ? [] : [`the intake of ${tenant.account} has ${actual} ${name}, not ${expected}`],
  );
}

/** The list agrees with the receipts, each payload is kept, and what an outage quarantined is replayed. */
async function faultsOfQuarantine(account: AccountAtRest): Promise<string[]> {
  const { tenant, world, records } = account;
  const { quarantine, failedRecords, counts } = world.stores;
  const listed = await Array.fromAsync(quarantine.list(tenant, ...everyHour));
  const quarantined = records.filter(
    (record) => account.stateOf(record) === 'quarantined' && !counts.forgotten.has(record.name),
  );
  const faults =
    namesOf(listed) === namesOf(quarantined)
      ? []
      : [`the list of ${tenant.account} has "${namesOf(listed)}", not "${namesOf(quarantined)}"`];
  for (const { record, name } of quarantined)
    if (!(await failedRecords.get(payloadName(tenant, record))))
      faults.push(`${name} is quarantined without its payload`);
  for (const { record, reason, attempts } of listed)
    if (reason === 'outage' && nextReplayAfterMs(attempts) !== undefined)
      faults.push(`${tenant.account} ${record} is quarantined after an outage, and no job will replay it`);
  return faults;
}

const namesOf = (records: readonly { readonly record: string }[]): string =>
  records
    .map(({ record }) => record)
    .toSorted()
    .join(' ');

const sum = <T>(items: readonly T[], of: (item: T) => number): number =>
  items.reduce((total, item) => total + of(item), 0);

const pairs = (counts: ReadonlyMap<string, number>) =>
  [...counts].toSorted(([one], [other]) => (one < other ? -1 : 1));

const tally = (names: readonly string[]) =>
  pairs(new Map([...Map.groupBy(names, (name) => name)].map(([name, all]) => [name, all.length])));
