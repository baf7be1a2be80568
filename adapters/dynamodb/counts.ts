// Counting: receipts and documents change together in one transaction, or not at all.

import { type DocumentKey, documentName, type VersionedDocument } from '../../domain/documents.ts';
import type { Tenant } from '../../domain/keys.ts';
import type { CountCommit, CountResult, Counts } from '../../domain/ports.ts';
import type { Receipt, RecordId } from '../../domain/receipt.ts';
import { batchGet, type Item } from './batch-get.ts';
import {
  documentItemKey,
  fromDocumentItem,
  fromReceiptItem,
  receiptItemKey,
  toDocumentItem,
  toReceiptItem,
} from './document-items.ts';
import type { Table } from './table.ts';
import { type TransactAction, transact } from './transact.ts';

export type CountTables = { readonly aggregates: Table; readonly ledger: Table };

export class DynamoCounts implements Counts {
  readonly #tables: CountTables;

  constructor(tables: CountTables) {
    this.#tables = tables;
  }

  async receipts(records: readonly { tenant: Tenant; record: RecordId }[]): Promise<Receipt[]> {
    const keys = records.map(({ tenant, record }) => receiptItemKey(tenant, record));
    return (await batchGet(this.#tables.ledger, keys)).map(fromReceiptItem);
  }

  async documents(keys: readonly DocumentKey[]): Promise<VersionedDocument[]> {
    const byName = new Map(keys.map((key) => [documentName(key), key]));
    const items = await batchGet(this.#tables.aggregates, keys.map(documentItemKey));
    return items.flatMap((item) => {
      const key = byName.get(`${item.pk}#${item.sk}`);
      return key ? [fromDocumentItem(key, item)] : [];
    });
  }

  async commit({ receipts, documents }: CountCommit): Promise<CountResult> {
    const actions = [
      ...receipts.map((receipt) => this.#putReceipt(receipt)),
      ...documents.map((document) => this.#putDocument(document)),
    ];
    const { outcome, failed } = await transact(this.#tables.ledger, actions, 'The counting transaction');
    if (outcome === 'done') return { outcome: 'committed' };
    const alreadyCounted = receipts.filter((_, index) => failed(index));
    return { outcome: 'lost', alreadyCounted: alreadyCounted.map((receipt) => receipt.record) };
  }

  #putReceipt(receipt: Receipt): TransactAction {
    return {
      Put: {
        TableName: this.#tables.ledger.name,
        Item: toReceiptItem(receipt),
        ConditionExpression: 'attribute_not_exists(pk)',
      },
    };
  }

  #putDocument(document: VersionedDocument): TransactAction {
    const put: { TableName: string; Item: Item } = {
      TableName: this.#tables.aggregates.name,
      Item: toDocumentItem(document),
    };
    if (document.version === 0) {
      return { Put: { ...put, ConditionExpression: 'attribute_not_exists(pk)' } };
    }
    return {
      Put: {
        ...put,
        ConditionExpression: '#version = :read',
        ExpressionAttributeNames: { '#version': 'version' },
        ExpressionAttributeValues: { ':read': document.version },
      },
    };
  }
}
