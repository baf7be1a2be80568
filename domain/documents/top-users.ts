// The users with the most events: counters of Misra and Gries, merged as Agarwal et al. do ("Mergeable summaries",
// 2012). The true count of a user is between the listed count (0 if not listed) and that count plus `error`.

import { listBytes, maxUsersBytes, userEntryBytes } from './size-limits.ts';

export type TopUsers = { readonly counts: ReadonlyMap<string, number>; readonly error: number };

export type Capacity = { readonly users: number; readonly bytes: number };

/** While the users of an hour are within both limits, their counts are exact. */
export const topUsersCapacity: Capacity = { users: 512, bytes: maxUsersBytes };

export const noTopUsers: TopUsers = { counts: new Map(), error: 0 };

/** Add many users at once: each reduction to the capacity raises the error. */
export function withUsers(
  top: TopUsers,
  added: Iterable<readonly [userId: string, count: number]>,
): TopUsers {
  const counts = new Map(top.counts);
  for (const [userId, count] of added) counts.set(userId, (counts.get(userId) ?? 0) + count);
  const known = counts.size === top.counts.size;
  return known ? { counts, error: top.error } : reducedTo(topUsersCapacity, { counts, error: top.error });
}

/**
 * Sorts the counts, greatest first, and subtracts the first count that does not fit from all of them. At least one
 * count more than remain loses that much. So if only `users` limits it, the error stays under the total ÷ (users +
 * 1).
 */
export function reducedTo(capacity: Capacity, top: TopUsers): TopUsers {
  if (top.counts.size <= capacity.users && listBytes(top.counts.keys(), userEntryBytes) <= capacity.bytes)
    return top;
  const greatestFirst = [...top.counts].sort(([, a], [, b]) => b - a);
  let bytes = 0;
  const past = greatestFirst.findIndex(([userId], index) => {
    bytes += userEntryBytes(userId);
    return index >= capacity.users || bytes > capacity.bytes;
  });
  const taken = greatestFirst[past]?.[1] ?? 0;
  const left = greatestFirst.slice(0, past).filter(([, count]) => count > taken);
  return {
    counts: new Map(left.map(([userId, count]) => [userId, count - taken])),
    error: top.error + taken,
  };
}
