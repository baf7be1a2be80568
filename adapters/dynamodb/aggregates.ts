// Documents of one slot over a range of hours.

import { type DynamoDBDocumentClient, QueryCommand } from '@aws-sdk/lib-dynamodb';
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

export class DynamoAggregates implements Aggregates {
  readonly #client: DynamoDBDocumentClient;
  readonly #table: string;

  constructor(client: DynamoDBDocumentClient, table: string) {
    this.#client = client;
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
        this.#client.send(
          new QueryCommand({
            TableName: this.#table,
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
