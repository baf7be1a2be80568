// Pages as items with a compressed body, 25 a call; what was left unprocessed is written again.

import { constants as zlib, zstdCompressSync } from 'node:zlib';
import { BatchWriteCommand } from '@aws-sdk/lib-dynamodb';
import type { Page } from '../../domain/pages.ts';
import type { Pages } from '../../domain/ports.ts';
import { epochSeconds } from '../../domain/time.ts';
import { inChunks, mapBounded } from '../chunks.ts';
import { calling, TableUnavailable } from './client.ts';
import type { Table } from './table.ts';

const pagesPerCall = 25;
const callsAtOnce = 4;
const maxTries = 6;

export class DynamoPages implements Pages {
  readonly #table: Table;

  constructor(table: Table) {
    this.#table = table;
  }

  async write(pages: readonly Page[]): Promise<void> {
    await mapBounded([...inChunks(pages, pagesPerCall)], callsAtOnce, (chunk) => this.#writeChunk(chunk));
  }

  async #writeChunk(pages: readonly Page[]): Promise<void> {
    type Requests = NonNullable<ConstructorParameters<typeof BatchWriteCommand>[0]['RequestItems']>[string];
    let left: Requests = pages.map((page) => ({ PutRequest: { Item: toItem(page) } }));
    for (let attempt = 0; left.length > 0; attempt += 1) {
      if (attempt === maxTries) throw new TableUnavailable('BatchWriteItem left pages unprocessed');
      if (attempt > 0) await this.#table.pause(attempt - 1);
      const requests = left;
      const answer = await calling('BatchWriteItem', () =>
        this.#table.client.send(new BatchWriteCommand({ RequestItems: { [this.#table.name]: requests } })),
      );
      left = answer.UnprocessedItems?.[this.#table.name] ?? [];
    }
  }
}

function toItem(page: Page) {
  return {
    pk: page.pk,
    sk: page.sk,
    n: page.events.length,
    received: page.receivedAtMs,
    region: page.region,
    body: zstdCompressSync(JSON.stringify(page.events), { params: { [zlib.ZSTD_c_compressionLevel]: 1 } }),
    ttl: epochSeconds(page.expiresAtMs),
  };
}
