// `weir quarantine list`: what is set aside, of all accounts or of some, and what nobody can say whose it is.

import { unreadablePrefix } from '../domain/keys.ts';
import type { QuarantineEntry, QuarantineReason } from '../domain/quarantine/quarantine.ts';
import { type Amount, amountOf, amountsBy } from '../domain/quarantine/quarantine-list.ts';
import { iso } from '../domain/system/time.ts';
import type { Operator } from './operator.ts';
import { filterDefaults, filterOptions, readFilter, selectEntries } from './quarantine-filter.ts';
import type { RecordAccess } from './record-access.ts';
import { table } from './table.ts';
import type { Values, Verb } from './verbs.ts';

export type Listing = Amount & {
  readonly quarantine: readonly Listed[];
  readonly by_account: readonly AccountAmount[];
  readonly unreadable: readonly {
    readonly name: string;
    readonly bytes: number;
    readonly stored_at: string;
  }[];
};

type Listed = {
  readonly account_id: string;
  readonly environment: string;
  readonly record: string;
  readonly reason: QuarantineReason;
  readonly cause?: string;
  readonly events: number;
  readonly received_at: string;
  readonly set_aside_at: string;
  readonly attempts: number;
  readonly request_id: string;
};

type AccountAmount = Amount & {
  readonly account_id: string;
  readonly environment: string;
  readonly reason: QuarantineReason;
};

export async function listQuarantine(operator: Operator, values: Values): Promise<Listing> {
  const records = await operator.records();
  const entries = await Array.fromAsync(selectEntries(operator, records, values));
  return {
    ...amountOf(entries),
    quarantine: entries.map(listed),
    by_account: amountsByAccount(entries),
    unreadable: await unreadable(operator, records, values),
  };
}

export function listed(entry: QuarantineEntry): Listed {
  return {
    account_id: entry.tenant.account,
    environment: entry.tenant.environment,
    record: entry.record,
    reason: entry.reason,
    ...(entry.cause !== undefined && { cause: entry.cause }),
    events: entry.events,
    received_at: iso(entry.receivedAtMs),
    set_aside_at: iso(entry.quarantinedAtMs),
    attempts: entry.attempts,
    request_id: entry.requestId,
  };
}

/** The greatest first. */
export function amountsByAccount(entries: readonly QuarantineEntry[]): AccountAmount[] {
  const nameOf = ({ tenant, reason }: QuarantineEntry) => `${tenant.account} ${tenant.environment} ${reason}`;
  return amountsBy(entries, nameOf).map(([name, amount]) => {
    const [account_id = '', environment = '', reason] = name.split(' ');
    return { account_id, environment, reason: reason as QuarantineReason, ...amount };
  });
}

/** They belong to nobody, so that only a time can leave them out: that of their coming to the bucket. */
async function unreadable(
  { clock }: Operator,
  { failedRecords }: RecordAccess,
  values: Values,
): Promise<Listing['unreadable']> {
  const { account, environment, reason } = values;
  if ([account, environment, reason].some((value) => value !== undefined)) return [];
  const { fromMs, toMs } = readFilter(values, clock.now());
  const found = await Array.fromAsync(failedRecords.list(unreadablePrefix));
  return found
    .filter(({ storedAtMs }) => storedAtMs >= fromMs && storedAtMs < toMs)
    .map(({ name, bytes, storedAtMs }) => ({ name, bytes, stored_at: iso(storedAtMs) }));
}

export const tellAmount = ({ records, events }: Amount): string =>
  `${records} ${records === 1 ? 'record' : 'records'} with ${events} ${events === 1 ? 'event' : 'events'}`;

export const amountTable = (amounts: readonly AccountAmount[]): string =>
  table(
    ['ACCOUNT', 'ENVIRONMENT', 'REASON', 'RECORDS', 'EVENTS'],
    amounts.map(({ account_id, environment, reason, records, events }) => [
      account_id,
      environment,
      reason,
      records,
      events,
    ]),
  );

/** More is for a program to read. */
const mostRows = 500;

export function entryTable(quarantine: readonly Listed[]): string {
  const rows = quarantine
    .slice(0, mostRows)
    .map((entry) => [
      entry.account_id,
      entry.environment,
      entry.record,
      entry.reason,
      entry.cause ?? '',
      entry.events,
      entry.received_at,
      entry.set_aside_at,
      entry.attempts,
    ]);
  const heading = [
    'ACCOUNT',
    'ENVIRONMENT',
    'RECORD',
    'REASON',
    'CAUSE',
    'EVENTS',
    'RECEIVED',
    'SET ASIDE',
    'ATTEMPTS',
  ];
  const more = quarantine.length - rows.length;
  return more === 0
    ? table(heading, rows)
    : `${table(heading, rows)}\n… and ${more} more: narrow it by options, or take --json, which has all.`;
}

function textOf({ quarantine, by_account, unreadable, ...amount }: Listing): string {
  const known =
    quarantine.length === 0
      ? ['Nothing is in quarantine, or nothing of what was asked for.']
      : [entryTable(quarantine), amountTable(by_account), `${tellAmount(amount)} in quarantine.`];
  const unknown =
    unreadable.length === 0
      ? []
      : [
          'Records whose header cannot be read, so that nobody knows whose they are; they are kept in the bucket as they came:',
          table(
            ['OBJECT', 'BYTES', 'STORED'],
            unreadable.map(({ name, bytes, stored_at }) => [name, bytes, stored_at]),
          ),
        ];
  return [...known, ...unknown].join('\n\n');
}

export const quarantineListVerb: Verb = {
  words: ['quarantine', 'list'],
  summary: 'list the records that are in quarantine, with how many there are of each account and reason',
  options: filterOptions,
  defaults: filterDefaults,
  run: async (operator, values) => {
    const listing = await listQuarantine(operator, values);
    return { json: listing, text: textOf(listing) };
  },
};
