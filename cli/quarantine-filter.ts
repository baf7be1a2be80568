// Which records of quarantine a verb is about: those that its options leave of all accounts, or one by its id.

import { isAccountId, isEnvironment, type Tenant } from '../domain/keys.ts';
import {
  type QuarantineEntry,
  type QuarantineReason,
  quarantineReasons,
} from '../domain/quarantine/quarantine.ts';
import { anyTime, type EntryFilter, isKept } from '../domain/quarantine/quarantine-list.ts';
import type { RecordId } from '../domain/record/record-id.ts';
import type { Receipt } from '../domain/storing/receipt.ts';
import { Refused } from './account-create.ts';
import { assertInOrder, instantForms, readInstant } from './instant.ts';
import { oneOf } from './one-of.ts';
import type { Operator } from './operator.ts';
import type { RecordAccess } from './record-access.ts';
import type { Values } from './verbs.ts';
import { WrongUse } from './wrong-use.ts';

export const filterOptions = {
  account: 'of this account (all)',
  environment: 'of this environment (all)',
  reason: `set aside for this: ${quarantineReasons.join(', ')} (all)`,
  from: `received then or later: ${instantForms} (any time)`,
  to: 'received before then (any time)',
};

/** All of them may be left out. */
export const filterDefaults: Values = Object.fromEntries(
  Object.keys(filterOptions).map((name) => [name, undefined]),
);

export const isFiltered = (values: Values): boolean =>
  Object.keys(filterOptions).some((name) => values[name] !== undefined);

export function readFilter({ reason, from, to }: Values, nowMs: number): EntryFilter {
  const times = {
    fromMs: from === undefined ? anyTime.fromMs : readInstant('from', from, nowMs),
    toMs: to === undefined ? anyTime.toMs : readInstant('to', to, nowMs),
  };
  assertInOrder(times);
  return {
    ...(reason !== undefined && {
      reason: oneOf<QuarantineReason>('reason', reason, quarantineReasons),
    }),
    ...times,
  };
}

/** By account and environment, and of each the oldest first. */
export async function* selectEntries(
  operator: Operator,
  { quarantine }: RecordAccess,
  values: Values,
): AsyncGenerator<QuarantineEntry> {
  const nowMs = operator.clock.now();
  const filter = readFilter(values, nowMs);
  let isEmpty = true;
  for (const tenant of await tenantsOf(operator, values)) {
    for await (const entry of quarantine.list(tenant, filter.fromMs, filter.toMs)) {
      if (!isKept(entry, filter, nowMs)) continue;
      isEmpty = false;
      yield entry;
    }
  }
  if (isEmpty) await assertHasKeys(operator, values);
}

/** An environment that is misspelt would look like one where all is well. */
export async function assertHasKeys(
  { accounts }: Pick<Operator, 'accounts'>,
  { account, environment }: Values,
): Promise<void> {
  if (environment === undefined) return;
  const known = new Set<string>();
  for await (const { tenant } of accounts.tenants()) {
    if (account === undefined || tenant.account === account) known.add(tenant.environment);
  }
  if (known.has(environment)) return;
  const whose = account === undefined ? 'No key' : `No key of ${account}`;
  throw new Refused(
    `${whose} is of environment "${environment}"; there are: ${[...known].toSorted().join(', ') || 'none'}.`,
  );
}

async function tenantsOf({ accounts }: Operator, { account, environment }: Values): Promise<Tenant[]> {
  assertWellFormed({ account, environment });
  if (account !== undefined && !(await accounts.findAccount(account))) throw unknownAccount(account);
  // It may have no key any more.
  if (account !== undefined && environment !== undefined) return [{ account, environment }];
  const tenants: Tenant[] = [];
  for await (const { tenant } of accounts.tenants()) {
    const isMeant =
      (account === undefined || tenant.account === account) &&
      (environment === undefined || tenant.environment === environment);
    if (isMeant) tenants.push(tenant);
  }
  const nameOf = (tenant: Tenant) => `${tenant.account} ${tenant.environment}`;
  return tenants.toSorted((one, other) => (nameOf(one) < nameOf(other) ? -1 : 1));
}

function assertWellFormed({ account, environment }: Values): void {
  if (account !== undefined && !isAccountId(account)) throw unknownAccount(account);
  if (environment !== undefined && !isEnvironment(environment)) {
    throw new Refused(`"${environment}" is no environment; check --environment.`);
  }
}

const unknownAccount = (account: string): Refused =>
  new Refused(`There is no account "${account}"; check --account and --stage.`);

export const recordOption = 'the record, as list prints it: BATCH.PART';

/** One record: its receipt, and its entry where it is in quarantine. */
export type FoundRecord = {
  readonly tenant: Tenant;
  readonly record: RecordId;
  readonly receipt: Receipt;
  readonly entry?: QuarantineEntry;
};

export async function findRecord(
  operator: Operator,
  { counts, quarantine }: RecordAccess,
  values: Values,
): Promise<FoundRecord> {
  const { account, environment = 'production', record: text = '' } = values;
  if (account === undefined) throw new WrongUse('--record is of an account: give --account, too.');
  if (!(await tenantsOf(operator, { account, environment })).length) throw unknownAccount(account);
  const record = readRecordId(text);
  const tenant = { account, environment };
  const [receipt] = await counts.receipts([{ tenant, record }]);
  if (!receipt) {
    throw new Refused(
      `${account} has no record ${record} in ${environment} that was stored or set aside; check --record, --environment and --stage.`,
    );
  }
  const entry = await quarantine.find(tenant, record, receipt.receivedAtMs);
  return { tenant, record, receipt, ...(entry && { entry }) };
}

function readRecordId(text: string): RecordId {
  if (/^[A-Za-z0-9_-]+\.(0|[1-9]\d*)$/.test(text)) return text as RecordId;
  throw new WrongUse(`"${text}" is no record; one reads BATCH.PART, such as the batch id with .0 after it.`);
}
