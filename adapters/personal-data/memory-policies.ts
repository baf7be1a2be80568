// Personal-data policies in memory. None is changed, and the account names the one in force.

import type { PersonalDataPolicy } from '../../domain/personal-data/personal-data.ts';
import { policyName } from '../../domain/personal-data/policy-name.ts';
import type { Policies } from '../../domain/personal-data/port.ts';
import type { MemoryAccounts } from '../accounts/memory-accounts.ts';

export class MemoryPolicies implements Policies {
  readonly #accounts: MemoryAccounts;
  readonly #policies = new Map<string, string>();

  constructor(accounts: MemoryAccounts) {
    this.#accounts = accounts;
  }

  async find(account: string, name: string): Promise<PersonalDataPolicy | undefined> {
    const policy = this.#policies.get(`${account}#${name}`);
    return policy === undefined ? undefined : JSON.parse(policy);
  }

  async assign(account: string, policy: PersonalDataPolicy | undefined): Promise<boolean> {
    const name = policy && policyName(policy);
    if (!this.#accounts.change(account, { policy: name })) return false;
    const key = `${account}#${name}`;
    if (policy && !this.#policies.has(key)) this.#policies.set(key, JSON.stringify(policy));
    return true;
  }
}
