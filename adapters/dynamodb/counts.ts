// Counting: receipts and documents change together in one transaction, or not at all.

import { TransactionCanceledException } from '@aws-sdk/client-dynamodb';
import { TransactWriteCommand } from '@aws-sdk/lib-dynamodb';
import { type DocumentKey, documentName, type VersionedDocument } from '../../domain/documents.ts';
import type { Tenant } from '../../domain/keys.ts';
import type { CountCommit, CountResult, Counts } from '../../domain/ports.ts';
import type { Receipt, RecordId } from '../../domain/receipt.ts';
import { batchGet, type Item } from './batch-get.ts';
import { calling, TableUnavailable } from './client.ts';
import {
  documentItemKey,
  fromDocumentItem,
  fromReceiptItem,
  receiptItemKey,
  toDocumentItem,
  toReceiptItem,
} from './document-items.ts';
import { codeMayPass } from './faults.ts';
import type { Table } from './table.ts';

const maxTries = 6;
const conditionFailed = 'ConditionalCheckFailed';

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
    for (let attempt = 0; attempt < maxTries; attempt += 1) {
      if (attempt > 0) await this.#tables.ledger.pause(attempt - 1);
      const reasons = await this.#transact(actions);
      if (!reasons) return { outcome: 'committed' };
      if (!reasons.includes(conditionFailed)) continue;
      const alreadyCounted = receipts.filter((_, index) => reasons[index] === conditionFailed);
      return { outcome: 'lost', alreadyCounted: alreadyCounted.map((receipt) => receipt.record) };
    }
    throw new TableUnavailable('The counting transaction stays contested');
  }

  /** The reasons why it was cancelled, by action; undefined when it was not. The SDK retries no conflict. */
  async #transact(actions: TransactAction[]): Promise<(string | undefined)[] | undefined> {
    try {
      await calling('TransactWriteItems', () =>
        this.#tables.ledger.client.send(new TransactWriteCommand({ TransactItems: actions })),
      );
      return undefined;
    } catch (error) {
      if (!(error instanceof TransactionCanceledException)) throw error;
      const reasons = (error.CancellationReasons ?? []).map((reason) => reason.Code);
      if (reasons.some((reason) => reason && !codeMayPass(reason))) throw error;
      return reasons;
    }
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

type TransactAction = NonNullable<
  ConstructorParameters<typeof TransactWriteCommand>[0]['TransactItems']
>[number];
