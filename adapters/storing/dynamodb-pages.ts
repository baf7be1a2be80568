// Writes and removes pages, 25 a call. Retries those that a call left unprocessed.

import { BatchWriteCommand } from '@aws-sdk/lib-dynamodb';
import type { Page, PageKey } from '../../domain/storing/pages.ts';
import type { Pages } from '../../domain/storing/port.ts';
import { inChunks, mapBounded } from '../../domain/system/bounded.ts';
import { callTable, TableUnavailable } from '../aws/dynamodb-client.ts';
import type { Table } from '../aws/table.ts';
import { toPageItem } from './dynamodb-page-items.ts';

const requestsPerCall = 25;
const callsAtOnce = 4;
const maxTries = 6;

type Requests = NonNullable<ConstructorParameters<typeof BatchWriteCommand>[0]['RequestItems']>[string];

export class DynamoPages implements Pages {
  readonly #table: Table;

  constructor(table: Table) {
    this.#table = table;
  }

  write(pages: readonly Page[]): Promise<void> {
    return this.#sendAll(pages.map((page) => ({ PutRequest: { Item: toPageItem(page) } })));
  }

  remove(keys: readonly PageKey[]): Promise<void> {
    return this.#sendAll(keys.map(({ pk, sk }) => ({ DeleteRequest: { Key: { pk, sk } } })));
  }

  async #sendAll(requests: Requests): Promise<void> {
    await mapBounded([...inChunks(requests, requestsPerCall)], callsAtOnce, (chunk) => this.#send(chunk));
  }

  async #send(chunk: Requests): Promise<void> {
    let left = chunk;
    for (let attempt = 0; left.length > 0; attempt += 1) {
      if (attempt === maxTries) throw new TableUnavailable('BatchWriteItem left pages unprocessed');
      if (attempt > 0) await this.#table.pause(attempt - 1);
      const requests = left;
      const answer = await callTable(`BatchWriteItem on ${this.#table.name}`, () =>
        this.#table.client.send(new BatchWriteCommand({ RequestItems: { [this.#table.name]: requests } })),
      );
      left = answer.UnprocessedItems?.[this.#table.name] ?? [];
    }
  }
}
