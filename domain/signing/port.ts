// The keys that sign: the platform's own, the secrets of each account, and the signatures that were used.

import type { SealedSecrets } from './signing-secrets.ts';

/** The one key of the platform. It binds batch ids to accounts, and signing secrets are sealed under it. */
export type PlatformKey = {
  /** Undefined before the first batch or secret of the platform. */
  find(): Promise<Uint8Array | undefined>;
  /** Makes the key if there is none. Of several callers at once one decides, and all get the same key. */
  ensure(): Promise<Uint8Array>;
};

export type SigningSecrets = {
  /** The secrets that may sign the requests of the account; undefined if they need no signature. */
  find(account: string): Promise<SealedSecrets | undefined>;
  /** Replaces the secrets that were read. False if `version` is no longer the stored one, or there is no such account. */
  replace(account: string, version: string | undefined, secrets: SealedSecrets | undefined): Promise<boolean>;
};

export type UsedSignatures = {
  /** False if the signature was used before. Remembered until `untilMs`. */
  use(account: string, digest: string, nowMs: number, untilMs: number): Promise<boolean>;
};
