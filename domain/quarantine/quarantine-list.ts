// The list of quarantine as people look at it: which entries a filter keeps, how much there is for each reason, and what
// the account itself is shown.

import { splitRecordId } from '../record/record-id.ts';
import { iso } from '../system/time.ts';
import type { QuarantineEntry, QuarantineReason } from './quarantine.ts';

/** Every time that a key can hold. */
export const anyTime = { fromMs: 0, toMs: 9_999_999_999_999 } as const;

export type EntryFilter = {
  readonly reason?: QuarantineReason;
  /** Of receipt: from the first, before the second. */
  readonly fromMs: number;
  readonly toMs: number;
};

/** What has expired is no longer there, though its entry may be: they are deleted late. */
export const isKept = (
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

/** By what `nameOf` makes of each, the greatest first. */
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

/** So many entries are read for one answer, and of these so many are listed. */
export const mostRead = 1000;
const mostListed = 100;

/** What an account is shown: never why in our words, which may hold what a client sent, and no payload. */
export type QuarantineOfAccount = {
  readonly records: number;
  readonly events: number;
  readonly by_reason: readonly ({ readonly reason: QuarantineReason } & Amount)[];
  readonly quarantine: readonly ListedEntry[];
  /** False where there is more than was read: then the figures are of the newest. */
  readonly complete: boolean;
};

export type ListedEntry = {
  readonly batch_id: string;
  readonly part: number;
  readonly reason: QuarantineReason;
  readonly events: number;
  readonly received_at: string;
  readonly set_aside_at: string;
  readonly request_id: string;
  readonly receipt: string;
};

/** `read` are the newest, in that order. */
export function quarantineOfAccount(
  read: readonly QuarantineEntry[],
  complete: boolean,
  nowMs: number,
): QuarantineOfAccount {
  const entries = read.filter((entry) => isKept(entry, anyTime, nowMs));
  return {
    ...amountOf(entries),
    by_reason: amountsBy(entries, ({ reason }) => reason).map(([reason, amount]) => ({ reason, ...amount })),
    quarantine: entries.slice(0, mostListed).map(listed),
    complete,
  };
}

function listed(entry: QuarantineEntry): ListedEntry {
  const { batchId, part } = splitRecordId(entry.record);
  return {
    batch_id: batchId,
    part,
    reason: entry.reason,
    events: entry.events,
    received_at: iso(entry.receivedAtMs),
    set_aside_at: iso(entry.quarantinedAtMs),
    request_id: entry.requestId,
    receipt: `/v1/batches/${batchId}`,
  };
}
