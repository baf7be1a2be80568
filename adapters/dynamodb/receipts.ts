// The receipts of a batch, all of its parts.

import type { DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';
import type { Pause } from '../../domain/back-off.ts';
import type { Tenant } from '../../domain/keys.ts';
import type { Receipts } from '../../domain/ports.ts';
import { type Receipt, recordId } from '../../domain/receipt.ts';
import { batchGet } from './batch-get.ts';
import { fromReceiptItem, receiptItemKey } from './document-items.ts';

export class DynamoReceipts implements Receipts {
  readonly #client: DynamoDBDocumentClient;
  readonly #table: string;
  readonly #pause: Pause;

  constructor(client: DynamoDBDocumentClient, table: string, pause: Pause) {
    this.#client = client;
    this.#table = table;
    this.#pause = pause;
  }

  async ofBatch(tenant: Tenant, batchId: string, parts: number): Promise<Receipt[]> {
    const keys = Array.from({ length: parts }, (_, part) => receiptItemKey(tenant, recordId(batchId, part)));
    return (await batchGet(this.#client, this.#pause, this.#table, keys)).map(fromReceiptItem);
  }
}
