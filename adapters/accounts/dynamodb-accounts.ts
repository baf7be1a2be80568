// Accounts in DynamoDB.

import { GetCommand, QueryCommand } from '@aws-sdk/lib-dynamodb';
import type { Account, Principal } from '../../domain/accounts/accounts.ts';
import type { ApiKey } from '../../domain/accounts/api-keys.ts';
import type { AuditEntry } from '../../domain/accounts/audit.ts';
import type { AccountPage, Accounts, PageRequest, TenantListing } from '../../domain/accounts/port.ts';
import { accountKey, accountsKey, signingSecretsSortKey } from '../../domain/keys.ts';
import { batchGet } from '../aws/batch-get.ts';
import { callTable } from '../aws/dynamodb-client.ts';
import type { Table } from '../aws/table.ts';
import {
  accountItemKey,
  accountUnchangedSince,
  changeAudited,
  fromAccountItem,
  putNew,
  toAccountItem,
  updateAccount,
} from './dynamodb-account-items.ts';
import { putKey } from './dynamodb-api-keys.ts';
import { DynamoGenerations, generationItemKey, isGeneration } from './dynamodb-generations.ts';
import { DynamoPrincipals } from './dynamodb-principals.ts';
import { DynamoTenants } from './dynamodb-tenants.ts';

export class DynamoAccounts implements Accounts {
  readonly #table: Table;

  constructor(table: Table) {
    this.#table = table;
  }

  findPrincipal(accountId: string, keyId: string): Promise<Principal | undefined> {
    return new DynamoPrincipals(this.#table).findPrincipal(accountId, keyId);
  }

  async findAccount(accountId: string): Promise<Account | undefined> {
    const answer = await callTable(`GetItem on ${this.#table.name}`, () =>
      this.#table.client.send(
        new GetCommand({
          TableName: this.#table.name,
          Key: accountItemKey(accountId),
          ConsistentRead: true,
        }),
      ),
    );
    return answer.Item && fromAccountItem(answer.Item);
  }

  async generationOf(accountId: string): Promise<number> {
    return (await new DynamoGenerations(this.#table).find([accountId])).get(accountId) ?? 0;
  }

  create(account: Account, key: ApiKey, entries: readonly AuditEntry[]): Promise<boolean> {
    const { name } = this.#table;
    const actions = [
      putNew(name, toAccountItem(account)),
      isGeneration(name, account),
      ...putKey(name, key),
      { Put: { TableName: name, Item: { pk: accountsKey, sk: account.id } } },
    ];
    return changeAudited(this.#table, actions, entries, 'The creation of the account', 2);
  }

  update(before: Account, after: Account, entry: AuditEntry): Promise<boolean> {
    const change = updateAccount(this.#table.name, before, after);
    return changeAudited(this.#table, [change], [entry], 'The change of the account');
  }

  delete(before: Account, entry: AuditEntry): Promise<boolean> {
    const { id, generation } = before;
    const TableName = this.#table.name;
    const actions = [
      { Delete: { TableName, Key: accountItemKey(id), ...accountUnchangedSince(before) } },
      { Put: { TableName, Item: { ...generationItemKey(id), id, generation: generation + 1 } } },
      { Delete: { TableName, Key: { pk: accountsKey, sk: id } } },
      // They would be those of the next account of this id. A policy is found by its name in the settings only.
      { Delete: { TableName, Key: { pk: accountKey(id), sk: signingSecretsSortKey } } },
    ];
    return changeAudited(this.#table, actions, [entry], 'The deletion of the account');
  }

  /** Two calls for up to 100 accounts, however many there are. */
  async page({ count, after }: PageRequest): Promise<AccountPage> {
    const { client, name } = this.#table;
    const answer = await callTable(`Query on ${name}`, () =>
      client.send(
        new QueryCommand({
          TableName: name,
          KeyConditionExpression: 'pk = :pk',
          ExpressionAttributeValues: { ':pk': accountsKey },
          ConsistentRead: true,
          // One more than is shown, which tells whether it is the last page.
          Limit: count + 1,
          ...(after !== undefined && { ExclusiveStartKey: { pk: accountsKey, sk: after } }),
        }),
      ),
    );
    const ids = (answer.Items ?? []).map(({ sk }) => String(sk));
    const shown = ids.slice(0, count);
    const items = await batchGet(this.#table, shown.map(accountItemKey));
    const byId = new Map(items.map((item) => [String(item.id), fromAccountItem(item)]));
    const next = ids.length > count ? shown.at(-1) : undefined;
    return {
      accounts: shown.flatMap((id) => byId.get(id) ?? []),
      ...(next !== undefined && { next }),
    };
  }

  tenants(): AsyncIterable<TenantListing> {
    return new DynamoTenants(this.#table).tenants();
  }
}
