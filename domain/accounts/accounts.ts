// Accounts, and what a request is judged by.

import type { ApiKey, LastUse } from './api-keys.ts';
import type { TierName } from './tiers.ts';

export type AccountStatus = 'active' | 'suspended';

export type Account = {
  readonly id: string;
  readonly tier: TierName;
  readonly status: AccountStatus;
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

/** What a request is judged by: an API key and the settings of its account. `lastUse` is absent for a key never used. */
export type Principal = { readonly key: ApiKey; readonly account: Account; readonly lastUse?: LastUse };

/**
 * How long authorize acts on what it has read of a principal. So long can a revoked key be accepted, and a change of the
 * settings of an account be without effect.
 */
export const longestPrincipalAgeMs = 30_000;
