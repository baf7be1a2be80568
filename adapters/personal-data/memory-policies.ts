// Personal-data policies in memory. None is changed, and the account names the one in force.

import type { AuditEntry } from '../../domain/accounts/audit.ts';
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

  async assign(
    account: string,
    before: string | undefined,
    policy: PersonalDataPolicy | undefined,
    entries: readonly AuditEntry[],
  ): Promise<boolean> {
    const name = policy && policyName(policy);
    if ((await this.#accounts.findAccount(account))?.policy !== before) return false;
    if (!this.#accounts.change(account, { policy: name }, entries)) return false;
    const key = `${account}#${name}`;
    if (policy && !this.#policies.has(key)) this.#policies.set(key, JSON.stringify(policy));
    return true;
  }
}
