// Accounts and their API keys. A secret has the form `weir_<environment>_<key id>_<random>`. Only its SHA-256 is
// stored.

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

const secretPattern = /^weir_([a-z][a-z0-9-]{0,31})_([a-z0-9]{12})_([A-Za-z0-9-]{32})$/;
export const keyIdRandomBytes = 6;
export const secretRandomBytes = 16;

export type ParsedSecret = { readonly environment: string; readonly keyId: string };

export function parseSecret(secret: string): ParsedSecret | undefined {
  const [, environment, keyId] = secretPattern.exec(secret) ?? [];
  return environment && keyId ? { environment, keyId } : undefined;
}

export const keyIdFrom = (random: Uint8Array): string => Buffer.from(random).toString('hex');

export const formatSecret = (environment: string, keyId: string, random: Uint8Array): string =>
  `weir_${environment}_${keyId}_${Buffer.from(random).toString('hex')}`;

export const hashSecret = (secret: string): Uint8Array => createHash('sha256').update(secret).digest();

export function secretMatches(secret: string, hash: Uint8Array): boolean {
  const given = hashSecret(secret);
  return given.length === hash.length && timingSafeEqual(given, hash);
}
