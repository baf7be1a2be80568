// What an instance knows of principals, for 30 s, so that the accounts table is read once in that time for a key and not
// for each request. Where the table cannot be read, what is known is acted on for up to 10 minutes; whoever is not known is
// refused. A key that is not live is known too: one that is not there for a shorter time, since it may be created in the
// next moment. The two kinds have their own bounds, so that a flood of unknown keys pushes no known one out.

import {
  longestPrincipalAgeMs,
  longestPrincipalAgeWithoutTableMs,
  type Principal,
} from '../../domain/accounts/accounts.ts';
import { type ApiKey, stateOf } from '../../domain/accounts/api-keys.ts';
import type { Accounts } from '../../domain/accounts/port.ts';
import type { ParsedSecret } from '../../domain/accounts/secrets.ts';
import { BoundedMap } from '../../domain/system/bounded-map.ts';
import type { Clock } from '../../domain/system/port.ts';
import { Unavailable } from '../../domain/system/unavailable.ts';
import { partitionPauseMs, type ReadAccounts } from './accounts-table.ts';

/** Some 1 KB each. */
const mostKnown = 10_000;
/** Some 200 bytes each, and of a revoked key 500. */
const mostUnknown = 10_000;
const longestUnknownAgeMs = 5000;

/** What one read found. Its use is noted once, by the first request whose secret is right. */
export type ReadPrincipal = { readonly principal: Principal; isUseNoted: boolean };

/** It makes nobody a caller. Its use is noticed, if the secret is right. */
export type RevokedKey = { readonly revoked: ApiKey };

type Known = {
  /** Undefined for a key that is not there, or has expired. */
  readonly found: ReadPrincipal | RevokedKey | undefined;
  /** Until then without a read. */
  untilMs: number;
  /** Until then where it cannot be read. */
  readonly withoutTableUntilMs: number;
};

export type Principals = (secret: ParsedSecret) => Promise<ReadPrincipal | RevokedKey | undefined>;

export function createPrincipals(
  accounts: Pick<Accounts, 'findPrincipal'>,
  clock: Clock,
  readAccounts: ReadAccounts,
): Principals {
  const known = new BoundedMap<Known>(mostKnown);
  const unknown = new BoundedMap<Known>(mostUnknown);
  return async ({ account, keyId }) => {
    const name = `${account}_${keyId}`;
    // Before the read: what changes while it is under way is not in it.
    const nowMs = clock.now();
    const kept = known.get(name) ?? unknown.get(name);
    if (kept && nowMs < kept.untilMs) return kept.found;
    let principal: Principal | undefined;
    try {
      principal = await readAccounts(() => accounts.findPrincipal(account, keyId));
    } catch (error) {
      const isKept = kept && clock.now() < kept.withoutTableUntilMs;
      if (!isKept || !(error instanceof Unavailable)) throw error;
      if (error.isOfPartition)
        kept.untilMs = Math.min(clock.now() + partitionPauseMs, kept.withoutTableUntilMs);
      return kept.found;
    }
    known.delete(name);
    unknown.delete(name);
    if (!principal || stateOf(principal.key, nowMs) !== 'live') {
      const found = principal?.key.revokedAtMs === undefined ? undefined : { revoked: principal.key };
      // A key that has ended never comes back. One that is not there may be created in the next moment.
      const longestMs = principal ? longestPrincipalAgeWithoutTableMs : longestUnknownAgeMs;
      const untilMs = nowMs + longestUnknownAgeMs;
      unknown.keep(name, { found, untilMs, withoutTableUntilMs: nowMs + longestMs });
      return found;
    }
    const found = { principal, isUseNoted: false };
    const { expiresAtMs = Number.POSITIVE_INFINITY } = principal.key;
    const until = (ageMs: number) => Math.min(nowMs + ageMs, expiresAtMs);
    const untilMs = until(longestPrincipalAgeMs);
    const withoutTableUntilMs = until(longestPrincipalAgeWithoutTableMs);
    known.keep(name, { found, untilMs, withoutTableUntilMs });
    return found;
  };
}
