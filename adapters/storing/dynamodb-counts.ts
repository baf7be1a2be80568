// Counts records: receipts and documents change together in one transaction, or not at all.

import {
  type DayMark,
  type DocumentKey,
  documentName,
  type VersionedDocument,
} from '../../domain/documents/documents.ts';
import { markSortKey, type Tenant } from '../../domain/keys.ts';
import type { RecordId } from '../../domain/record/record-id.ts';
import type { CountCommit, CountResult, Counts, ReceiptChange } from '../../domain/storing/port.ts';
import type { Receipt } from '../../domain/storing/receipt.ts';
import { epochSeconds } from '../../domain/system/time.ts';
import { batchGet, type Item } from '../aws/batch-get.ts';
import type { Table } from '../aws/table.ts';
import { type TransactAction, transact } from '../aws/transact.ts';
import {
  dayItemKey,
  documentItemKey,
  fromDocumentItem,
  toDocumentItem,
} from '../documents/dynamodb-document-items.ts';
import { quarantineActions } from '../quarantine/dynamodb-quarantine-items.ts';
import { fromReceiptItem, receiptItemKey, toReceiptItem } from './dynamodb-receipt-items.ts';

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

  async commit({ changes, documents, marks }: CountCommit): Promise<CountResult> {
    const actions = [
      ...changes.map((change) => this.#putReceipt(change)),
      ...documents.map((document) => this.#putDocument(document)),
      ...marks.map((mark) => this.#mark(mark)),
      ...changes.flatMap((change) => quarantineActions(this.#tables.ledger.name, change)),
    ];
    const { outcome, failed } = await transact(this.#tables.ledger, actions, 'The counting transaction');
    if (outcome === 'done') return { outcome: 'committed' };
    const taken = changes.filter((_, index) => failed(index));
    return { outcome: 'lost', taken: taken.map(({ to }) => to.record) };
  }

  #putReceipt({ from, to }: ReceiptChange): TransactAction {
    const put = { TableName: this.#tables.ledger.name, Item: toReceiptItem(to) };
    if (!from) return { Put: { ...put, ConditionExpression: 'attribute_not_exists(pk)' } };
    return {
      Put: {
        ...put,
        // Of a discarded one only the first try may say when its ids are free.
        ConditionExpression: `#state = :read${from.freedAtMs === undefined ? ' AND attribute_not_exists(freed)' : ''}`,
        ExpressionAttributeNames: { '#state': 'state' },
        ExpressionAttributeValues: { ':read': from.state },
      },
    };
  }

  #mark({ tenant, dayMs, expiresAtMs }: DayMark): TransactAction {
    return {
      Update: {
        TableName: this.#tables.aggregates.name,
        Key: dayItemKey(tenant, markSortKey(dayMs)),
        UpdateExpression: 'ADD #times :one SET #ttl = :ttl',
        ExpressionAttributeNames: { '#times': 'times', '#ttl': 'ttl' },
        ExpressionAttributeValues: { ':one': 1, ':ttl': epochSeconds(expiresAtMs) },
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
