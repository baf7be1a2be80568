// Reads the documents of one slot over a range of hours.

import {
  type DocumentKey,
  documentPartition,
  documentSort,
  type VersionedDocument,
} from '../../domain/documents/documents.ts';
import type { Aggregates } from '../../domain/documents/port.ts';
import type { Tenant } from '../../domain/keys.ts';
import { hourMs } from '../../domain/system/time.ts';
import { queryRange } from '../aws/query-range.ts';
import type { Table } from '../aws/table.ts';
import { fromDocumentItem } from './dynamodb-document-items.ts';

export class DynamoAggregates implements Aggregates {
  readonly #table: Table;

  constructor(table: Table) {
    this.#table = table;
  }

  async range(
    tenant: Tenant,
    slot: number,
    kind: DocumentKey['kind'],
    fromMs: number,
    toMs: number,
  ): Promise<VersionedDocument[]> {
    const first: DocumentKey = { tenant, slot, kind, hourMs: fromMs };
    const last: DocumentKey = { ...first, hourMs: toMs - hourMs };
    const items = await queryRange(this.#table, {
      pk: documentPartition(first),
      first: documentSort(first),
      last: documentSort(last),
    });
    return items.map((item) => fromDocumentItem({ ...first, hourMs: hourOf(String(item.sk)) }, item));
  }
}

const hourOf = (sortKey: string): number => Date.parse(`${sortKey.split('#')[1]}:00:00.000Z`);
