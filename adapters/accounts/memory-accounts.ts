// Accounts and API keys in memory.

import type { Account, ApiKey, Principal } from '../../domain/accounts/accounts.ts';
import type { Accounts, TenantListing } from '../../domain/accounts/port.ts';

export class MemoryAccounts implements Accounts {
  readonly #accounts = new Map<string, Account>();
  readonly #keys = new Map<string, ApiKey>();
  readonly #environments: Pick<ApiKey, 'account' | 'environment'>[] = [];

  async findPrincipal(accountId: string, keyId: string): Promise<Principal | undefined> {
    const key = this.#keys.get(keyId);
    const account = this.#accounts.get(accountId);
    return key?.account === accountId && account ? { key, account } : undefined;
  }

  async findAccount(accountId: string): Promise<Account | undefined> {
    return this.#accounts.get(accountId);
  }

  async create(account: Account, key: ApiKey): Promise<boolean> {
    if (this.#accounts.has(account.id)) return false;
    this.#accounts.set(account.id, account);
    this.#keys.set(key.id, key);
    this.#environments.push(key);
    return true;
  }

  /** For the adapters of policies and signing secrets. Undefined removes a field. False if there is no such account. */
  change(accountId: string, fields: Pick<Account, 'policy' | 'signing'>): boolean {
    const account = this.#accounts.get(accountId);
    if (!account) return false;
    const kept = Object.entries({ ...account, ...fields }).filter(([, value]) => value !== undefined);
    this.#accounts.set(accountId, Object.fromEntries(kept) as Account);
    return true;
  }

  async *tenants(): AsyncIterable<TenantListing> {
    for (const { account, environment } of this.#environments) {
      const { mostSlots = 1, generation = 0 } = this.#accounts.get(account) ?? {};
      yield { tenant: { account, environment, generation }, mostSlots };
    }
  }
}
