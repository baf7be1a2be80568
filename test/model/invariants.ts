// What must hold at the end of every history. See lane-invariants.ts for what is counted.

import { payloadName } from '../../domain/keys.ts';
import { nameOfPlace, recordName } from '../../domain/record/record-id.ts';
import { AccountAtRest } from './account-at-rest.ts';
import { faultsOfRecord } from './record-invariants.ts';
import { type AcceptedRecord, tenants } from './records.ts';
import type { World } from './world.ts';

const everyHour = [0, Number.POSITIVE_INFINITY] as const;

export async function violationsOf(world: World): Promise<string[]> {
  const found: string[] = [];
  for (const tenant of tenants) {
    const account = new AccountAtRest(world, tenant);
    await account.lookUp();
    for (const record of account.records)
      found.push(...faultsOfRecord(account, record).map((fault) => `${record.name} ${fault}`));
    found.push(...(await faultsOfQuarantine(account)));
  }
  return found;
}

/**
 * The list agrees with the receipts, each payload is kept for as long as its events would be and no longer, and what an
 * outage quarantined is replayed.
 */
async function faultsOfQuarantine(account: AccountAtRest): Promise<string[]> {
  const { tenant, world, records } = account;
  const { quarantine, failedRecords, lanes } = world.stores;
  const isForgotten = (record: AcceptedRecord) => {
    const receipt = account.receiptOf(record);
    return !receipt || lanes.isForgotten(receipt);
  };
  const listed = await Array.fromAsync(quarantine.list(tenant, ...everyHour));
  const quarantined = records.filter(
    (record) => account.stateOf(record) === 'quarantined' && !isForgotten(record),
  );
  const faults =
    namesOf(listed) === namesOf(quarantined)
      ? []
      : [`the list of ${tenant.account} has "${namesOf(listed)}", not "${namesOf(quarantined)}"`];
  for (const { record, name, untilMs } of quarantined)
    if (world.clock.nowMs < untilMs && !(await failedRecords.get(payloadName(tenant, record))))
      faults.push(`${name} is quarantined without its payload`);
  const jobs = await Array.fromAsync(quarantine.jobs(Number.POSITIVE_INFINITY));
  const expiring = new Set(jobs.filter(({ kind }) => kind === 'expire').map(nameOfPlace));
  for (const { record, name } of records)
    if ((await failedRecords.get(payloadName(tenant, record))) && !expiring.has(name))
      faults.push(`nothing will remove the payload of ${name}`);
  for (const { record, reason } of listed)
    if (reason === 'outage' && !world.abandoned.has(recordName(tenant, record)))
      faults.push(`${tenant.account} ${record} is quarantined after an outage, and no job will replay it`);
  return faults;
}

const namesOf = (records: readonly { readonly record: string }[]): string =>
  records
    .map(({ record }) => record)
    .toSorted()
    .join(' ');
