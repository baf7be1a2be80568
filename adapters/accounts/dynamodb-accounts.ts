// Accounts and their API keys in DynamoDB.

import { TransactionCanceledException } from '@aws-sdk/client-dynamodb';
import { GetCommand, paginateScan, TransactWriteCommand } from '@aws-sdk/lib-dynamodb';
import type { Account, ApiKey, Principal } from '../../domain/accounts/accounts.ts';
import type { Accounts, TenantListing } from '../../domain/accounts/port.ts';
import type { TierName } from '../../domain/accounts/tiers.ts';
import type { Scope } from '../../domain/api/routes.ts';
import {
  accountKey,
  accountKeyPrefix,
  accountSettingsSortKey,
  apiKeyKey,
  apiKeySortKey,
  environmentSortKey,
  environmentSortKeyPrefix,
} from '../../domain/keys.ts';
import { batchGet, type Item } from '../aws/batch-get.ts';
import { callTable } from '../aws/dynamodb-client.ts';
import type { Table } from '../aws/table.ts';

export class DynamoAccounts implements Accounts {
  readonly #table: Table;

  constructor(table: Table) {
    this.#table = table;
  }

  /** One call for both items, because every request whose principal is not known waits for it. */
  async findPrincipal(accountId: string, keyId: string): Promise<Principal | undefined> {
    const items = await batchGet(this.#table, [keyItemKey(keyId), accountItemKey(accountId)]);
    const keyItem = items.find(({ sk }) => sk === apiKeySortKey);
    const accountItem = items.find(({ sk }) => sk === accountSettingsSortKey);
    if (!keyItem || !accountItem || keyItem.account !== accountId) return undefined;
    return { key: fromKeyItem(keyItem), account: fromAccountItem(accountItem) };
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

  async create(account: Account, key: ApiKey): Promise<boolean> {
    const put = (Item: Item) => ({
      Put: { TableName: this.#table.name, Item, ConditionExpression: 'attribute_not_exists(pk)' },
    });
    const pointer = { pk: accountKey(account.id), sk: apiKeyKey(key.id) };
    const environment = { pk: accountKey(account.id), sk: environmentSortKey(key.environment) };
    try {
      await callTable(`TransactWriteItems on ${this.#table.name}`, () =>
        this.#table.client.send(
          new TransactWriteCommand({
            TransactItems: [put(toAccountItem(account)), put(toKeyItem(key)), put(pointer), put(environment)],
          }),
        ),
      );
      return true;
    } catch (error) {
      if (!(error instanceof TransactionCanceledException)) throw error;
      if (error.CancellationReasons?.[0]?.Code === 'ConditionalCheckFailed') return false;
      throw error;
    }
  }

  async *tenants(): AsyncIterable<TenantListing> {
    const settings = new Map<string, Pick<Account, 'mostSlots' | 'generation'>>();
    const environments: { readonly account: string; readonly environment: string }[] = [];
    for await (const page of paginateScan({ client: this.#table.client }, { TableName: this.#table.name })) {
      for (const item of page.Items ?? []) {
        if (item.sk === accountSettingsSortKey) settings.set(String(item.id), fromAccountItem(item));
        if (!String(item.sk).startsWith(environmentSortKeyPrefix)) continue;
        environments.push({
          account: String(item.pk).slice(accountKeyPrefix.length),
          environment: String(item.sk).slice(environmentSortKeyPrefix.length),
        });
      }
    }
    for (const { account, environment } of environments) {
      const { mostSlots = 1, generation = 0 } = settings.get(account) ?? {};
      yield { tenant: { account, environment, generation }, mostSlots };
    }
  }
}

const accountItemKey = (accountId: string): Item => ({
  pk: accountKey(accountId),
  sk: accountSettingsSortKey,
});
const keyItemKey = (keyId: string): Item => ({ pk: apiKeyKey(keyId), sk: apiKeySortKey });

const toAccountItem = (account: Account): Item => ({
  ...accountItemKey(account.id),
  id: account.id,
  tier: account.tier,
  status: account.status,
  slots: account.slots,
  most_slots: account.mostSlots,
  generation: account.generation,
  retention_days: account.retentionDays,
  plan_key: account.planKey,
  ...(account.policy && { policy: account.policy }),
  ...(account.signing && { signing: account.signing }),
});

const fromAccountItem = (item: Item): Account => ({
  id: String(item.id),
  tier: item.tier as TierName,
  status: item.status as Account['status'],
  slots: Number(item.slots),
  mostSlots: Number(item.most_slots),
  generation: Number(item.generation),
  retentionDays: Number(item.retention_days),
  planKey: String(item.plan_key),
  ...(item.policy ? { policy: String(item.policy) } : {}),
  ...(item.signing ? { signing: String(item.signing) } : {}),
});

const toKeyItem = (key: ApiKey): Item => ({
  ...keyItemKey(key.id),
  id: key.id,
  account: key.account,
  environment: key.environment,
  scopes: key.scopes,
  status: key.status,
  hash: key.hash,
});

const fromKeyItem = (item: Item): ApiKey => ({
  id: String(item.id),
  account: String(item.account),
  environment: String(item.environment),
  scopes: item.scopes as Scope[],
  status: item.status as ApiKey['status'],
  hash: item.hash as Uint8Array,
});
