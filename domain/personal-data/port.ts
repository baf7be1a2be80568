// Policies on personal data, and which one is in force for an account.

import type { PersonalDataPolicy } from './personal-data.ts';

/** A policy never changes under its name: other rules have another name. */
export type Policies = {
  find(account: string, name: string): Promise<PersonalDataPolicy | undefined>;
  /** Puts the policy in force for the account. Undefined ends the one in force. False if there is no such account. */
  assign(account: string, policy: PersonalDataPolicy | undefined): Promise<boolean>;
};
