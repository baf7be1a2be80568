// Writes and removes pages, 25 a call. Retries those that a call left unprocessed.

import { BatchWriteCommand } from '@aws-sdk/lib-dynamodb';
import type { Page, PageKey } from '../../domain/storing/pages.ts';
import type { Pages } from '../../domain/storing/port.ts';
import { inChunks, mapBounded } from '../../domain/system/bounded.ts';
import { callTable, TableUnavailable } from '../aws/dynamodb-client.ts';
import type { Table } from '../aws/table.ts';
import { toPageItem } from './dynamodb-page-items.ts';

const requestsPerCall = 25;
/** A call takes some milliseconds, and a call of this class has the pages of many records. */
const callsAtOnce = 16;
const maxTries = 6;

type Requests = NonNullable<ConstructorParameters<typeof BatchWriteCommand>[0]['RequestItems']>[string];

export class DynamoPages implements Pages {
  readonly #table: Table;

  constructor(table: Table) {
    this.#table = table;
  }

  async write(pages: readonly Page[]): Promise<readonly PageKey[]> {
    const left = await this.#sendAll(pages.map((page) => ({ PutRequest: { Item: toPageItem(page) } })));
    return left.map(({ PutRequest }) => PutRequest?.Item as PageKey);
  }

  async remove(keys: readonly PageKey[]): Promise<void> {
    const left = await this.#sendAll(keys.map(({ pk, sk }) => ({ DeleteRequest: { Key: { pk, sk } } })));
    if (left.length > 0) throw new TableUnavailable('BatchWriteItem left pages unprocessed');
  }

  async #sendAll(requests: Requests): Promise<Requests> {
    const chunks = [...inChunks(requests, requestsPerCall)];
    return (await mapBounded(chunks, callsAtOnce, (chunk) => this.#send(chunk))).flat();
  }

  /** Returns the requests that were left unprocessed in each try. */
  async #send(chunk: Requests): Promise<Requests> {
    let left = chunk;
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
