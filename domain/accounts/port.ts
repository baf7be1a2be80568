// Accounts and their API keys, as they are stored.

import type { Tenant } from '../keys.ts';
import type { Account, ApiKey, Principal } from './accounts.ts';

export type Accounts = {
  /** Undefined if there is no such key, or if it is not of this account. */
  findPrincipal(accountId: string, keyId: string): Promise<Principal | undefined>;
  findAccount(accountId: string): Promise<Account | undefined>;
  /** False if the account exists already. Then nothing changes. */
  create(account: Account, key: ApiKey): Promise<boolean>;
  /** Each account, once for each environment that it ever had a key for: keys can go before the data. */
  tenants(): AsyncIterable<TenantListing>;
};

export type TenantListing = { readonly tenant: Tenant; readonly mostSlots: number };
