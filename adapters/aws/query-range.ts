// Reads all items of one partition between two sort keys, both included.

import { QueryCommand } from '@aws-sdk/lib-dynamodb';
import type { Item } from './batch-get.ts';
import { callTable } from './dynamodb-client.ts';
import type { Table } from './table.ts';

export type KeyRange = { readonly pk: string; readonly first: string; readonly last: string };

export async function queryRange(
  { client, name }: Table,
  { pk, first, last }: KeyRange,
  consistent = false,
): Promise<Item[]> {
  const items: Item[] = [];
  let start: Item | undefined;
  do {
    const answer = await callTable(`Query on ${name}`, () =>
      client.send(
        new QueryCommand({
          TableName: name,
          KeyConditionExpression: 'pk = :pk AND sk BETWEEN :first AND :last',
          ExpressionAttributeValues: { ':pk': pk, ':first': first, ':last': last },
          ConsistentRead: consistent,
          ExclusiveStartKey: start,
        }),
      ),
    );
    items.push(...(answer.Items ?? []));
    start = answer.LastEvaluatedKey;
  } while (start);
  return items;
}
