// Policies on personal data, and which one is in force for an account. A change writes its audit entries, too.

import type { AuditEntry } from '../accounts/audit.ts';
import type { PersonalDataPolicy } from './personal-data.ts';

/** A policy never changes under its name: other rules have another name. */
export type Policies = {
  find(account: string, name: string): Promise<PersonalDataPolicy | undefined>;
  /**
   * Puts the policy in force for the account. Undefined ends the one in force. False if `before` no longer names the one in
   * force, or there is no such account: then nothing changes.
   */
  assign(
    account: string,
    before: string | undefined,
    policy: PersonalDataPolicy | undefined,
    entries: readonly AuditEntry[],
  ): Promise<boolean>;
};
