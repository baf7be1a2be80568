// The openings of circuits in the ledger: the last one of each account and environment. An item is of no use once its
// probation is over.

import { ConditionalCheckFailedException } from '@aws-sdk/client-dynamodb';
import { GetCommand, PutCommand } from '@aws-sdk/lib-dynamodb';
import { circuitKey, onlySortKey, type Tenant } from '../../domain/keys.ts';
import type { Opening } from '../../domain/limits/circuit.ts';
import type { Openings } from '../../domain/limits/port.ts';
import { epochSeconds } from '../../domain/system/time.ts';
import { callTable } from '../aws/dynamodb-client.ts';
import type { Table } from '../aws/table.ts';

export class DynamoOpenings implements Openings {
  readonly #table: Table;

  constructor(table: Table) {
    this.#table = table;
  }

  async find(tenant: Tenant): Promise<Opening | undefined> {
    const { client, name } = this.#table;
    const { Item } = await callTable(`GetItem on ${name}`, () =>
      client.send(new GetCommand({ TableName: name, Key: itemKey(tenant) })),
    );
    return Item && { untilMs: Number(Item.until_ms), lastsMs: Number(Item.lasts_ms) };
  }

  async keep(tenant: Tenant, { untilMs, lastsMs }: Opening): Promise<void> {
    const { client, name } = this.#table;
    try {
      await callTable(`PutItem on ${name}`, () =>
        client.send(
          new PutCommand({
            TableName: name,
            Item: {
              ...itemKey(tenant),
              until_ms: untilMs,
              lasts_ms: lastsMs,
              ttl: epochSeconds(untilMs + lastsMs),
            },
            ConditionExpression: 'attribute_not_exists(pk) OR until_ms < :until',
            ExpressionAttributeValues: { ':until': untilMs },
          }),
        ),
      );
    } catch (error) {
      if (!(error instanceof ConditionalCheckFailedException)) throw error;
    }
  }
}

const itemKey = (tenant: Tenant) => ({ pk: circuitKey(tenant), sk: onlySortKey });
