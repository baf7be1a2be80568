// The quarantine list as operators and accounts see it: filters, amounts for each reason, and the answer to the
// account.

import { type RecordId, splitRecordId } from '../record/record-id.ts';
import { iso } from '../system/time.ts';
import type { QuarantineEntry, QuarantineReason } from './quarantine.ts';

/** From the first to the last time that a sort key can hold. */
export const anyTime = { fromMs: 0, toMs: 9_999_999_999_999 } as const;

export type EntryFilter = {
  readonly reason?: QuarantineReason;
  /** Received in [fromMs, toMs). */
  readonly fromMs: number;
  readonly toMs: number;
};

/** Expired entries are never selected: DynamoDB deletes them late. */
export const isSelected = (
  entry: QuarantineEntry,
  { reason, fromMs, toMs }: EntryFilter,
  nowMs: number,
): boolean =>
  entry.expiresAtMs > nowMs &&
  entry.receivedAtMs >= fromMs &&
  entry.receivedAtMs < toMs &&
  (reason === undefined || entry.reason === reason);

export type Amount = { readonly records: number; readonly events: number };

export const amountOf = (entries: readonly Pick<QuarantineEntry, 'events'>[]): Amount => ({
  records: entries.length,
  events: entries.reduce((sum, { events }) => sum + events, 0),
});

/** Groups by `nameOf`, the greatest amount first. */
export function amountsBy<Name extends string>(
  entries: readonly QuarantineEntry[],
  nameOf: (entry: QuarantineEntry) => Name,
): (readonly [Name, Amount])[] {
  return [...Map.groupBy(entries, nameOf)]
    .map(([name, group]) => [name, amountOf(group)] as const)
    .toSorted(
      ([name, one], [otherName, other]) =>
        other.events - one.events || other.records - one.records || (name < otherName ? -1 : 1),
    );
}

/** For one answer, at most so many entries are read, and the first `maxEntriesListed` of them are listed. */
export const maxEntriesRead = 1000;
const maxEntriesListed = 100;

/** The answer to an account. It shows neither the cause nor the payload. */
export type QuarantineOfAccount = {
  readonly records: number;
  readonly events: number;
  readonly by_reason: readonly ({ readonly reason: QuarantineReason } & Amount)[];
  readonly quarantine: readonly ListedEntry[];
  /** False if there are more entries than were read. Then the figures cover only the newest. */
  readonly complete: boolean;
};

export type ListedEntry = {
  /** As replay and discard take it. */
  readonly record: RecordId;
  readonly batch_id: string;
  readonly part: number;
  readonly reason: QuarantineReason;
  readonly events: number;
  readonly received_at: string;
  readonly quarantined_at: string;
  readonly request_id: string;
  readonly receipt: string;
};

/** `read`: entries, newest first. */
export function quarantineOfAccount(
  read: readonly QuarantineEntry[],
  complete: boolean,
  nowMs: number,
): QuarantineOfAccount {
  const entries = read.filter((entry) => isSelected(entry, anyTime, nowMs));
  return {
    ...amountOf(entries),
    by_reason: amountsBy(entries, ({ reason }) => reason).map(([reason, amount]) => ({ reason, ...amount })),
    quarantine: entries.slice(0, maxEntriesListed).map(listed),
    complete,
  };
}

function listed(entry: QuarantineEntry): ListedEntry {
  const { batchId } = entry;
  return {
    record: entry.record,
    batch_id: batchId,
    part: splitRecordId(entry.record).part,
    reason: entry.reason,
    events: entry.events,
    received_at: iso(entry.receivedAtMs),
    quarantined_at: iso(entry.quarantinedAtMs),
    request_id: entry.requestId,
    receipt: `/v1/batches/${batchId}`,
  };
}
