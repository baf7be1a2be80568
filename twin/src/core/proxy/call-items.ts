// How many items a call carries, by operation, as each service counts them.

import type { Json } from './json-body.ts';

type Counter = (input: Json, output: Json) => number;

const listIn = (key: string) => (input: Json) => lengthOf(input[key]);
const returned: Counter = (_input, output) => Number(output.Count ?? 0);

const counters = new Map<string, Counter>(
  Object.entries({
    BatchExecuteStatement: listIn('Statements'),
    BatchGetItem: ({ RequestItems }) =>
      sum(Object.values((RequestItems ?? {}) as Record<string, { Keys?: unknown } | null>), (table) =>
        lengthOf(table?.Keys),
      ),
    BatchWriteItem: ({ RequestItems }) => sum(Object.values((RequestItems ?? {}) as Json), lengthOf),
    ExecuteTransaction: listIn('TransactStatements'),
    GetRecords: (_input, { Records }) => lengthOf(Records),
    PublishBatch: listIn('PublishBatchRequestEntries'),
    PutRecords: listIn('Records'),
    Query: returned,
    Scan: returned,
    SendMessageBatch: listIn('Entries'),
    TransactGetItems: listIn('TransactItems'),
    TransactWriteItems: listIn('TransactItems'),
  }),
);

export function itemsOf(operation: string, input: Json | undefined, output: Json | undefined): number {
  return counters.get(operation)?.(input ?? {}, output ?? {}) ?? 1;
}

function sum<T>(items: readonly T[], count: (item: T) => number): number {
  return items.reduce((total, item) => total + count(item), 0);
}

function lengthOf(value: unknown): number {
  return Array.isArray(value) ? value.length : 0;
}
