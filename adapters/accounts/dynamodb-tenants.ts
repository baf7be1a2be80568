// All tenants, by a scan of the accounts table. Apart from the adapters of the verbs, so that the bundle of report stays
// small.

import { paginateScan } from '@aws-sdk/lib-dynamodb';
import type { Account } from '../../domain/accounts/accounts.ts';
import type { Accounts, TenantListing } from '../../domain/accounts/port.ts';
import {
  accountKeysPrefix,
  accountSettingsSortKey,
  environmentSortKeyPrefix,
  type Tenant,
} from '../../domain/keys.ts';
import type { Table } from '../aws/table.ts';
import { fromAccountItem } from './dynamodb-account-items.ts';

export class DynamoTenants implements Pick<Accounts, 'tenants'> {
  readonly #table: Table;

  constructor(table: Table) {
    this.#table = table;
  }

  async *tenants(): AsyncIterable<TenantListing> {
    const settings = new Map<string, Pick<Account, 'mostSlots' | 'generation'>>();
    const environments: Tenant[] = [];
    for await (const page of paginateScan({ client: this.#table.client }, { TableName: this.#table.name })) {
      for (const item of page.Items ?? []) {
        if (item.sk === accountSettingsSortKey) settings.set(String(item.id), fromAccountItem(item));
        if (!String(item.sk).startsWith(environmentSortKeyPrefix)) continue;
        environments.push({
          account: String(item.pk).slice(accountKeysPrefix.length),
          environment: String(item.sk).slice(environmentSortKeyPrefix.length),
          generation: Number(item.generation),
        });
      }
    }
    for (const tenant of environments) {
      const { mostSlots, generation } = settings.get(tenant.account) ?? {};
      // Environments of accounts that were deleted are left.
      if (mostSlots !== undefined && generation === tenant.generation) yield { tenant, mostSlots };
    }
  }
}
