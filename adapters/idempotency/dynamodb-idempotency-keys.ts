// Idempotency keys in the ledger, one small item each. It is put on condition that none is in force, and only the
// holder of its lease changes it. DynamoDB deletes expired items late, so they count as absent.

import { type AttributeValue, ConditionalCheckFailedException } from '@aws-sdk/client-dynamodb';
import { PutCommand, UpdateCommand, type UpdateCommandInput } from '@aws-sdk/lib-dynamodb';
import type {
  BatchSettings,
  IdempotencyRecord,
  PackedOutcome,
} from '../../domain/idempotency/idempotency.ts';
import type { IdempotencyKeys } from '../../domain/idempotency/port.ts';
import { idempotencyKey, onlySortKey, type Tenant } from '../../domain/keys.ts';
import { epochSeconds } from '../../domain/system/time.ts';
import type { Item } from '../aws/batch-get.ts';
import { callTable } from '../aws/dynamodb-client.ts';
import type { Table } from '../aws/table.ts';

export class DynamoIdempotencyKeys implements IdempotencyKeys {
  readonly #table: Table;

  constructor(table: Table) {
    this.#table = table;
  }

  async begin(
    tenant: Tenant,
    name: string,
    record: IdempotencyRecord,
    nowMs: number,
  ): Promise<IdempotencyRecord | undefined> {
    const command = new PutCommand({
      TableName: this.#table.name,
      Item: { ...keyOf(tenant, name), ...toItem(record) },
      ConditionExpression: 'attribute_not_exists(pk) OR expires <= :now',
      ExpressionAttributeValues: { ':now': nowMs },
      ReturnValuesOnConditionCheckFailure: 'ALL_OLD',
    });
    try {
      await callTable(`PutItem on ${this.#table.name}`, () => this.#table.client.send(command));
      return undefined;
    } catch (error) {
      if (!(error instanceof ConditionalCheckFailedException) || !error.Item) throw error;
      const found = fromRawItem(error.Item);
      // The SDK retries a call whose answer was lost. Then the item found is the one that the first try wrote.
      return Buffer.compare(found.seed, record.seed) === 0 ? undefined : found;
    }
  }

  takeOver(tenant: Tenant, name: string, found: IdempotencyRecord, leaseUntilMs: number): Promise<boolean> {
    return this.#update(tenant, name, {
      UpdateExpression: 'SET lease = :lease',
      // The SDK retries a call whose answer was lost, and then finds its own lease. If two invocations take over with
      // the same lease time, both make the same records, which is harmless.
      ConditionExpression: '(lease = :found OR lease = :lease) AND attribute_not_exists(answer)',
      ExpressionAttributeValues: { ':lease': leaseUntilMs, ':found': found.leaseUntilMs },
    });
  }

  async end(
    tenant: Tenant,
    name: string,
    leaseUntilMs: number,
    answer: PackedOutcome | undefined,
  ): Promise<void> {
    await this.#update(tenant, name, {
      UpdateExpression: answer ? 'SET lease = :none, answer = :answer' : 'SET lease = :none',
      ConditionExpression: 'lease = :mine',
      ExpressionAttributeValues: { ':none': 0, ':mine': leaseUntilMs, ...(answer && { ':answer': answer }) },
    });
  }

  /** False if the condition fails. */
  async #update(
    tenant: Tenant,
    name: string,
    change: Omit<UpdateCommandInput, 'TableName' | 'Key'>,
  ): Promise<boolean> {
    const command = new UpdateCommand({ TableName: this.#table.name, Key: keyOf(tenant, name), ...change });
    try {
      await callTable(`UpdateItem on ${this.#table.name}`, () => this.#table.client.send(command));
      return true;
    } catch (error) {
      if (error instanceof ConditionalCheckFailedException) return false;
      throw error;
    }
  }
}

const keyOf = (tenant: Tenant, name: string) => ({ pk: idempotencyKey(tenant, name), sk: onlySortKey });

const toItem = (record: IdempotencyRecord): Item => ({
  digest: record.digest,
  seed: record.seed,
  settings: JSON.stringify(record.settings),
  lease: record.leaseUntilMs,
  expires: record.expiresAtMs,
  ttl: epochSeconds(record.expiresAtMs),
});

/** The item of a failed condition is in DynamoDB's own format, because the document client does not convert errors. */
const fromRawItem = (item: Readonly<Record<string, AttributeValue>>): IdempotencyRecord => ({
  digest: item.digest?.S ?? '',
  seed: item.seed?.B ?? new Uint8Array(),
  settings: JSON.parse(item.settings?.S ?? '') as BatchSettings,
  leaseUntilMs: Number(item.lease?.N),
  ...(item.answer?.B && { answer: item.answer.B }),
  expiresAtMs: Number(item.expires?.N),
});
