// Quarantine entries and jobs in the ledger. Counting adds both, and removes entries, in its transactions. Changes here
// and in dynamodb-jobs.ts are transactions too. One that conflicts with counting is retried. One whose answer was lost succeeds when the
// SDK retries it, because it carries an idempotency token. A plain update would take its own lease for another's.

import { GetCommand, type QueryCommandInput } from '@aws-sdk/lib-dynamodb';
import { quarantineKey, quarantineSortKey, type Tenant } from '../../domain/keys.ts';
import type { Quarantine } from '../../domain/quarantine/port.ts';
import type { QuarantineEntry } from '../../domain/quarantine/quarantine.ts';
import type { RecordPlace } from '../../domain/record/record-id.ts';
import { callTable } from '../aws/dynamodb-client.ts';
import type { Table } from '../aws/table.ts';
import { type TransactAction, transact } from '../aws/transact.ts';
import { DynamoJobs, itemsOf } from './dynamodb-jobs.ts';
import { entryItemKey, fromEntryItem } from './dynamodb-quarantine-items.ts';

type Update = Omit<NonNullable<TransactAction['Update']>, 'TableName' | 'Key'>;

export class DynamoQuarantine extends DynamoJobs implements Quarantine {
  readonly #table: Table;

  constructor(table: Table) {
    super(table);
    this.#table = table;
  }

  async *list(tenant: Tenant, fromMs: number, toMs: number): AsyncGenerator<QuarantineEntry> {
    if (fromMs >= toMs) return;
    yield* this.#entries({
      KeyConditionExpression: 'pk = :pk AND sk BETWEEN :from AND :to',
      ExpressionAttributeValues: {
        ':pk': quarantineKey(tenant),
        ':from': quarantineSortKey(fromMs),
        // Sorts before the key of any record received at `toMs`.
        ':to': quarantineSortKey(toMs),
      },
    });
  }

  newest(tenant: Tenant): AsyncGenerator<QuarantineEntry> {
    return this.#entries({
      KeyConditionExpression: 'pk = :pk',
      ExpressionAttributeValues: { ':pk': quarantineKey(tenant) },
      ScanIndexForward: false,
    });
  }

  async find(place: RecordPlace): Promise<QuarantineEntry | undefined> {
    const Key = entryItemKey(place);
    const answer = await callTable(`GetItem on ${this.#table.name}`, () =>
      this.#table.client.send(new GetCommand({ TableName: this.#table.name, Key, ConsistentRead: true })),
    );
    return answer.Item && fromEntryItem(answer.Item);
  }

  lease(entry: QuarantineEntry, nowMs: number, untilMs: number): Promise<boolean> {
    return this.#update(entry, 'The lease of an entry', {
      UpdateExpression: 'SET lease = :until ADD attempts :one',
      ConditionExpression: 'lease <= :now',
      ExpressionAttributeValues: { ':until': untilMs, ':one': 1, ':now': nowMs },
    });
  }

  async release(entry: QuarantineEntry): Promise<void> {
    await this.#update(entry, 'The release of an entry', {
      UpdateExpression: 'SET lease = :none',
      ConditionExpression: 'attribute_exists(pk)',
      ExpressionAttributeValues: { ':none': 0 },
    });
  }

  async *#entries(query: Omit<QueryCommandInput, 'TableName'>): AsyncGenerator<QuarantineEntry> {
    for await (const item of itemsOf(this.#table, query)) yield fromEntryItem(item);
  }

  /** False if the condition fails. */
  async #update(entry: QuarantineEntry, what: string, update: Update): Promise<boolean> {
    const action = { Update: { TableName: this.#table.name, Key: entryItemKey(entry), ...update } };
    const { outcome } = await transact(this.#table, [action], what);
    return outcome === 'done';
  }
}
