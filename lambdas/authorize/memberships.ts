// What an instance knows of people and their accounts, for 30 s, as it knows keys (principals.ts). Who is no member is
// known too, for a shorter time: he may be added in the next moment. While the table is away, what is known of members
// goes on for a while.

import { longestPrincipalAgeMs, longestPrincipalAgeWithoutTableMs } from '../../domain/accounts/accounts.ts';
import type { Membership, Memberships } from '../../domain/accounts/port.ts';
import type { Clock } from '../../domain/system/port.ts';
import { secondMs } from '../../domain/system/time.ts';
import { Unavailable } from '../../domain/system/unavailable.ts';
import { partitionPauseMs, type ReadAccounts } from './accounts-table.ts';
import { Known } from './known.ts';

/** Some 1 KB each. */
const mostKnown = 10_000;
/** Some 200 bytes each. */
const mostUnknown = 10_000;
const longestUnknownAgeMs = 5 * secondMs;

/** `isOfUse` tells what is known for long from what may be there in the next moment. */
type Knowing<T> = {
  readonly clock: Pick<Clock, 'now'>;
  readonly readAccounts: ReadAccounts;
  readonly isOfUse: (found: T) => boolean;
};
type Entry<T> = { readonly found: T; readonly freshUntilMs: number; readonly untilMs: number };

/** `rolesByClaim`: memberships are not asked for, and an account is of use without one. */
export function createMemberships(
  table: Memberships,
  clock: Pick<Clock, 'now'>,
  readAccounts: ReadAccounts,
  rolesByClaim: boolean,
): Memberships {
  const memberships = createKnowing<Membership>({
    clock,
    readAccounts,
    isOfUse: ({ account, role, hasEnvironment = false }) =>
      account !== undefined && (role !== undefined || rolesByClaim) && hasEnvironment,
  });
  const accounts = createKnowing<readonly string[]>({
    clock,
    readAccounts,
    isOfUse: ({ length }) => length > 0,
  });
  return {
    find: (person, account, environment) =>
      memberships(`${account}#${environment}#${person}`, () => table.find(person, account, environment)),
    accountsOf: (person, most) => accounts(person, () => table.accountsOf(person, most)),
  };
}

function createKnowing<T>({ clock, readAccounts, isOfUse }: Knowing<T>) {
  const known = new Known<Entry<T>>(mostKnown);
  const unknown = new Known<T>(mostUnknown);
  return async (name: string, read: () => Promise<T>): Promise<T> => {
    // Before the read: what changes while it is under way is not in it.
    const nowMs = clock.now();
    const entry = known.find(name, nowMs);
    if (entry && nowMs < entry.freshUntilMs) return entry.found;
    const absent = unknown.find(name, nowMs);
    if (absent !== undefined) return absent;
    try {
      const found = await readAccounts(read);
      if (isOfUse(found)) {
        const untilMs = nowMs + longestPrincipalAgeWithoutTableMs;
        known.keep(name, { found, freshUntilMs: nowMs + longestPrincipalAgeMs, untilMs }, untilMs);
      } else {
        known.forget(name);
        unknown.keep(name, found, nowMs + longestUnknownAgeMs);
      }
      return found;
    } catch (error) {
      const failedAtMs = clock.now();
      if (!entry || failedAtMs >= entry.untilMs || !(error instanceof Unavailable)) throw error;
      if (error.isOfPartition)
        known.keep(name, { ...entry, freshUntilMs: failedAtMs + partitionPauseMs }, entry.untilMs);
      return entry.found;
    }
  };
}
