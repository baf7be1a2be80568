// `weir account suspend` and `resume`: whether requests of an account are refused. Nothing of it is deleted.

import type { AccountStatus } from '../../domain/accounts/accounts.ts';
import { auditEntry } from '../../domain/accounts/audit.ts';
import { CliError } from '../errors.ts';
import type { Operator } from '../operator.ts';
import { findAccount } from '../tenants.ts';
import { defineVerb, requiredAccount, type Verb } from '../verb.ts';

/** `changed` is false if the account had this status before. */
export type ChangedStatus = {
  readonly account_id: string;
  readonly status: AccountStatus;
  readonly changed: boolean;
};

/** Another operator was faster. */
export class StatusChanged extends CliError {
  constructor(account: string) {
    super(
      `The status of ${account} changed meanwhile. Nothing was changed by this command.`,
      `Look at it, and run the same again: weir account show --account ${account}`,
    );
  }
}

export async function changeStatus(
  operator: Operator,
  account_id: string,
  status: AccountStatus,
): Promise<ChangedStatus> {
  const before = await findAccount(operator, account_id);
  if (before.status === status) return { account_id, status, changed: false };
  const entry = auditEntry(operator, operator.clock.now(), {
    account: account_id,
    what: status === 'suspended' ? 'account.suspended' : 'account.resumed',
    before: { status: before.status },
    after: { status },
  });
  if (!(await operator.accounts.changeStatus(before, status, entry))) throw new StatusChanged(account_id);
  return { account_id, status, changed: true };
}

export const accountStatusVerbs: readonly Verb[] = [
  defineVerb({
    words: ['account', 'suspend'],
    summary: 'refuse all requests of an account, until it is resumed',
    examples: ['account suspend --account acme'],
    options: (command) => command.addOption(requiredAccount()),
    run: async (operator, { account }) => {
      const suspended = await changeStatus(operator, account, 'suspended');
      const text = suspended.changed
        ? `The account ${account} is suspended. After 30 seconds at the latest its requests are answered 403 account_suspended; what is stored stays.`
        : `The account ${account} is suspended already.`;
      return { json: suspended, text };
    },
  }),
  defineVerb({
    words: ['account', 'resume'],
    summary: 'accept the requests of a suspended account again',
    examples: ['account resume --account acme'],
    options: (command) => command.addOption(requiredAccount()),
    run: async (operator, { account }) => {
      const resumed = await changeStatus(operator, account, 'active');
      const text = resumed.changed
        ? `The account ${account} is active. After 30 seconds at the latest its requests are accepted.`
        : `The account ${account} is active already.`;
      return { json: resumed, text };
    },
  }),
];
