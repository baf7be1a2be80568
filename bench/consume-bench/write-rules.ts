// What AWS charges for a write, computed from the call on the wire: one unit for each started KB of an item, the same
// for each index that holds it, and twice as much in a transaction. The bench checks that the engine counts the same.

import { type AwsCall, type Json, jsonBody, readPartiQl, type Step, textIn } from '@weir/twin/parts';
import { itemBytes, type WireItem, type WireValue } from './item-size.ts';
import type { TableSpec } from './processor.ts';

export type WriteRules = {
  readonly step: Step;
  unitsByTable(): ReadonlyMap<string, number>;
};

type Write = { readonly table: string; readonly item: WireItem };
type Action = { readonly TableName: string; readonly Item?: WireItem; readonly Key?: WireItem };

const writesOf: Readonly<Record<string, (input: Json) => Write[]>> = {
  BatchExecuteStatement: ({ Statements }) =>
    (Statements as readonly { Statement: string; Parameters: readonly WireValue[] }[]).map(insertOf),
  BatchWriteItem: ({ RequestItems }) =>
    Object.entries(RequestItems as Record<string, readonly { PutRequest: { Item: WireItem } }[]>).flatMap(
      ([table, requests]) => requests.map(({ PutRequest }) => ({ table, item: PutRequest.Item })),
    ),
  TransactWriteItems: ({ TransactItems }) =>
    (TransactItems as readonly Readonly<Record<string, Action>>[]).flatMap((action) =>
      Object.values(action).map(actionOf),
    ),
  PutItem: (input) => [actionOf(input as Action)],
  UpdateItem: (input) => [actionOf(input as Action)],
};

/** For an update only the key: it adds a few numbers. An item above 1 KB would make the engine's count differ. */
const actionOf = ({ TableName, Item, Key = {} }: Action): Write => ({ table: TableName, item: Item ?? Key });

/** All values are parameters, so the strings in the statement are the attribute names. */
function insertOf({ Statement, Parameters }: { Statement: string; Parameters: readonly WireValue[] }): Write {
  const { table = '', tokens = [] } = readPartiQl(Statement) ?? {};
  const names = tokens.flatMap((token) => textIn(token) ?? []);
  return {
    table,
    item: Object.fromEntries(names.map((name, index) => [name, Parameters[index] as WireValue])),
  };
}

export function createWriteRules(specs: readonly TableSpec[]): WriteRules {
  const indexed = new Set(specs.filter(({ index }) => index).map(({ name }) => name));
  const units = new Map<string, number>();
  const sizes = new Map<string, number>();
  const charge = ({ operation }: AwsCall, { table, item }: Write) => {
    const key = JSON.stringify([table, item.pk, item.sk]);
    const bytes = itemBytes(item);
    // The replaced item counts instead if it is larger.
    const charged = Math.ceil(Math.max(bytes, sizes.get(key) ?? 0) / 1024);
    sizes.set(key, bytes);
    const copies = indexed.has(table) ? 2 : 1;
    const times = operation === 'TransactWriteItems' ? 2 : 1;
    units.set(table, (units.get(table) ?? 0) + charged * copies * times);
  };
  return {
    step: (call, next) => {
      const writes = writesOf[call.operation]?.(jsonBody(call.body) ?? {}) ?? [];
      for (const write of writes) charge(call, write);
      return next(call);
    },
    unitsByTable: () => units,
  };
}
