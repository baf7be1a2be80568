// Reads items as they were at one instant. Retries a few times if a transaction is writing one of them.

import { TransactionCanceledException } from '@aws-sdk/client-dynamodb';
import { TransactGetCommand } from '@aws-sdk/lib-dynamodb';
import type { Item } from './batch-get.ts';
import { callTable } from './dynamodb-client.ts';
import type { Table } from './table.ts';
import { isTransientCode } from './transient-errors.ts';

const maxTries = 3;

/** In the order of the keys. Undefined if an item was being written at each try. At most 100 items and 4 MB. */
export async function transactGet(
  table: Table,
  keys: readonly Item[],
): Promise<readonly (Item | undefined)[] | undefined> {
  for (let attempt = 0; attempt < maxTries; attempt += 1) {
    if (attempt > 0) await table.pause(attempt - 1);
    const items = await tryGet(table, keys);
    if (items) return items;
  }
  return undefined;
}

async function tryGet({ client, name }: Table, keys: readonly Item[]) {
  const gets = keys.map((Key) => ({ Get: { TableName: name, Key } }));
  try {
    const answer = await callTable(`TransactGetItems on ${name}`, () =>
      client.send(new TransactGetCommand({ TransactItems: gets })),
    );
    return answer.Responses?.map(({ Item }) => Item);
  } catch (error) {
    if (!(error instanceof TransactionCanceledException)) throw error;
    const codes = (error.CancellationReasons ?? []).map(({ Code }) => Code);
    if (codes.some((code) => code && !isTransientCode(code))) throw error;
    return undefined;
  }
}
