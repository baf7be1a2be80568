// Batch calls of which some items fail: those are not forwarded, and their errors are merged into the answer to the
// others, each in its place.

import { isJsonRecord } from '../core/json-record.ts';
import type { Json } from '../core/proxy/json-body.ts';

export type Failure = { readonly code: string; readonly message: string };
export type Division = {
  readonly failedCount: number;
  /** Without those that fail; undefined where nothing is left. */
  readonly rest: Json | undefined;
  /** Takes what the service answered to the rest, and returns the answer to the whole call. */
  joined(output: Json): Json;
};
type Divide = (input: Json, fails: () => boolean, failure: Failure) => Division | undefined;

export type PartialOperation = {
  readonly service: string;
  /** Undefined where the answer lists the items that were not done, without a code for each. */
  readonly code?: string;
  /** Undefined where the call is not as it should be: that is the service's to refuse. */
  readonly divide: Divide;
};

export const partialOperations: Readonly<Record<string, PartialOperation>> = {
  PutRecords: {
    service: 'kinesis',
    code: 'ProvisionedThroughputExceededException',
    divide: inList({
      items: 'Records',
      answers: 'Records',
      mostItems: 500,
      failed: ({ code, message }) => ({ ErrorCode: code, ErrorMessage: message }),
      also: (output, failedCount) => ({
        FailedRecordCount: Number(output.FailedRecordCount ?? 0) + failedCount,
      }),
    }),
  },
  BatchExecuteStatement: {
    service: 'dynamodb',
    code: 'ThrottlingError',
    divide: inList({
      items: 'Statements',
      answers: 'Responses',
      mostItems: 25,
      failed: ({ code, message }) => ({ Error: { Code: code, Message: message } }),
      also: () => ({}),
    }),
  },
  BatchWriteItem: {
    service: 'dynamodb',
    divide: byTable({
      mostItems: 25,
      itemsOf: (requests) => requests,
      withItems: (_requests, items) => items,
      left: 'UnprocessedItems',
      nothingDone: {},
    }),
  },
  BatchGetItem: {
    service: 'dynamodb',
    divide: byTable({
      mostItems: 100,
      itemsOf: (keys) => (isJsonRecord(keys) ? keys.Keys : undefined),
      withItems: (keys, items) => ({ ...(keys as Json), Keys: items }),
      left: 'UnprocessedKeys',
      nothingDone: { Responses: {} },
    }),
  },
};

type ListForm = {
  readonly items: string;
  readonly answers: string;
  readonly mostItems: number;
  readonly failed: (failure: Failure) => Json;
  readonly also: (output: Json, failedCount: number) => Json;
};

function inList({ items, answers, mostItems, failed, also }: ListForm): Divide {
  return (input, fails, failure) => {
    const given = input[items];
    if (!Array.isArray(given) || given.length > mostItems) return undefined;
    const failing = given.map(fails);
    const rest = given.filter((_item, index) => !failing[index]);
    const failedCount = given.length - rest.length;
    return {
      failedCount,
      rest: rest.length === 0 ? undefined : { ...input, [items]: rest },
      joined: (output) => {
        const answered = listIn(output[answers]).values();
        const all = failing.map((isFailed) => (isFailed ? failed(failure) : answered.next().value));
        return { ...output, ...also(output, failedCount), [answers]: all };
      },
    };
  };
}

type TableForm = {
  readonly mostItems: number;
  readonly itemsOf: (table: unknown) => unknown;
  readonly withItems: (table: unknown, items: readonly unknown[]) => unknown;
  /** Under which name the answer gives back what was not done. */
  readonly left: string;
  readonly nothingDone: Json;
};

function byTable({ mostItems, itemsOf, withItems, left, nothingDone }: TableForm): Divide {
  return (input, fails) => {
    if (!isJsonRecord(input.RequestItems)) return undefined;
    const tables = Object.entries(input.RequestItems).map(([name, table]) => {
      const items = listIn(itemsOf(table));
      const failing = items.map(fails);
      const pick = (wanted: boolean) => items.filter((_item, index) => failing[index] === wanted);
      return { name, table, items, failed: pick(true), kept: pick(false) };
    });
    const count = (of: 'items' | 'failed') => tables.reduce((sum, table) => sum + table[of].length, 0);
    if (tables.some(({ items }) => items.length === 0) || count('items') > mostItems) return undefined;
    const part = (of: 'failed' | 'kept') =>
      Object.fromEntries(
        tables
          .filter((each) => each[of].length > 0)
          .map((each) => [each.name, withItems(each.table, each[of])]),
      );
    const rest = part('kept');
    return {
      failedCount: count('failed'),
      rest: Object.keys(rest).length === 0 ? undefined : { ...input, RequestItems: rest },
      joined: (output) => {
        const given = isJsonRecord(output[left]) ? output[left] : {};
        const lost = tables.flatMap(({ name, table, failed }) => {
          const items = [...listIn(itemsOf(given[name])), ...failed];
          return items.length === 0 ? [] : [[name, withItems(table, items)] as const];
        });
        return { ...nothingDone, ...output, [left]: Object.fromEntries(lost) };
      },
    };
  };
}

function listIn(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : [];
}
