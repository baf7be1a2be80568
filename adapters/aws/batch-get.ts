// Reads of many items by key, 100 a call. Retries keys that a call left unprocessed.

import { BatchGetCommand } from '@aws-sdk/lib-dynamodb';
import { callTable, PartitionThrottled } from './dynamodb-client.ts';
import { inCalls } from './in-calls.ts';
import type { Table } from './table.ts';

const bounds = { items: 100, atOnce: 8 };
const maxTries = 6;

export type Item = Record<string, unknown>;

/** Consistent. */
export const batchGet = (table: Table, keys: readonly Item[]): Promise<Item[]> =>
  inCalls(keys, bounds, async (some) => (await getSome(table, some)).items);

/** Of one call, as of a moment ago: half the price. `units`: what it cost. */
export const batchGetStale = (table: Table, keys: readonly Item[]): Promise<ItemsRead> =>
  getSome(table, keys, true);

type ItemsRead = { readonly items: readonly Item[]; readonly units: number };

async function getSome(
  { client, name, pause }: Table,
  some: readonly Item[],
  isStale = false,
): Promise<ItemsRead> {
  const items: Item[] = [];
  let units = 0;
  let left = [...some];
  for (let attempt = 0; left.length > 0; attempt += 1) {
    if (attempt === maxTries) throw new PartitionThrottled(`BatchGetItem on ${name} left keys unprocessed`);
    if (attempt > 0) await pause(attempt - 1);
    const keys = left;
    const answer = await callTable(`BatchGetItem on ${name}`, () =>
      client.send(
        new BatchGetCommand({
          RequestItems: { [name]: { Keys: keys, ConsistentRead: !isStale } },
          ...(isStale && { ReturnConsumedCapacity: 'TOTAL' }),
        }),
      ),
    );
    units += (answer.ConsumedCapacity ?? []).reduce((sum, { CapacityUnits = 0 }) => sum + CapacityUnits, 0);
    items.push(...(answer.Responses?.[name] ?? []));
    left = answer.UnprocessedKeys?.[name]?.Keys ?? [];
  }
  return { items, units };
}
