// By which attribute a table of the template is partitioned.

import type { Template } from '../../template/template.ts';

/** Undefined where there is no such table. */
export type PartitionKeys = (tableNameOrArn: string) => string | undefined;

type KeySchema = readonly { readonly AttributeName: string; readonly KeyType: string }[];

export function partitionKeysOf(template: Template): PartitionKeys {
  return (nameOrArn) => {
    const name = nameOrArn.split('/').at(-1);
    const table = template.resources('AWS::DynamoDB::Table').find((each) => each.name === name);
    const schema = (table?.properties.KeySchema ?? []) as KeySchema;
    return schema.find(({ KeyType }) => KeyType === 'HASH')?.AttributeName;
  };
}
