// All tenants, by a scan of the accounts table. Apart from the adapters of the verbs, so that the bundle of report stays
// small.

import { paginateScan } from '@aws-sdk/lib-dynamodb';
import type { Account } from '../../domain/accounts/accounts.ts';
import type { Accounts, TenantListing } from '../../domain/accounts/port.ts';
import { accountKeysPrefix, accountSettingsSortKey, environmentSortKeyPrefix } from '../../domain/keys.ts';
import type { Table } from '../aws/table.ts';
import { fromAccountItem } from './dynamodb-account-items.ts';

export class DynamoTenants implements Pick<Accounts, 'tenants'> {
  readonly #table: Table;

  constructor(table: Table) {
    this.#table = table;
  }

  async *tenants(): AsyncIterable<TenantListing> {
    const settings = new Map<string, Pick<Account, 'mostSlots' | 'generation'>>();
    const environments: { readonly account: string; readonly environment: string }[] = [];
    for await (const page of paginateScan({ client: this.#table.client }, { TableName: this.#table.name })) {
      for (const item of page.Items ?? []) {
        if (item.sk === accountSettingsSortKey) settings.set(String(item.id), fromAccountItem(item));
        if (!String(item.sk).startsWith(environmentSortKeyPrefix)) continue;
        environments.push({
          account: String(item.pk).slice(accountKeysPrefix.length),
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
