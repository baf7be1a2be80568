// Whether requests of an account are refused.

import {
  type Account,
  type AccountStatus,
  isSuspendedFor,
  type Suspension,
} from '../../domain/accounts/accounts.ts';
import { auditEntry, auditedStatus } from '../../domain/accounts/audit.ts';
import { CliError } from '../errors.ts';
import type { Operator } from '../operator.ts';
import { findAccount } from '../tenants.ts';

/** `changed` is false if the account was so before. */
export type ChangedStatus = {
  readonly account_id: string;
  readonly status: AccountStatus;
  readonly reads: 'allowed' | 'refused';
  readonly changed: boolean;
};

/** Another operator was faster. */
export class StatusChanged extends CliError {
  constructor(account: string) {
    super(
      `The account ${account} changed meanwhile. Nothing was changed by this command.`,
      `Look at it, and run the same again: weir account show --account ${account}`,
    );
  }
}

export async function changeStatus(
  operator: Operator,
  account_id: string,
  status: AccountStatus,
  suspension: Suspension = { reads: false },
): Promise<ChangedStatus> {
  const { account, changed } = await changeStatusOf(
    operator,
    await findAccount(operator, account_id),
    status,
    suspension,
  );
  const reads = isSuspendedFor(account, 'GET') ? 'refused' : 'allowed';
  return { account_id, status, reads, changed };
}

/** The account as it is then. `changed` is false if it was so already. A suspension opens no reads: only `resume` does. */
export async function changeStatusOf(
  operator: Operator,
  before: Account,
  status: AccountStatus,
  suspension: Suspension,
): Promise<{ readonly account: Account; readonly changed: boolean }> {
  const { suspension: _, ...account } = before;
  const reads = suspension.reads || isSuspendedFor(before, 'GET');
  const after: Account = {
    ...account,
    status,
    ...(status === 'suspended' && { suspension: { ...suspension, reads } }),
  };
  if (isSame(before, after)) return { account: before, changed: false };
  const entry = auditEntry(operator, operator.clock.now(), {
    account: before.id,
    what: status === 'suspended' ? 'account.suspended' : 'account.resumed',
    before: auditedStatus(before),
    after: auditedStatus(after),
  });
  if (!(await operator.accounts.update(before, after, entry))) throw new StatusChanged(before.id);
  return { account: after, changed: true };
}

const isSame = (before: Account, after: Account): boolean =>
  before.status === after.status &&
  before.suspension?.reads === after.suspension?.reads &&
  before.suspension?.ofTier === after.suspension?.ofTier;
