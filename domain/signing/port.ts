// The platform key, the signing secrets of each account, and the signatures that were used.

import type { SealedSecrets } from './signing-secrets.ts';

/**
 * The one secret of the platform. It keys the MAC of batch ids, and the key that seals signing secrets derives from
 * it.
 */
export type PlatformKey = {
  /** Undefined before the first batch or secret of the platform. */
  find(): Promise<Uint8Array | undefined>;
  /** Makes the key if there is none. Concurrent callers all get the same key. */
  ensure(): Promise<Uint8Array>;
};

export type SigningSecrets = {
  /** The secrets of the account. Undefined if its requests need no signature. */
  find(account: string): Promise<SealedSecrets | undefined>;
  /**
   * Replaces the secrets that were read. False if `version` is no longer the stored one, or there is no such account.
   */
  replace(account: string, version: string | undefined, secrets: SealedSecrets | undefined): Promise<boolean>;
};

export type UsedSignatures = {
  /** False if the signature was used before. Remembered until `untilMs`. */
  use(account: string, digest: string, nowMs: number, untilMs: number): Promise<boolean>;
};
