// One record by its id: its receipt, and its entry while it is in quarantine.

import { Option } from '@commander-js/extra-typings';
import type { Receipt } from '../../domain/counting/receipt.ts';
import { lanesOf, type Tenant } from '../../domain/keys.ts';
import type { QuarantineEntry } from '../../domain/quarantine/quarantine.ts';
import { receivedAtOfBatchId } from '../../domain/record/batch-id.ts';
import { type RecordId, readRecordId, splitRecordId } from '../../domain/record/record-id.ts';
import { CliError, WrongUse } from '../errors.ts';
import type { Operator } from '../operator.ts';
import type { RecordAccess } from '../record-access.ts';
import { findAccount, tenantOf } from '../tenants.ts';

export const recordOption = (more = '') =>
  new Option(
    '--record <id>',
    `the record: as list prints it, or a batch id with its part, BATCH.PART${more}`,
  );

export class InvalidRecordId extends WrongUse {
  constructor(text: string) {
    super(
      `"${text}" is not a record id.`,
      'Take it from list, or write a batch id with its part, BATCH.PART: with .0 it is the first record of its batch.',
    );
  }
}

export class UnknownRecord extends CliError {
  constructor({ account, environment }: Tenant, record: RecordId) {
    super(
      `${account} has no record ${record} in ${environment}: none was stored, quarantined or discarded under this id.`,
      'If it was accepted a moment ago, it may be in flight: try again in some seconds. Otherwise check --record, --account, --environment and --stage.',
    );
  }
}

export type FoundRecord = {
  readonly tenant: Tenant;
  readonly record: RecordId;
  readonly receipt: Receipt;
  readonly entry?: QuarantineEntry;
};

export async function findRecord(
  operator: Operator,
  { lanes, quarantine }: RecordAccess,
  { account, environment }: Pick<Tenant, 'account' | 'environment'>,
  text: string,
): Promise<FoundRecord> {
  const tenant = await tenantOf(operator, account, environment);
  const record = readRecordId(text);
  if (record === undefined) throw new InvalidRecordId(text);
  const { mostSlots } = await findAccount(operator, account);
  const receivedAtMs = receivedAtOfBatchId(splitRecordId(record).seed) ?? 0;
  // The id of a record does not say which lane it is in.
  const places = lanesOf(tenant, mostSlots).map((lane) => ({ lane, record, receivedAtMs }));
  const [receipt] = await lanes.receipts(places);
  if (!receipt) throw new UnknownRecord(tenant, record);
  const entry = await quarantine.find(receipt);
  return { tenant, record, receipt, ...(entry && { entry }) };
}
