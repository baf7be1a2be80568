// What authorize reads of people. Apart from the adapters of the verbs, so that its bundle stays small.

import { QueryCommand } from '@aws-sdk/lib-dynamodb';
import type { Membership, Memberships } from '../../domain/accounts/port.ts';
import { personKey } from '../../domain/keys.ts';
import { batchGet, type Item } from '../aws/batch-get.ts';
import { callTable } from '../aws/dynamodb-client.ts';
import type { Table } from '../aws/table.ts';
import {
  accountItemKey,
  environmentItemKey,
  fromAccountItem,
  isOfGeneration,
} from './dynamodb-account-items.ts';
import { memberItemKey, roleOfItem } from './dynamodb-member-items.ts';

/** Memberships of deleted accounts stay. Most people have fewer, so that one page tells. */
const usualFormer = 10;
/** Of a further page. Their accounts are one BatchGetItem. */
const pageSize = 100;
/** Some 1,000 memberships: whoever has more former ones than that names the account. */
const mostPages = 10;

export class DynamoMemberships implements Memberships {
  readonly #table: Table;

  constructor(table: Table) {
    this.#table = table;
  }

  async find(person: string, accountId: string, environment: string): Promise<Membership> {
    const ofMember = memberItemKey({ account: accountId, person });
    const ofAccount = accountItemKey(accountId);
    const ofEnvironment = environmentItemKey(accountId, environment);
    const items = await batchGet(this.#table, [ofMember, ofAccount, ofEnvironment]);
    const found = ({ pk }: Item) => items.find((item) => item.pk === pk);
    const [member, settings, pointer] = [found(ofMember), found(ofAccount), found(ofEnvironment)];
    const account = settings && fromAccountItem(settings);
    return {
      ...(account && { account }),
      ...(member && isOfGeneration(account, member) && { role: roleOfItem(member) }),
      ...(pointer && isOfGeneration(account, pointer) && { hasEnvironment: true }),
    };
  }

  async accountsOf(person: string, most: number): Promise<readonly string[]> {
    const found: string[] = [];
    let after: Item | undefined;
    for (let page = 0; page < mostPages && found.length < most; page += 1) {
      const { members, next } = await this.#page(person, page === 0 ? most + usualFormer : pageSize, after);
      found.push(...(await this.#inForce(members)));
      if (!next) break;
      after = next;
    }
    return found.slice(0, most);
  }

  async #page(person: string, limit: number, after: Item | undefined) {
    const { client, name } = this.#table;
    const { Items: members = [], LastEvaluatedKey: next } = await callTable(`Query on ${name}`, () =>
      client.send(
        new QueryCommand({
          TableName: name,
          KeyConditionExpression: 'pk = :pk',
          ExpressionAttributeValues: { ':pk': personKey(person) },
          ConsistentRead: true,
          Limit: limit,
          ExclusiveStartKey: after,
        }),
      ),
    );
    return { members, next };
  }

  /** The accounts of those that are of an account in its generation. */
  async #inForce(members: readonly Item[]): Promise<string[]> {
    const settings = await batchGet(
      this.#table,
      members.map(({ sk }) => accountItemKey(String(sk))),
    );
    const accounts = new Map(settings.map((item) => [String(item.id), fromAccountItem(item)]));
    return members
      .filter((member) => isOfGeneration(accounts.get(String(member.sk)), member))
      .map(({ sk }) => String(sk));
  }
}
