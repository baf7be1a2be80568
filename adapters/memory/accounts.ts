// Accounts and keys in memory.

import type { Account, ApiKey } from '../../domain/accounts.ts';
import type { Accounts, TenantListing } from '../../domain/ports.ts';

export class MemoryAccounts implements Accounts {
  readonly #accounts = new Map<string, Account>();
  readonly #keys = new Map<string, ApiKey>();

  async findKey(keyId: string): Promise<ApiKey | undefined> {
    return this.#keys.get(keyId);
  }

  async findAccount(accountId: string): Promise<Account | undefined> {
    return this.#accounts.get(accountId);
  }

  async create(account: Account, key: ApiKey): Promise<boolean> {
    if (this.#accounts.has(account.id)) return false;
    this.#accounts.set(account.id, account);
    this.#keys.set(key.id, key);
    return true;
  }

  async *tenants(): AsyncIterable<TenantListing> {
    const seen = new Set<string>();
    for (const { account, environment } of this.#keys.values()) {
      if (seen.has(`${account}#${environment}`)) continue;
      seen.add(`${account}#${environment}`);
      yield { tenant: { account, environment }, slots: this.#accounts.get(account)?.slots ?? 1 };
    }
  }
}
