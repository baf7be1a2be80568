// How long the events of accounts are kept, at least and at most, whatever their tiers and settings: receipts, streams and the
// bucket of failed records rely on it. And what is kept of the retentions that an account had.

import { dayMs } from '../system/time.ts';

export const shortestRetentionDays = 30;
export const longestRetentionDays = 90;
/** As long as their counts. */
export const mostRejectedDays = 30;

/** What a change leaves in force for some time. */
export type Former<Of> = { readonly value: Of; readonly untilMs: number };

/** What readers judge by. `formerRetentions`, in days: only shorter ones than those after them. Usually none. */
export type Retention = {
  readonly retentionDays: number;
  readonly formerRetentions?: readonly Former<number>[];
};

/**
 * The former retentions after a change. `untilMs`: until then, what is accepted can still be promised the one of before. One
 * that is not shorter than a later one says nothing, and nor does one that ended the longest retention ago: what was
 * received before is hidden under any.
 */
export function formerRetentionsAfter(
  { retentionDays, formerRetentions = [] }: Retention,
  { toDays, untilMs, nowMs }: { readonly toDays: number; readonly untilMs: number; readonly nowMs: number },
): readonly Former<number>[] {
  const all = [...formerRetentions, { value: retentionDays, untilMs }];
  return all.filter(
    (former, index) =>
      former.untilMs + longestRetentionDays * dayMs > nowMs &&
      [...all.slice(index + 1).map(({ value }) => value), toDays].every((later) => former.value < later),
  );
}
