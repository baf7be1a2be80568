// How far consume is behind, in the ledger: an item for each shard, all in one partition. A write replaces the one before:
// with several instances on a shard, the last word holds.

import { PutCommand, QueryCommand } from '@aws-sdk/lib-dynamodb';
import { lagKey } from '../../domain/keys.ts';
import type { Lags } from '../../domain/limits/port.ts';
import { type Lag, sheddingRules } from '../../domain/limits/shedding.ts';
import { epochSeconds } from '../../domain/system/time.ts';
import { callTable } from '../aws/dynamodb-client.ts';
import type { Table } from '../aws/table.ts';

export class DynamoLags implements Lags {
  readonly #table: Omit<Table, 'pause'>;

  constructor(table: Omit<Table, 'pause'>) {
    this.#table = table;
  }

  /** Eventually consistent. An answer holds some 10,000 shards. */
  async all(): Promise<readonly Lag[]> {
    const { client, name } = this.#table;
    const { Items = [] } = await callTable(`Query on ${name}`, () =>
      client.send(
        new QueryCommand({
          TableName: name,
          KeyConditionExpression: 'pk = :lag',
          ExpressionAttributeValues: { ':lag': lagKey },
        }),
      ),
    );
    return Items.map(({ sk, age_ms, at_ms, account }) => ({
      shard: String(sk),
      ageMs: Number(age_ms),
      atMs: Number(at_ms),
      ...(account !== undefined && { account: String(account) }),
    }));
  }

  async put({ shard, ageMs, atMs, account }: Lag): Promise<void> {
    const { client, name } = this.#table;
    await callTable(`PutItem on ${name}`, () =>
      client.send(
        new PutCommand({
          TableName: name,
          Item: {
            pk: lagKey,
            sk: shard,
            age_ms: ageMs,
            at_ms: atMs,
            account,
            ttl: epochSeconds(atMs + sheddingRules.seenForMs),
          },
        }),
      ),
    );
  }
}
