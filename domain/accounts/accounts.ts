// Accounts and their API keys. A secret has the form `weir_<environment>_<account>_<key id>_<random>`: it names what has
// to be read to judge it. Only its SHA-256 is stored.

import { createHash, timingSafeEqual } from 'node:crypto';
import type { Scope } from '../api/routes.ts';
import type { TierName } from './tiers.ts';

export type Account = {
  readonly id: string;
  readonly tier: TierName;
  readonly status: 'active' | 'suspended';
  /** How many slots new batches are spread over. */
  readonly slots: number;
  /** The most slots that the account ever had. Readers read all of them. */
  readonly mostSlots: number;
  /** Raised by an erasure of the account. Part of every key of its data. */
  readonly generation: number;
  readonly retentionDays: number;
  /** The value of the account's API Gateway key. It ties the account to a usage plan and grants no access. */
  readonly planKey: string;
  /** The name of the personal-data policy in force. Absent if the account has none. */
  readonly policy?: string;
  /** The version of the account's signing secrets. Absent if its requests need no signature. */
  readonly signing?: string;
};

export type ApiKey = {
  readonly id: string;
  readonly account: string;
  readonly environment: string;
  readonly scopes: readonly Scope[];
  readonly status: 'active' | 'revoked';
  readonly hash: Uint8Array;
};

/** What a request is judged by: an API key and the settings of its account. */
export type Principal = { readonly key: ApiKey; readonly account: Account };

/**
 * How long authorize acts on what it has read of a principal. So long can a revoked key be accepted, and a change of the
 * settings of an account be without effect.
 */
export const longestPrincipalAgeMs = 30_000;

const secretPattern =
  /^weir_([a-z][a-z0-9-]{0,31})_([a-z0-9][a-z0-9-]{0,62})_([a-z0-9]{12})_([A-Za-z0-9-]{32})$/;
export const keyIdRandomBytes = 6;
export const secretRandomBytes = 16;

export type ParsedSecret = {
  readonly environment: string;
  readonly account: string;
  readonly keyId: string;
};

export function parseSecret(secret: string): ParsedSecret | undefined {
  const [, environment, account, keyId] = secretPattern.exec(secret) ?? [];
  return environment && account && keyId ? { environment, account, keyId } : undefined;
}

export const keyIdFrom = (random: Uint8Array): string => Buffer.from(random).toString('hex');

export const formatSecret = ({ environment, account, keyId }: ParsedSecret, random: Uint8Array): string =>
  `weir_${environment}_${account}_${keyId}_${Buffer.from(random).toString('hex')}`;

export const hashSecret = (secret: string): Uint8Array => createHash('sha256').update(secret).digest();

export function secretMatches(secret: string, hash: Uint8Array): boolean {
  const given = hashSecret(secret);
  return given.length === hash.length && timingSafeEqual(given, hash);
}
