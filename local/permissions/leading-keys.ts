// The partition keys that a call to DynamoDB names, which a role may be bound to by dynamodb:LeadingKeys. Read only
// when a condition asks, and where they cannot be told the call is denied.

import { isJsonRecord } from '../json-record.ts';
import type { Json } from '../proxy/json-body.ts';
import { textOfKey } from './attribute-value.ts';
import { NeedNotModelled } from './not-modelled-here.ts';
import { partiQlKeys } from './partiql-keys.ts';
import type { PartitionKeys } from './partition-keys.ts';

type Keys = readonly string[] | undefined;

/** Of items, or of their keys. */
export function keysOfItems(table: string, items: readonly unknown[], partitionKeys: PartitionKeys): Keys {
  const name = partitionKeyOf(table, undefined, partitionKeys);
  const values = items.map((item) => textOfKey(isJsonRecord(item) ? item[name] : undefined));
  return values.every((value) => value !== undefined) ? values : cannotTell(table);
}

const equality = /(#?[\w.-]+)\s*=\s*(:[\w-]+)/g;

/** Each Query names one. */
export function keysOfQuery(table: string, input: Json, partitionKeys: PartitionKeys): Keys {
  const index = input.IndexName === undefined ? undefined : String(input.IndexName);
  const name = partitionKeyOf(table, index, partitionKeys);
  const names = (input.ExpressionAttributeNames ?? {}) as Json;
  const values = (input.ExpressionAttributeValues ?? {}) as Json;
  const found = [...String(input.KeyConditionExpression ?? '').matchAll(equality)].find(
    ([, attribute = '']) => (attribute.startsWith('#') ? names[attribute] : attribute) === name,
  );
  const value = textOfKey(values[found?.[2] ?? '']);
  return value === undefined ? cannotTell(table) : [value];
}

export function keysOfStatement(input: Json, partitionKeys: PartitionKeys): Keys {
  const keys = partiQlKeys(String(input.Statement), input.Parameters, (table, index) =>
    partitionKeyOf(table, index, partitionKeys),
  );
  return keys === 'unclear' ? cannotTell(String(input.Statement)) : keys;
}

function partitionKeyOf(table: string, index: string | undefined, partitionKeys: PartitionKeys): string {
  return partitionKeys(table, index) ?? cannotTell(table);
}

function cannotTell(what: string): never {
  throw new NeedNotModelled(
    `The local twin cannot tell the leading keys of this call (${what}), and a condition asks for them. Add its form to local/permissions/leading-keys.ts.`,
  );
}
