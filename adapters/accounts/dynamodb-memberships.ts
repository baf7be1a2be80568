// What authorize reads of people. Apart from the adapters of the verbs, so that its bundle stays small.

import { QueryCommand } from '@aws-sdk/lib-dynamodb';
import type { Membership, Memberships } from '../../domain/accounts/port.ts';
import { personKey } from '../../domain/keys.ts';
import { batchGet } from '../aws/batch-get.ts';
import { callTable } from '../aws/dynamodb-client.ts';
import type { Table } from '../aws/table.ts';
import { accountItemKey, fromAccountItem } from './dynamodb-account-items.ts';
import { isMemberOf, memberItemKey, roleOfItem } from './dynamodb-member-items.ts';

/** Of so many accounts that were deleted, a person's membership is passed over. */
const mostFormer = 10;

export class DynamoMemberships implements Memberships {
  readonly #table: Table;

  constructor(table: Table) {
    this.#table = table;
  }

  async find(person: string, accountId: string): Promise<Membership> {
    const [ofMember, ofAccount] = [memberItemKey({ account: accountId, person }), accountItemKey(accountId)];
    const items = await batchGet(this.#table, [ofMember, ofAccount]);
    const member = items.find(({ pk }) => pk === ofMember.pk);
    const settings = items.find(({ pk }) => pk === ofAccount.pk);
    const account = settings && fromAccountItem(settings);
    return {
      ...(account && { account }),
      ...(member && isMemberOf(account, member) && { role: roleOfItem(member) }),
    };
  }

  async accountsOf(person: string, most: number): Promise<readonly string[]> {
    const { client, name } = this.#table;
    const answer = await callTable(`Query on ${name}`, () =>
      client.send(
        new QueryCommand({
          TableName: name,
          KeyConditionExpression: 'pk = :pk',
          ExpressionAttributeValues: { ':pk': personKey(person) },
          ConsistentRead: true,
          Limit: most + mostFormer,
        }),
      ),
    );
    const members = answer.Items ?? [];
    const settings = await batchGet(
      this.#table,
      members.map(({ sk }) => accountItemKey(String(sk))),
    );
    const accounts = new Map(settings.map((item) => [String(item.id), fromAccountItem(item)]));
    return members
      .filter((member) => isMemberOf(accounts.get(String(member.sk)), member))
      .map(({ sk }) => String(sk))
      .slice(0, most);
  }
}
