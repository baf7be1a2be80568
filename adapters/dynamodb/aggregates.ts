// Documents of one slot over a range of hours.

import { QueryCommand } from '@aws-sdk/lib-dynamodb';
import {
  type DocumentKey,
  documentPartition,
  documentSort,
  type VersionedDocument,
} from '../../domain/documents.ts';
import type { Tenant } from '../../domain/keys.ts';
import type { Aggregates } from '../../domain/ports.ts';
import { hourMs } from '../../domain/time.ts';
import type { Item } from './batch-get.ts';
import { calling } from './client.ts';
import { fromDocumentItem } from './document-items.ts';
import type { Table } from './table.ts';

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
    const documents: VersionedDocument[] = [];
    let start: Item | undefined;
    do {
      const answer = await calling('Query', () =>
        this.#table.client.send(
          new QueryCommand({
            TableName: this.#table.name,
            KeyConditionExpression: 'pk = :pk AND sk BETWEEN :first AND :last',
            ExpressionAttributeValues: {
              ':pk': documentPartition(first),
              ':first': documentSort(first),
              ':last': documentSort(last),
            },
            ExclusiveStartKey: start,
          }),
        ),
      );
      for (const item of answer.Items ?? []) {
        documents.push(fromDocumentItem({ ...first, hourMs: hourOf(String(item.sk)) }, item));
      }
      start = answer.LastEvaluatedKey;
    } while (start);
    return documents;
  }
}

const hourOf = (sortKey: string): number => Date.parse(`${sortKey.split('#')[1]}:00:00.000Z`);
