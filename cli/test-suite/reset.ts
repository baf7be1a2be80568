// Forgets all that was sent, and keeps accounts, keys and people: each account gets its next generation, as if it were
// deleted and made again (ADR 77). Keys of tables, and caches of functions, name the generation. So what is in flight of
// before leads nowhere, in one transaction; what is stored of it is removed after that.

import { BatchWriteCommand, ScanCommand, TransactWriteCommand } from '@aws-sdk/lib-dynamodb';
import { generationItemKey } from '../../adapters/accounts/dynamodb-generations.ts';
import type { Item } from '../../adapters/aws/batch-get.ts';
import { inCalls } from '../../adapters/aws/in-calls.ts';
import type { Table } from '../../adapters/aws/table.ts';
import { probeAccount } from '../../domain/accounts/probe-account.ts';
import { generationKeyPrefix, isGeneration } from '../../domain/keys.ts';
import { inChunks } from '../../domain/system/bounded.ts';
import { CliError } from '../errors.ts';
import type { SuiteTables } from './connect.ts';

export class NoResetLeft extends CliError {
  constructor(account: string) {
    super(
      `The account ${account} was reset too often. Nothing was removed.`,
      'Start a twin with --memory, or delete its folder.',
    );
  }
}

/** Of DynamoDB. */
const mostActions = 100;
const removals = { items: 25, atOnce: 4 };

export async function resetAccounts(tables: SuiteTables): Promise<void> {
  const { accounts: table, ...others } = tables;
  const items = (await scan(table)).filter(({ generation }) => typeof generation === 'number');
  const ofAccount = Map.groupBy(
    items.filter(({ pk }) => !String(pk).startsWith(generationKeyPrefix)),
    accountOf,
  );
  ofAccount.delete(probeAccount);
  const next = new Map(
    [...ofAccount].map(([account, [item]]) => [account, Number(item?.generation) + 1] as const),
  );
  for (const [account, generation] of next) if (!isGeneration(generation)) throw new NoResetLeft(account);
  for (const [account, generation] of next)
    await raise(table, account, generation, ofAccount.get(account) ?? []);
  await Promise.all(Object.values(others).map((each) => removeOlder(each, next)));
}

/** Of an account, a key, a member, or an environment among the pointers of keys. */
function accountOf({ pk, id, account, sk }: Item): string {
  if (sk === 'settings') return String(id);
  return String(account ?? String(pk).split('#')[1]);
}

async function raise({ client, name }: Table, account: string, generation: number, items: readonly Item[]) {
  const put = { Put: { TableName: name, Item: { ...generationItemKey(account), id: account, generation } } };
  const updates = items.map(({ pk, sk }) => ({
    Update: {
      TableName: name,
      Key: { pk, sk },
      UpdateExpression: 'SET generation = :generation',
      // A key that was revoked meanwhile is not made again.
      ConditionExpression: 'attribute_exists(pk)',
      ExpressionAttributeValues: { ':generation': generation },
    },
  }));
  for (const TransactItems of inChunks([put, ...updates], mostActions))
    await client.send(new TransactWriteCommand({ TransactItems: [...TransactItems] }));
}

/** Of the generations before. What is written of them from now on is read by nobody, and removed by the next reset. */
async function removeOlder(table: Table, next: ReadonlyMap<string, number>): Promise<void> {
  const older = (await scan(table, 'pk, sk')).filter(({ pk }) => {
    const parts = String(pk).split('#');
    return [0, 1].some((at) => {
      const [account = '', , generation = ''] = parts.slice(at);
      return /^\d+$/.test(generation) && Number(generation) < (next.get(account) ?? 0);
    });
  });
  await inCalls(older, removals, async (some) => {
    let left = some.map(({ pk, sk }) => ({ DeleteRequest: { Key: { pk, sk } } }));
    while (left.length > 0) {
      const RequestItems = { [table.name]: left };
      const answer = await table.client.send(new BatchWriteCommand({ RequestItems }));
      left = (answer.UnprocessedItems?.[table.name] ?? []) as typeof left;
    }
    return [];
  });
}

async function scan({ client, name }: Table, fields?: string): Promise<Item[]> {
  const items: Item[] = [];
  let start: Item | undefined;
  do {
    const answer = await client.send(
      new ScanCommand({
        TableName: name,
        ConsistentRead: true,
        ExclusiveStartKey: start,
        ...(fields && { ProjectionExpression: fields }),
      }),
    );
    items.push(...(answer.Items ?? []));
    start = answer.LastEvaluatedKey;
  } while (start !== undefined);
  return items;
}
