// Reads the receipts of all parts of a batch.

import type { Tenant } from '../../domain/keys.ts';
import { recordId } from '../../domain/record/record-id.ts';
import type { Receipts } from '../../domain/storing/port.ts';
import type { Receipt } from '../../domain/storing/receipt.ts';
import { batchGet } from '../aws/batch-get.ts';
import type { Table } from '../aws/table.ts';
import { fromReceiptItem, receiptItemKey } from './dynamodb-receipt-items.ts';

export class DynamoReceipts implements Receipts {
  readonly #table: Table;

  constructor(table: Table) {
    this.#table = table;
  }

  async ofBatch(tenant: Tenant, batchId: string, parts: number): Promise<Receipt[]> {
    const keys = Array.from({ length: parts }, (_, part) => receiptItemKey(tenant, recordId(batchId, part)));
    return (await batchGet(this.#table, keys)).map(fromReceiptItem);
  }
}
