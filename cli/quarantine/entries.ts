// Records in quarantine as verbs print them: as JSON, as rows, and as amounts of each account and reason.

import type { QuarantineEntry, QuarantineReason } from '../../domain/quarantine/quarantine.ts';
import { type Amount, amountsBy } from '../../domain/quarantine/quarantine-list.ts';
import { iso } from '../../domain/system/time.ts';
import { table } from '../terminal/table.ts';

export type ListedEntry = {
  readonly account_id: string;
  readonly environment: string;
  readonly record: string;
  readonly reason: QuarantineReason;
  readonly cause?: string;
  readonly events: number;
  readonly received_at: string;
  readonly quarantined_at: string;
  readonly attempts: number;
  readonly request_id: string;
};

export type AccountAmount = Amount & {
  readonly account_id: string;
  readonly environment: string;
  readonly reason: QuarantineReason;
};

export function toListed(entry: QuarantineEntry): ListedEntry {
  return {
    account_id: entry.lane.tenant.account,
    environment: entry.lane.tenant.environment,
    record: entry.record,
    reason: entry.reason,
    ...(entry.cause !== undefined && { cause: entry.cause }),
    events: entry.events,
    received_at: iso(entry.receivedAtMs),
    quarantined_at: iso(entry.quarantinedAtMs),
    attempts: entry.attempts,
    request_id: entry.requestId,
  };
}

/** The largest first. */
export function amountsByAccount(entries: readonly QuarantineEntry[]): AccountAmount[] {
  const nameOf = ({ lane: { tenant }, reason }: QuarantineEntry) =>
    `${tenant.account} ${tenant.environment} ${reason}`;
  return amountsBy(entries, nameOf).map(([name, amount]) => {
    const [account_id = '', environment = '', reason] = name.split(' ');
    return { account_id, environment, reason: reason as QuarantineReason, ...amount };
  });
}

export const renderAmount = ({ records, events }: Amount): string =>
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

/** With more rows nobody reads the table; --json prints all. */
const mostRows = 500;

export function entryTable(quarantine: readonly ListedEntry[]): string {
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
      entry.quarantined_at,
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
    'QUARANTINED',
    'ATTEMPTS',
  ];
  const more = quarantine.length - rows.length;
  return more === 0
    ? table(heading, rows)
    : `${table(heading, rows)}\n… and ${more} more: narrow it by options, or use --json, which prints all.`;
}
