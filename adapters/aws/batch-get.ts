// Consistent reads of many items by key, 100 a call. Retries keys that a call left unprocessed.

import { BatchGetCommand } from '@aws-sdk/lib-dynamodb';
import { inChunks, mapBounded } from '../../domain/system/bounded.ts';
import { callTable, TableUnavailable } from './dynamodb-client.ts';
import type { Table } from './table.ts';

const keysPerCall = 100;
const callsAtOnce = 8;
const maxTries = 6;

export type Item = Record<string, unknown>;

export async function batchGet(table: Table, keys: readonly Item[]): Promise<Item[]> {
  const chunks = [...inChunks(keys, keysPerCall)];
  return (await mapBounded(chunks, callsAtOnce, (chunk) => getChunk(table, chunk))).flat();
}

async function getChunk({ client, name, pause }: Table, chunk: readonly Item[]): Promise<Item[]> {
  const items: Item[] = [];
  let left = [...chunk];
  for (let attempt = 0; left.length > 0; attempt += 1) {
    if (attempt === maxTries) throw new TableUnavailable(`BatchGetItem on ${name} left keys unprocessed`);
    if (attempt > 0) await pause(attempt - 1);
    const keys = left;
    const answer = await callTable(`BatchGetItem on ${name}`, () =>
      client.send(new BatchGetCommand({ RequestItems: { [name]: { Keys: keys, ConsistentRead: true } } })),
    );
    items.push(...(answer.Responses?.[name] ?? []));
    left = answer.UnprocessedKeys?.[name]?.Keys ?? [];
  }
  return items;
}
