// Jobs in the ledger, in one partition, sorted by when they are due. By themselves, because consume adds jobs and needs
// nothing else of the quarantine.

import { QueryCommand, type QueryCommandInput } from '@aws-sdk/lib-dynamodb';
import { jobSortKey, jobsKey } from '../../domain/keys.ts';
import type { Quarantine } from '../../domain/quarantine/port.ts';
import type { Job } from '../../domain/quarantine/quarantine.ts';
import type { Item } from '../aws/batch-get.ts';
import { callTable } from '../aws/dynamodb-client.ts';
import type { Table } from '../aws/table.ts';
import { transact } from '../aws/transact.ts';
import { fromJobItem, jobItemKey, toJobItem } from './dynamodb-quarantine-items.ts';

export class DynamoJobs implements Pick<Quarantine, 'jobs' | 'schedule' | 'reschedule'> {
  readonly #table: Table;

  constructor(ledger: Table) {
    this.#table = ledger;
  }

  async *jobs(nowMs: number): AsyncGenerator<Job> {
    const due = itemsOf(this.#table, {
      KeyConditionExpression: 'pk = :pk AND sk < :end',
      ExpressionAttributeValues: { ':pk': jobsKey, ':end': jobSortKey(nowMs + 1) },
    });
    for await (const item of due) yield fromJobItem(item);
  }

  async schedule(job: Job): Promise<void> {
    await transact(this.#table, [{ Put: { TableName: this.#table.name, Item: toJobItem(job) } }], 'A job');
  }

  async reschedule(job: Job, next: Job | undefined): Promise<boolean> {
    const TableName = this.#table.name;
    const isThere = { ConditionExpression: 'attribute_exists(pk)' };
    const remove = { Delete: { TableName, Key: jobItemKey(job), ...isThere } };
    // A transaction takes one action for an item: a job of the same time is replaced.
    const actions = !next
      ? [remove]
      : next.dueAtMs === job.dueAtMs
        ? [{ Put: { TableName, Item: toJobItem(next), ...isThere } }]
        : [remove, { Put: { TableName, Item: toJobItem(next) } }];
    const { outcome } = await transact(this.#table, actions, 'A job');
    return outcome === 'done';
  }
}

/** Consistently, page after page. */
export async function* itemsOf(
  { client, name }: Table,
  query: Omit<QueryCommandInput, 'TableName'>,
): AsyncGenerator<Item> {
  let start: Item | undefined;
  do {
    const input = { TableName: name, ConsistentRead: true, ...query, ExclusiveStartKey: start };
    const answer = await callTable(`Query on ${name}`, () => client.send(new QueryCommand(input)));
    yield* answer.Items ?? [];
    start = answer.LastEvaluatedKey;
  } while (start);
}
