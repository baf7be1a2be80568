import type { PersonalDataPolicy } from './personal-data.ts';

/** Policies on personal data. A policy never changes under its name: another one has another name. */
export type Policies = {
  find(account: string, name: string): Promise<PersonalDataPolicy | undefined>;
  /** Puts the policy in force for the account; undefined ends the one in force. False if there is no such account. */
  assign(account: string, policy: PersonalDataPolicy | undefined): Promise<boolean>;
};
