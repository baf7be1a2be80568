// Writes, reads and removes pages. Writes 25 a call, and retries those that a call left unprocessed.

import { BatchWriteCommand } from '@aws-sdk/lib-dynamodb';
import type { Page, PageKey, PageRange } from '../../domain/storing/pages.ts';
import type { PageSlice, Pages, SliceOf, UnpackedPage } from '../../domain/storing/port.ts';
import { callTable, PartitionThrottled } from '../aws/dynamodb-client.ts';
import { inCalls } from '../aws/in-calls.ts';
import { queryPage, queryRange } from '../aws/query-range.ts';
import type { Table } from '../aws/table.ts';
import { fromPageItem, toPageItem, unpackPageItem } from './dynamodb-page-items.ts';

/** A call takes some milliseconds, and a call of this class has the pages of many records. */
const bounds = { items: 25, atOnce: 16 };
const maxTries = 6;

type Requests = NonNullable<ConstructorParameters<typeof BatchWriteCommand>[0]['RequestItems']>[string];

export class DynamoPages implements Pages {
  readonly #table: Table;

  constructor(table: Table) {
    this.#table = table;
  }

  async write(pages: readonly Page[]): Promise<readonly PageKey[]> {
    const left = await inCalls(pages, bounds, (some) =>
      this.#send(some.map((page) => ({ PutRequest: { Item: toPageItem(page) } }))),
    );
    return left.map(({ PutRequest }) => PutRequest?.Item as PageKey);
  }

  async read(range: PageRange): Promise<readonly Page[]> {
    return (await queryRange(this.#table, range)).map(fromPageItem);
  }

  async slice(
    range: PageRange,
    { isBackwards, limit, after }: SliceOf,
    take: (page: UnpackedPage) => boolean,
  ): Promise<PageSlice> {
    const { items, lastKey, units } = await queryPage(this.#table, range, {
      ScanIndexForward: !isBackwards,
      Limit: limit,
      ReturnConsumedCapacity: 'TOTAL',
      ...(after !== undefined && { ExclusiveStartKey: { pk: range.pk, sk: after } }),
    });
    for (const [index, item] of items.entries())
      if (!take(unpackPageItem(item))) return { pages: index + 1, units, next: String(item.sk) };
    return { pages: items.length, units, ...(lastKey && { next: String(lastKey.sk) }) };
  }

  async remove(keys: readonly PageKey[]): Promise<void> {
    const left = await inCalls(keys, bounds, (some) =>
      this.#send(some.map(({ pk, sk }) => ({ DeleteRequest: { Key: { pk, sk } } }))),
    );
    if (left.length > 0) throw new PartitionThrottled('BatchWriteItem left pages unprocessed');
  }

  /** Returns the requests that were left unprocessed in each try. */
  async #send(some: Requests): Promise<Requests> {
    let left = some;
    for (let attempt = 0; left.length > 0 && attempt < maxTries; attempt += 1) {
      if (attempt > 0) await this.#table.pause(attempt - 1);
      const requests = left;
      const answer = await callTable(`BatchWriteItem on ${this.#table.name}`, () =>
        this.#table.client.send(new BatchWriteCommand({ RequestItems: { [this.#table.name]: requests } })),
      );
      left = answer.UnprocessedItems?.[this.#table.name] ?? [];
    }
    return left;
  }
}
