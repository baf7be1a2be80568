// Tally sheets in the ledger: an item with the packed records, in the partition of its quarter of an hour, and while it is
// open a small one that names it, in one partition for all quarters. Whoever looks for what has no outcome reads only that.

import { BatchWriteCommand } from '@aws-sdk/lib-dynamodb';
import { openSheetSortKey, openSheetsKey, sheetOfOpenSortKey, sheetsKey } from '../../domain/keys.ts';
import { epochSeconds } from '../../domain/system/time.ts';
import type { TallySheets } from '../../domain/tally/port.ts';
import {
  type OpenSheet,
  packTallied,
  type Sheet,
  type SheetPlace,
  sheetKeptMs,
  unpackTallied,
} from '../../domain/tally/sheet.ts';
import { batchGet, type Item } from '../aws/batch-get.ts';
import { callTable, PartitionThrottled } from '../aws/dynamodb-client.ts';
import { inCalls } from '../aws/in-calls.ts';
import { type KeyRange, queryPage } from '../aws/query-range.ts';
import type { Table } from '../aws/table.ts';

const bounds = { items: 25, atOnce: 4 };
const maxTries = 6;
/** After all names of a partition. */
const lastSortKey = '~';

type Requests = NonNullable<ConstructorParameters<typeof BatchWriteCommand>[0]['RequestItems']>[string];

export class DynamoTallySheets implements TallySheets {
  readonly #table: Table;

  constructor(table: Table) {
    this.#table = table;
  }

  /** In no order: a redelivery writes what a try has not, and readers of an open one that is not there wait for it. */
  async put(sheets: readonly Sheet[]): Promise<void> {
    const items = sheets.flatMap((sheet) => [toSheetItem(sheet), toOpenItem(sheet)]);
    await this.#write(items.map((Item) => ({ PutRequest: { Item } })));
  }

  async *open(): AsyncGenerator<OpenSheet> {
    for await (const item of this.#query({ pk: openSheetsKey, first: '0', last: lastSortKey }))
      yield { ...sheetOfOpenSortKey(String(item.sk)), ...amountsOfItem(item) };
  }

  async find(places: readonly SheetPlace[]): Promise<readonly Sheet[]> {
    return (await batchGet(this.#table, places.map(sheetItemKey))).map(fromSheetItem);
  }

  async *ofQuarter(quarterMs: number): AsyncGenerator<Sheet> {
    for await (const item of this.#query({ pk: sheetsKey(quarterMs), first: '!', last: lastSortKey }))
      yield fromSheetItem(item);
  }

  async close(places: readonly SheetPlace[]): Promise<void> {
    await this.#write(places.map((place) => ({ DeleteRequest: { Key: openItemKey(place) } })));
  }

  async *#query(range: KeyRange): AsyncGenerator<Item> {
    let start: Item | undefined;
    do {
      const page = await queryPage(this.#table, range, { ConsistentRead: true, ExclusiveStartKey: start });
      yield* page.items;
      start = page.lastKey;
    } while (start);
  }

  async #write(requests: readonly Requests[number][]): Promise<void> {
    const left = await inCalls(requests, bounds, (some) => this.#send(some));
    if (left.length > 0)
      throw new PartitionThrottled(`BatchWriteItem on ${this.#table.name} left tally sheets unprocessed`);
  }

  /** Returns those that were left unprocessed in each try. */
  async #send(some: readonly Requests[number][]): Promise<Requests> {
    const { client, name, pause } = this.#table;
    let left: Requests = [...some];
    for (let attempt = 0; left.length > 0 && attempt < maxTries; attempt += 1) {
      if (attempt > 0) await pause(attempt - 1);
      const requests = left;
      const answer = await callTable(`BatchWriteItem on ${name}`, () =>
        client.send(new BatchWriteCommand({ RequestItems: { [name]: requests } })),
      );
      left = answer.UnprocessedItems?.[name] ?? [];
    }
    return left;
  }
}

const sheetItemKey = ({ quarterMs, name }: SheetPlace): Item => ({ pk: sheetsKey(quarterMs), sk: name });
const openItemKey = ({ quarterMs, name }: SheetPlace): Item => ({
  pk: openSheetsKey,
  sk: openSheetSortKey(quarterMs, name),
});

/** The place is in the item too, because its key has the quarter as text. */
export const toSheetItem = (sheet: Sheet): Item => ({
  ...sheetItemKey(sheet),
  quarter: sheet.quarterMs,
  ...amountFields(sheet),
  tallied: packTallied(sheet.tallied),
  ...(sheet.unreadable.length > 0 && { unreadable: sheet.unreadable }),
});

export const toOpenItem = (sheet: Sheet): Item => ({ ...openItemKey(sheet), ...amountFields(sheet) });

const amountFields = ({ records, events, arrivedToMs }: Sheet): Item => ({
  ...{ records, events, arrived: arrivedToMs },
  ttl: epochSeconds(arrivedToMs + sheetKeptMs),
});

const amountsOfItem = ({ records, events, arrived }: Item) => ({
  records: Number(records),
  events: Number(events),
  arrivedToMs: Number(arrived),
});

const fromSheetItem = (item: Item): Sheet => ({
  quarterMs: Number(item.quarter),
  name: String(item.sk),
  ...amountsOfItem(item),
  tallied: unpackTallied(item.tallied as Uint8Array),
  unreadable: (item.unreadable as string[] | undefined) ?? [],
});
