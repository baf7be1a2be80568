// Signing secrets in memory, with the conditions of the transaction.

import type { AuditEntry } from '../../domain/accounts/audit.ts';
import type { SigningSecrets } from '../../domain/signing/port.ts';
import type { SealedSecrets } from '../../domain/signing/signing-secrets.ts';
import type { MemoryAccounts } from '../accounts/memory-accounts.ts';

export class MemorySigningSecrets implements SigningSecrets {
  readonly #accounts: MemoryAccounts;
  readonly #secrets = new Map<string, SealedSecrets>();

  constructor(accounts: MemoryAccounts) {
    this.#accounts = accounts;
  }

  async find(account: string): Promise<SealedSecrets | undefined> {
    return this.#inForce(account);
  }

  async replace(
    account: string,
    version: string | undefined,
    secrets: SealedSecrets | undefined,
    entries: readonly AuditEntry[],
  ): Promise<boolean> {
    if (this.#inForce(account)?.version !== version) return false;
    if (!this.#accounts.change(account, { signing: secrets?.version }, entries)) return false;
    if (secrets) this.#secrets.set(account, secrets);
    else this.#secrets.delete(account);
    return true;
  }

  /** Those of an account that was deleted are gone with it. */
  #inForce(account: string): SealedSecrets | undefined {
    const secrets = this.#secrets.get(account);
    return secrets?.version === this.#accounts.signingOf(account) ? secrets : undefined;
  }
}
