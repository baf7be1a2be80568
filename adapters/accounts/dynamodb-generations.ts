// The generations of accounts that were ever deleted, each an item in a partition of its own. Apart from the adapters of the
// verbs, because consume and settle read them, and may read nothing else of accounts.

import type { Account } from '../../domain/accounts/accounts.ts';
import type { Generations } from '../../domain/accounts/port.ts';
import { generationKey, onlySortKey } from '../../domain/keys.ts';
import { batchGet, type Item } from '../aws/batch-get.ts';
import type { Table } from '../aws/table.ts';
import type { TransactAction } from '../aws/transact.ts';

export class DynamoGenerations implements Generations {
  readonly #table: Table;

  constructor(table: Table) {
    this.#table = table;
  }

  async find(accounts: readonly string[]): Promise<ReadonlyMap<string, number>> {
    const items = await batchGet(this.#table, accounts.map(generationItemKey));
    return new Map(items.map(({ id, generation }) => [String(id), Number(generation)]));
  }
}

export const generationItemKey = (account: string): Item => ({ pk: generationKey(account), sk: onlySortKey });

/** A condition: no account of this id was deleted since its generation was read. */
export const isGeneration = (
  TableName: string,
  { id, generation }: Pick<Account, 'id' | 'generation'>,
): TransactAction => ({
  ConditionCheck: {
    TableName,
    Key: generationItemKey(id),
    ...(generation === 0
      ? { ConditionExpression: 'attribute_not_exists(pk)' }
      : {
          ConditionExpression: 'generation = :generation',
          ExpressionAttributeValues: { ':generation': generation },
        }),
  },
});
