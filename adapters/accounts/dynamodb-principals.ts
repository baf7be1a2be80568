// What authorize reads and writes. Apart from the adapters of the verbs, so that its bundle stays small.

import { PutCommand } from '@aws-sdk/lib-dynamodb';
import { ownsKey, type Principal } from '../../domain/accounts/accounts.ts';
import type { LastUse } from '../../domain/accounts/api-keys.ts';
import type { Accounts, LastUses } from '../../domain/accounts/port.ts';
import { accountSettingsSortKey, apiKeySortKey, lastUseSortKey } from '../../domain/keys.ts';
import { batchGet } from '../aws/batch-get.ts';
import { callTable } from '../aws/dynamodb-client.ts';
import type { Table } from '../aws/table.ts';
import {
  accountItemKey,
  fromAccountItem,
  fromKeyItem,
  fromLastUseItem,
  keyItemKey,
  lastUseItemKey,
  toLastUseItem,
} from './dynamodb-account-items.ts';

/** A request waits for it. */
export const lastUseTimeMs = 150;

export class DynamoPrincipals implements Pick<Accounts, 'findPrincipal'>, LastUses {
  readonly #table: Table;

  constructor(table: Table) {
    this.#table = table;
  }

  /** One call for all items, because every request whose principal is not known waits for it. */
  async findPrincipal(accountId: string, keyId: string): Promise<Principal | undefined> {
    const keys = [keyItemKey(keyId), accountItemKey(accountId), lastUseItemKey(keyId)];
    const items = await batchGet(this.#table, keys);
    const [keyItem, accountItem, lastUse] = [apiKeySortKey, accountSettingsSortKey, lastUseSortKey].map(
      (sortKey) => items.find(({ sk }) => sk === sortKey),
    );
    if (!keyItem || !accountItem) return undefined;
    const [key, account] = [fromKeyItem(keyItem), fromAccountItem(accountItem)];
    if (!ownsKey(account, key)) return undefined;
    return {
      key,
      account,
      ...(lastUse && { lastUse: fromLastUseItem(lastUse) }),
    };
  }

  async write(keyId: string, use: LastUse): Promise<void> {
    const { client, name } = this.#table;
    await callTable(`PutItem on ${name}`, () =>
      client.send(new PutCommand({ TableName: name, Item: toLastUseItem(keyId, use) }), {
        abortSignal: AbortSignal.timeout(lastUseTimeMs),
      }),
    );
  }
}
