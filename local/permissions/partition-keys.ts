// By which attribute a table of the template, or an index of it, is partitioned.

import type { Resource, System } from '../template/system.ts';

/** Undefined where there is no such table. */
export type PartitionKeys = (tableNameOrArn: string, index?: string) => string | undefined;

type KeySchema = readonly { readonly AttributeName: string; readonly KeyType: string }[];
type Indexes = readonly { readonly IndexName: string; readonly KeySchema: KeySchema }[];
type Indexed = { readonly GlobalSecondaryIndexes?: Indexes; readonly LocalSecondaryIndexes?: Indexes };

export function partitionKeysOf(system: () => System): PartitionKeys {
  const tableNamed = (nameOrArn: string): Resource | undefined => {
    const name = nameOrArn.split('/').at(-1);
    return system()
      .resources('AWS::DynamoDB::Table')
      .find((table) => table.name === name);
  };
  return (nameOrArn, index) => {
    const properties = tableNamed(nameOrArn)?.properties ?? {};
    if (index === undefined) return hashKeyIn(properties.KeySchema);
    const { GlobalSecondaryIndexes = [], LocalSecondaryIndexes = [] } = properties as Indexed;
    const indexes = [...GlobalSecondaryIndexes, ...LocalSecondaryIndexes];
    return hashKeyIn(indexes.find(({ IndexName }) => IndexName === index)?.KeySchema);
  };
}

function hashKeyIn(schema: unknown): string | undefined {
  return ((schema ?? []) as KeySchema).find(({ KeyType }) => KeyType === 'HASH')?.AttributeName;
}
