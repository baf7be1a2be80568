// API keys in DynamoDB: each an item of its own, by its id, and a pointer to it in the partition of its account's keys.

import { PutCommand } from '@aws-sdk/lib-dynamodb';
import { ownsKey } from '../../domain/accounts/accounts.ts';
import type { ApiKey } from '../../domain/accounts/api-keys.ts';
import type { AuditEntry } from '../../domain/accounts/audit.ts';
import type { ApiKeys, KeyChange, UsedKey } from '../../domain/accounts/port.ts';
import {
  accountKeysKey,
  accountSettingsSortKey,
  apiKeyKey,
  apiKeySortKey,
  lastUseKey,
  lastUseSortKey,
} from '../../domain/keys.ts';
import { batchGet } from '../aws/batch-get.ts';
import { callTable } from '../aws/dynamodb-client.ts';
import { queryRange } from '../aws/query-range.ts';
import type { Table } from '../aws/table.ts';
import type { TransactAction } from '../aws/transact.ts';
import {
  accountItemKey,
  changeAudited,
  changingKeyFields,
  environmentItemKey,
  fromAccountItem,
  fromKeyItem,
  fromLastUseItem,
  putNew,
  toKeyItem,
} from './dynamodb-account-items.ts';

export class DynamoApiKeys implements ApiKeys {
  readonly #table: Table;

  constructor(table: Table) {
    this.#table = table;
  }

  async list(account: string): Promise<readonly UsedKey[]> {
    const range = { pk: accountKeysKey(account), first: apiKeyKey(''), last: apiKeyKey('~') };
    const pointers = await queryRange(this.#table, range, true);
    // A pointer has the partition key of its item as sort key.
    const ids = pointers.map(({ sk }) => String(sk).slice(apiKeyKey('').length));
    const items = await batchGet(this.#table, [
      accountItemKey(account),
      ...ids.flatMap((id) => [
        { pk: apiKeyKey(id), sk: apiKeySortKey },
        { pk: lastUseKey(id), sk: lastUseSortKey },
      ]),
    ]);
    const settings = items.find(({ sk }) => sk === accountSettingsSortKey);
    if (!settings) return [];
    const owner = fromAccountItem(settings);
    const lastUses = new Map(
      items.filter(({ sk }) => sk === lastUseSortKey).map((item) => [item.pk, fromLastUseItem(item)]),
    );
    return items
      .filter(({ sk }) => sk === apiKeySortKey)
      .map(fromKeyItem)
      .filter((key) => ownsKey(owner, key))
      .toSorted((one, other) => one.createdAtMs - other.createdAtMs || (one.id < other.id ? -1 : 1))
      .map((key) => {
        const lastUse = lastUses.get(lastUseKey(key.id));
        return { key, ...(lastUse && { lastUse }) };
      });
  }

  add(key: ApiKey, entry: AuditEntry): Promise<boolean> {
    const TableName = this.#table.name;
    const accountExists = {
      ConditionCheck: {
        TableName,
        Key: accountItemKey(key.account),
        ConditionExpression: 'generation = :generation',
        ExpressionAttributeValues: { ':generation': key.generation },
      },
    };
    const actions = [accountExists, ...putKey(TableName, key)];
    return changeAudited(this.#table, actions, [entry], 'The creation of the key');
  }

  change({ before, after, added, entries }: KeyChange): Promise<boolean> {
    const TableName = this.#table.name;
    const replace = { Put: { TableName, Item: toKeyItem(after), ...unchangedSince(before) } };
    const actions = [replace, ...(added ? putKey(TableName, added) : [])];
    return changeAudited(this.#table, actions, entries, 'The change of the key');
  }
}

/** Of the probe, which alone makes its key, and no other. */
export class DynamoProbeKey {
  readonly #table: Table;

  constructor(table: Table) {
    this.#table = table;
  }

  async replace(key: ApiKey): Promise<void> {
    const { client, name } = this.#table;
    await callTable(`PutItem on ${name}`, () =>
      client.send(new PutCommand({ TableName: name, Item: toKeyItem(key) })),
    );
  }
}

/** The key, its pointer, and its environment. */
export const putKey = (TableName: string, key: ApiKey): TransactAction[] => {
  const pk = accountKeysKey(key.account);
  const environment = { ...environmentItemKey(key.account, key.environment), generation: key.generation };
  return [
    putNew(TableName, toKeyItem(key)),
    putNew(TableName, { pk, sk: apiKeyKey(key.id) }),
    { Put: { TableName, Item: environment } },
  ];
};

function unchangedSince(before: ApiKey) {
  const item = toKeyItem(before);
  const has = changingKeyFields.filter((field) => item[field] !== undefined);
  const conditions = changingKeyFields.map((field) =>
    has.includes(field) ? `${field} = :${field}` : `attribute_not_exists(${field})`,
  );
  return {
    ConditionExpression: ['attribute_exists(pk)', ...conditions].join(' AND '),
    ...(has.length > 0 && {
      ExpressionAttributeValues: Object.fromEntries(has.map((field) => [`:${field}`, item[field]])),
    }),
  };
}
