// Personal-data policies: one item for each name, next to the settings of the account, which name the one in force. A
// policy is never changed or deleted, so that an event that was accepted under an earlier policy can still be
// explained.

import { GetCommand } from '@aws-sdk/lib-dynamodb';
import type { AuditEntry } from '../../domain/accounts/audit.ts';
import { accountKey, policySortKey } from '../../domain/keys.ts';
import type { PersonalDataPolicy } from '../../domain/personal-data/personal-data.ts';
import { policyName } from '../../domain/personal-data/policy-name.ts';
import type { Policies } from '../../domain/personal-data/port.ts';
import { changeAudited } from '../accounts/dynamodb-account-items.ts';
import { changeSettings } from '../accounts/dynamodb-account-settings.ts';
import type { Item } from '../aws/batch-get.ts';
import { callTable } from '../aws/dynamodb-client.ts';
import type { Table } from '../aws/table.ts';
import type { TransactAction } from '../aws/transact.ts';

export class DynamoPolicies implements Policies {
  readonly #table: Table;

  constructor(table: Table) {
    this.#table = table;
  }

  async find(account: string, name: string): Promise<PersonalDataPolicy | undefined> {
    const answer = await callTable(`GetItem on ${this.#table.name}`, () =>
      this.#table.client.send(
        new GetCommand({ TableName: this.#table.name, Key: itemKey(account, name), ConsistentRead: true }),
      ),
    );
    return answer.Item && JSON.parse(String(answer.Item.policy));
  }

  assign(
    account: string,
    before: string | undefined,
    policy: PersonalDataPolicy | undefined,
    entries: readonly AuditEntry[],
  ): Promise<boolean> {
    const name = policy && policyName(policy);
    const actions = [
      changeSettings(this.#table.name, account, 'policy', name, { name: before }),
      ...(policy && name ? [this.#putPolicy(account, name, policy)] : []),
    ];
    return changeAudited(this.#table, actions, entries, 'The change of the policy');
  }

  /** Leaves an existing item alone: under the same name it has the same rules. */
  #putPolicy(account: string, name: string, policy: PersonalDataPolicy): TransactAction {
    return {
      Update: {
        TableName: this.#table.name,
        Key: itemKey(account, name),
        UpdateExpression: 'SET #policy = if_not_exists(#policy, :policy)',
        ExpressionAttributeNames: { '#policy': 'policy' },
        ExpressionAttributeValues: { ':policy': JSON.stringify(policy) },
      },
    };
  }
}

const itemKey = (account: string, name: string): Item => ({
  pk: accountKey(account),
  sk: policySortKey(name),
});
