// The platform keys, the signing secrets of each account, and the signatures that were used.

import type { AuditEntry } from '../accounts/audit.ts';
import type { NumberedKey, SealedSecrets } from './signing-secrets.ts';

/**
 * The secrets of the platform. They key the MACs of batch ids and event ids, and the keys that seal signing secrets
 * derive from them.
 */
export type PlatformKeys = {
  /** Undefined if no key has the number. */
  find(number: number): Promise<NumberedKey | undefined>;
  /** The key for what is made from now on. Makes the first one if there is none: concurrent callers get the same. */
  current(): Promise<NumberedKey>;
};

/** The same for a function that makes no key. */
export type KnownPlatformKeys = Pick<PlatformKeys, 'find'> & {
  /** The key for what is made from now on. Undefined if nobody has made one yet. */
  newest(): Promise<NumberedKey | undefined>;
};

export type SigningSecrets = {
  /** The secrets of the account. Undefined if its requests need no signature. */
  find(account: string): Promise<SealedSecrets | undefined>;
  /**
   * Replaces the secrets that were read, with the audit entries of the change. False if `version` is no longer the stored
   * one, or there is no such account: then nothing changes.
   */
  replace(
    account: string,
    version: string | undefined,
    secrets: SealedSecrets | undefined,
    entries: readonly AuditEntry[],
  ): Promise<boolean>;
};

export type UsedSignatures = {
  /** False if the signature was used before. Remembered until `untilMs`. */
  use(account: string, digest: string, nowMs: number, untilMs: number): Promise<boolean>;
};
