// Whom a bearer token names, by the rules of the stage: issued by its issuer, for its audience, signed with one of the
// issuer's public keys, and neither expired nor too early. What was verified is known for 30 s, and not past its expiry.

import { createHash } from 'node:crypto';
import { type JWTVerifyGetKey, jwtVerify } from 'jose';
import { longestPrincipalAgeMs } from '../../domain/accounts/accounts.ts';
import { type PeopleSettings, personIn, rolesIn } from '../../domain/accounts/people.ts';
import type { Role } from '../../domain/accounts/roles.ts';
import type { Clock } from '../../domain/system/port.ts';
import { secondMs } from '../../domain/system/time.ts';
import { Unavailable } from '../../domain/system/unavailable.ts';
import { Known } from './known.ts';

/** `roles`: those of the claim, by account, if the stage has one. They are in force instead of memberships. */
export type Identified = { readonly person: string; readonly roles?: ReadonlyMap<string, Role> };

/** Undefined for a token that names nobody. Throws Unavailable if that cannot be told. */
export type Tokens = (token: string) => Promise<Identified | undefined>;

/** Only those of key pairs. With `HS256`, whoever knows a public key could sign; `none` signs nothing. */
const algorithms = ['RS256', 'ES256', 'EdDSA'];
/** How far clocks may differ. */
const toleranceSeconds = 60;
/** API Gateway takes 10,240 bytes of headers. */
const mostTokenChars = 8192;
/** Some 300 bytes each, or up to 40 KB with as many roles as a token can hold. */
const mostKnown = 2000;

const tokenPattern = /^[\w-]+\.[\w-]+\.[\w-]+$/;

/** A secret of a key has no dots. */
export const isToken = (credential: string): boolean =>
  credential.length <= mostTokenChars && tokenPattern.test(credential);

export function createTokens(
  settings: PeopleSettings,
  keys: JWTVerifyGetKey,
  clock: Pick<Clock, 'now'>,
): Tokens {
  const known = new Known<Identified>(mostKnown);
  return async (token) => {
    const name = createHash('sha256').update(token).digest('base64');
    const nowMs = clock.now();
    const kept = known.find(name, nowMs);
    if (kept) return kept;
    const claims = await verify(token, settings, keys, nowMs);
    const person = claims && personIn(claims, settings);
    if (!claims || person === undefined) return undefined;
    const { rolesClaim } = settings;
    const found = { person, ...(rolesClaim !== undefined && { roles: rolesIn(claims[rolesClaim]) }) };
    known.keep(name, found, Math.min(nowMs + longestPrincipalAgeMs, Number(claims.exp) * secondMs));
    return found;
  };
}

async function verify(
  token: string,
  { issuer, audience }: PeopleSettings,
  keys: JWTVerifyGetKey,
  nowMs: number,
): Promise<Readonly<Record<string, unknown>> | undefined> {
  try {
    const { payload } = await jwtVerify(token, keys, {
      issuer,
      audience,
      algorithms,
      clockTolerance: toleranceSeconds,
      currentDate: new Date(nowMs),
      requiredClaims: ['exp'],
    });
    return payload;
  } catch (error) {
    if (error instanceof Unavailable) throw error;
    // Whatever else is wrong with a token, or with the key that it names: it names nobody.
    return undefined;
  }
}
