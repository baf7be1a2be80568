// `weir account delete`: the account and all that it has sent become unreachable, for good. An account that is created with
// the same id is of the next generation, and sees nothing of it.

import { auditEntry, auditedAccount } from '../../domain/accounts/audit.ts';
import { isAccountId, isGeneration } from '../../domain/keys.ts';
import { CliError, UnknownAccount } from '../errors.ts';
import type { Operator } from '../operator.ts';
import { defineVerb, requiredAccount } from '../verb.ts';
import { settleKeys } from './plan-keys.ts';
import { StatusChanged } from './status.ts';

export class DeletionNeedsYes extends CliError {
  constructor(account: string) {
    super(
      `This would delete the account ${account} with its keys and all that it has sent, for good. Nothing was changed.`,
      `To do it: weir account delete --account ${account} --yes. To only refuse its requests: weir account suspend --account ${account} --reads`,
    );
  }
}

export class NoGenerationLeft extends CliError {
  constructor(account: string) {
    super(
      `The account ${account} was deleted too often. Nothing was changed.`,
      `Suspend it instead: weir account suspend --account ${account} --reads`,
    );
  }
}

export type DeletedAccount = {
  readonly account_id: string;
  /** That of the next account of this id. */
  readonly next_generation: number;
  /** False if the account was deleted before. */
  readonly changed: boolean;
};

export async function deleteAccount(
  operator: Operator,
  account_id: string,
  isSure: boolean,
): Promise<DeletedAccount> {
  const { accounts } = operator;
  const before = isAccountId(account_id) ? await accounts.findAccount(account_id) : undefined;
  if (!before) {
    const generation = isAccountId(account_id) ? await accounts.generationOf(account_id) : 0;
    if (generation === 0) throw new UnknownAccount(account_id);
    // An earlier run may have been interrupted before it removed them.
    await settleKeys(operator, account_id);
    return { account_id, next_generation: generation, changed: false };
  }
  const next_generation = before.generation + 1;
  if (!isGeneration(next_generation)) throw new NoGenerationLeft(account_id);
  if (!isSure) throw new DeletionNeedsYes(account_id);
  const entry = auditEntry(operator, operator.clock.now(), {
    account: account_id,
    what: 'account.deleted',
    before: auditedAccount(before),
    after: { generation: next_generation },
  });
  if (!(await accounts.delete(before, entry))) throw new StatusChanged(account_id);
  await settleKeys(operator, account_id);
  return { account_id, next_generation, changed: true };
}

export const accountDelete = defineVerb({
  words: ['account', 'delete'],
  summary: 'delete an account with its keys and all that it has sent, for good',
  examples: ['account delete --account acme --yes'],
  options: (command) =>
    command.addOption(requiredAccount()).option('--yes', 'without it, only what would be deleted is said'),
  run: async (operator, { account, yes }) => {
    const deleted = await deleteAccount(operator, account, yes === true);
    const text = deleted.changed
      ? `The account ${account} is deleted. After 30 seconds its keys are answered 401, and nothing that it has sent can be read; after 10 minutes, while the accounts table cannot be read. What is stored of it expires with its retention.`
      : `The account ${account} was deleted before.`;
    return { json: deleted, text };
  },
});
