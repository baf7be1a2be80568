// What an instance knows of principals, for 30 s, so that the accounts table is read once in that time for a key and not
// for each request. A key that is not live is known too, for a shorter time: it may be created in the next moment. The
// two kinds have their own bounds, so that a flood of unknown keys pushes no known one out.

import { longestPrincipalAgeMs, type Principal } from '../../domain/accounts/accounts.ts';
import { type ApiKey, stateOf } from '../../domain/accounts/api-keys.ts';
import type { Accounts } from '../../domain/accounts/port.ts';
import type { ParsedSecret } from '../../domain/accounts/secrets.ts';
import type { Clock } from '../../domain/system/port.ts';

/** Some 1 KB each. */
const mostKnown = 10_000;
/** Some 200 bytes each, and of a revoked key 500. */
const mostUnknown = 10_000;
const longestUnknownAgeMs = 5000;

/** What one read found. Its use is noted once, by the first request whose secret is right. */
export type ReadPrincipal = { readonly principal: Principal; isUseNoted: boolean };

/** It makes nobody a caller. Its use is noticed, if the secret is right. */
export type RevokedKey = { readonly revoked: ApiKey };

type Known<T> = { readonly found: T; readonly untilMs: number };

export type Principals = (secret: ParsedSecret) => Promise<ReadPrincipal | RevokedKey | undefined>;

export function createPrincipals(
  accounts: Pick<Accounts, 'findPrincipal'>,
  clock: Pick<Clock, 'now'>,
): Principals {
  const known = new Map<string, Known<ReadPrincipal>>();
  const unknown = new Map<string, Known<RevokedKey | undefined>>();
  return async ({ account, keyId }) => {
    const name = `${account}_${keyId}`;
    // Before the read: what changes while it is under way is not in it.
    const nowMs = clock.now();
    const kept = known.get(name) ?? unknown.get(name);
    if (kept && nowMs < kept.untilMs) return kept.found;
    known.delete(name);
    unknown.delete(name);
    const principal = await accounts.findPrincipal(account, keyId);
    if (!principal || stateOf(principal.key, nowMs) !== 'live') {
      const found = principal?.key.revokedAtMs === undefined ? undefined : { revoked: principal.key };
      keep(unknown, name, { found, untilMs: nowMs + longestUnknownAgeMs }, mostUnknown);
      return found;
    }
    const found = { principal, isUseNoted: false };
    const { expiresAtMs = Number.POSITIVE_INFINITY } = principal.key;
    keep(known, name, { found, untilMs: Math.min(nowMs + longestPrincipalAgeMs, expiresAtMs) }, mostKnown);
    return found;
  };
}

/** The one that was read longest ago makes room. */
function keep<T>(entries: Map<string, Known<T>>, name: string, entry: Known<T>, most: number): void {
  entries.set(name, entry);
  const [oldest] = entries.keys();
  if (entries.size > most && oldest !== undefined) entries.delete(oldest);
}
