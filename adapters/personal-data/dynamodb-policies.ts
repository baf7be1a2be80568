// Personal-data policies: items beside the settings of their account, one a name and never changed, so that an event
// that was taken in under an earlier policy can still be explained. The settings name the one in force.

import { GetCommand } from '@aws-sdk/lib-dynamodb';
import { accountKey, policySortKey } from '../../domain/keys.ts';
import type { PersonalDataPolicy } from '../../domain/personal-data/personal-data.ts';
import { policyName } from '../../domain/personal-data/policy-name.ts';
import type { Policies } from '../../domain/personal-data/port.ts';
import { nameInSettings } from '../accounts/dynamodb-account-settings.ts';
import type { Item } from '../aws/batch-get.ts';
import { calling } from '../aws/dynamodb-client.ts';
import type { Table } from '../aws/table.ts';
import { type TransactAction, transact } from '../aws/transact.ts';

export class DynamoPolicies implements Policies {
  readonly #table: Table;

  constructor(table: Table) {
    this.#table = table;
  }

  async find(account: string, name: string): Promise<PersonalDataPolicy | undefined> {
    const answer = await calling('GetItem', () =>
      this.#table.client.send(
        new GetCommand({ TableName: this.#table.name, Key: itemKey(account, name), ConsistentRead: true }),
      ),
    );
    return answer.Item && JSON.parse(String(answer.Item.policy));
  }

  async assign(account: string, policy: PersonalDataPolicy | undefined): Promise<boolean> {
    const name = policy && policyName(policy);
    const actions = [
      nameInSettings(this.#table.name, account, 'policy', name),
      ...(policy && name ? [this.#keepPolicy(account, name, policy)] : []),
    ];
    const { outcome } = await transact(this.#table, actions, 'The change of the policy');
    return outcome === 'done';
  }

  /** What is there under the name already asks for the same. */
  #keepPolicy(account: string, name: string, policy: PersonalDataPolicy): TransactAction {
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
