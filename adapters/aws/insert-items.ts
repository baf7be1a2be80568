// Inserts items with PartiQL, 25 a call. An insert is a conditional put at one write unit, and a call of 25 costs about a
// tenth of the CPU of single puts (bench/claims.ts). Each statement fails on its own, and the SDK retries none.

import { BatchExecuteStatementCommand } from '@aws-sdk/lib-dynamodb';
import type { Item } from './batch-get.ts';
import { callTable } from './dynamodb-client.ts';
import { inCalls } from './in-calls.ts';
import type { Table } from './table.ts';
import { isTransientCode } from './transient-errors.ts';

/** A call takes some milliseconds, and a call of this function has the items of many records. */
const bounds = { items: 25, atOnce: 16 };

export class StatementRefused extends Error {
  override readonly name = 'StatementRefused';
}

/** `undecided`: the statement was throttled or not answered. It is to be tried again. */
export type Inserted = 'inserted' | 'exists' | 'undecided';

/** In the order of the values. An item exists too if an earlier try has inserted it and its answer was lost. */
export function insertItems<T>(
  { client, name }: Table,
  values: readonly T[],
  toItem: (value: T) => Item,
): Promise<Inserted[]> {
  return inCalls(values, bounds, async (some) => {
    const Statements = some.map((value) => insert(name, toItem(value)));
    const answer = await callTable(`BatchExecuteStatement on ${name}`, () =>
      client.send(new BatchExecuteStatementCommand({ Statements })),
    );
    return some.map((_, index): Inserted => {
      // HTTP 200 says nothing about a statement: only its own answer without an error is an insert.
      const response = answer.Responses?.[index];
      if (!response) return 'undecided';
      if (!response.Error) return 'inserted';
      const code = response.Error.Code ?? 'unknown';
      if (code === 'DuplicateItem') return 'exists';
      if (!isTransientCode(code)) throw new StatementRefused(`An insert was refused with ${code}.`);
      return 'undecided';
    });
  });
}

function insert(table: string, item: Item) {
  const fields = Object.entries(item);
  const values = fields.map(([field]) => `'${field}': ?`).join(', ');
  return {
    Statement: `INSERT INTO "${table}" VALUE {${values}}`,
    Parameters: fields.map(([, value]) => value),
  };
}
