// People: whom a token of the stage's OIDC issuer names. Their roles are those of their memberships, or of a claim.

import { isAccountId } from '../keys.ts';
import { isRole, type Role } from './roles.ts';

/** Of a stage. */
export type PeopleSettings = {
  /** As tokens name it, in `iss`. */
  readonly issuer: string;
  /** Where the issuer publishes its keys: `jwks_uri` of its discovery document. */
  readonly jwksUri: string;
  /** The client for whom tokens are issued, in `aud`. */
  readonly audience: string;
  /** The claim that names a person. An e-mail address counts only if the issuer has verified it. */
  readonly identity: 'sub' | 'email';
  /** A claim such as `{"acme": "owner"}`, whose roles are in force instead of memberships. */
  readonly rolesClaim?: string | undefined;
};

/** A person with a role in an account. */
export type Member = {
  readonly account: string;
  /** That of the account when he was added. */
  readonly generation: number;
  readonly person: string;
  readonly role: Role;
  readonly addedAtMs: number;
  /** As the audit log names who it was: an operator, an owner of the account or a key. */
  readonly addedBy: string;
};

/** No more than a subject of OpenID Connect has. Without quotes and backslashes: the gateway's log escapes nothing. */
const personPattern = /^[!$-[\]-~]{1,255}$/;
export const longestPerson = 255;

export const isPerson = (value: unknown): value is string =>
  typeof value === 'string' && personPattern.test(value);

/** Not `waad|Ada@example.com` and the like: that is a subject, which is compared as it is. */
const addressPattern = /^[^@|/:]+@[^@|/:]+$/;

/** Where people are named by their addresses, authorize compares them in lower case: with capitals none would be found. */
export const isAddressWithCapitals = (person: string): boolean =>
  addressPattern.test(person) && person !== person.toLowerCase();

/** Undefined if the claims name nobody. Addresses are compared in lower case. */
export function personIn(
  claims: Readonly<Record<string, unknown>>,
  { identity }: Pick<PeopleSettings, 'identity'>,
): string | undefined {
  const { sub, email, email_verified } = claims;
  if (identity === 'sub') return isPerson(sub) ? sub : undefined;
  // Before it is in lower case: that of some characters that are not ASCII is.
  return email_verified === true && isPerson(email) ? email.toLowerCase() : undefined;
}

/** By account. What is no account or no role is left out. */
export function rolesIn(claim: unknown): ReadonlyMap<string, Role> {
  const isMap = typeof claim === 'object' && claim !== null && !Array.isArray(claim);
  const named = isMap ? Object.entries(claim) : [];
  return new Map(named.filter((entry): entry is [string, Role] => isAccountId(entry[0]) && isRole(entry[1])));
}
