// Reads the items of one partition between two sort keys, both included: all of them, or what one call answers.

import { QueryCommand } from '@aws-sdk/lib-dynamodb';
import type { Item } from './batch-get.ts';
import { callTable } from './dynamodb-client.ts';
import type { Table } from './table.ts';

export type KeyRange = { readonly pk: string; readonly first: string; readonly last: string };

export type QueryHow = Pick<
  ConstructorParameters<typeof QueryCommand>[0],
  'ConsistentRead' | 'ExclusiveStartKey' | 'Limit' | 'ReturnConsumedCapacity' | 'ScanIndexForward'
>;

/** `lastKey`: where the call ended, if there may be more. `units`: what it cost, if that was asked for. */
export type QueryPage = {
  readonly items: readonly Item[];
  readonly lastKey?: Item | undefined;
  readonly units: number;
};

export async function queryPage(
  { client, name }: Omit<Table, 'pause'>,
  { pk, first, last }: KeyRange,
  how: QueryHow = {},
): Promise<QueryPage> {
  const answer = await callTable(`Query on ${name}`, () =>
    client.send(
      new QueryCommand({
        ...how,
        TableName: name,
        KeyConditionExpression: 'pk = :pk AND sk BETWEEN :first AND :last',
        ExpressionAttributeValues: { ':pk': pk, ':first': first, ':last': last },
      }),
    ),
  );
  return {
    items: answer.Items ?? [],
    lastKey: answer.LastEvaluatedKey,
    units: answer.ConsumedCapacity?.CapacityUnits ?? 0,
  };
}

export async function queryRange(table: Table, range: KeyRange, consistent = false): Promise<Item[]> {
  const items: Item[] = [];
  let start: Item | undefined;
  do {
    const page = await queryPage(table, range, { ConsistentRead: consistent, ExclusiveStartKey: start });
    items.push(...page.items);
    start = page.lastKey;
  } while (start);
  return items;
}
