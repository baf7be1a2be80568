// The tables of a processor, on their own engine, and how much they store.

import { callEngine, DynamoDbEngine } from '@weir/twin/parts';
import { itemBytes, overheadBytes, type WireItem } from './item-size.ts';
import type { TableSpec } from './processor.ts';

/** As AWS bills it: with the overhead of each item, and with the copies in an index. */
export type Stored = { readonly items: number; readonly bytes: number };

export type BenchTables = {
  readonly endpoint: string;
  stored(): Promise<ReadonlyMap<string, Stored>>;
  end(): Promise<void>;
};

export async function startBenchTables(specs: readonly TableSpec[]): Promise<BenchTables> {
  const engine = new DynamoDbEngine({
    onLoss: (message) => {
      throw new Error(message);
    },
  });
  await engine.start();
  const { endpoint } = engine;
  for (const spec of specs) await createTable(endpoint, spec);
  return {
    endpoint,
    stored: async () => {
      const stored = new Map<string, Stored>();
      for (const spec of specs) stored.set(spec.name, await storedIn(endpoint, spec));
      return stored;
    },
    end: () => engine.end(),
  };
}

async function createTable(endpoint: string, { name, keys, index = [] }: TableSpec): Promise<void> {
  const schema = (names: readonly string[]) =>
    names.map((AttributeName, place) => ({ AttributeName, KeyType: place === 0 ? 'HASH' : 'RANGE' }));
  const byTime = { IndexName: 'by-time', KeySchema: schema(index), Projection: { ProjectionType: 'ALL' } };
  await callEngine(endpoint, 'dynamodb', 'CreateTable', {
    TableName: name,
    AttributeDefinitions: [...keys, ...index].map((AttributeName) => ({
      AttributeName,
      AttributeType: AttributeName === 'time' ? 'N' : 'S',
    })),
    KeySchema: schema(keys),
    ...(index.length > 0 && { GlobalSecondaryIndexes: [byTime] }),
    BillingMode: 'PAY_PER_REQUEST',
  });
}

type ScanAnswer = { readonly Items: readonly WireItem[]; readonly LastEvaluatedKey?: WireItem };

async function storedIn(endpoint: string, { name, index }: TableSpec): Promise<Stored> {
  let items = 0;
  let bytes = 0;
  let from: WireItem | undefined;
  do {
    const answer: ScanAnswer = await callEngine(endpoint, 'dynamodb', 'Scan', {
      TableName: name,
      ...(from && { ExclusiveStartKey: from }),
    });
    items += answer.Items.length;
    for (const item of answer.Items) bytes += itemBytes(item) + overheadBytes;
    from = answer.LastEvaluatedKey;
  } while (from);
  return { items, bytes: index ? bytes * 2 : bytes };
}
