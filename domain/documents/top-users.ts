// Who sent most: Misra and Gries' counters, merged as Agarwal et al. do ("Mergeable summaries", 2012). Of every user,
// listed or not, the true count is between what is listed (else 0) and `error` more.

import { entryBytes, listBytes, maxUsersBytes } from './size-limits.ts';

export type TopUsers = { readonly counts: ReadonlyMap<string, number>; readonly error: number };

export type Capacity = { readonly users: number; readonly bytes: number };

/** While the users of an hour are within both, their counts are exact. */
export const topUsersCapacity: Capacity = { users: 512, bytes: maxUsersBytes };

export const noTopUsers: TopUsers = { counts: new Map(), error: 0 };

/** All at once: each time that there is no room costs exactness. */
export function withUsers(top: TopUsers, userIds: Iterable<string>): TopUsers {
  const counts = new Map(top.counts);
  for (const userId of userIds) counts.set(userId, (counts.get(userId) ?? 0) + 1);
  const known = counts.size === top.counts.size;
  return known ? { counts, error: top.error } : reducedTo(topUsersCapacity, { counts, error: top.error });
}

/** Never reduces, so that the order of merging cannot matter. */
export function mergeTopUsers(tops: Iterable<TopUsers>): TopUsers {
  const counts = new Map<string, number>();
  let error = 0;
  for (const top of tops) {
    for (const [userId, count] of top.counts) counts.set(userId, (counts.get(userId) ?? 0) + count);
    error += top.error;
  }
  return { counts, error };
}

/**
 * Takes from every count what the first one that finds no room has, greatest first. At least one count more than are
 * left loses that much, so that within `users` alone the error stays under the total ÷ (users + 1).
 */
export function reducedTo(capacity: Capacity, top: TopUsers): TopUsers {
  if (top.counts.size <= capacity.users && listBytes(top.counts.keys()) <= capacity.bytes) return top;
  const greatestFirst = [...top.counts].sort(([, a], [, b]) => b - a);
  let bytes = 0;
  const past = greatestFirst.findIndex(([userId], index) => {
    bytes += entryBytes(userId);
    return index >= capacity.users || bytes > capacity.bytes;
  });
  const taken = greatestFirst[past]?.[1] ?? 0;
  const left = greatestFirst.slice(0, past).filter(([, count]) => count > taken);
  return {
    counts: new Map(left.map(([userId, count]) => [userId, count - taken])),
    error: top.error + taken,
  };
}
