// The openings of circuits in the ledger: the last one of each account and environment. An item is of no use once its
// probation is over.

import { ConditionalCheckFailedException } from '@aws-sdk/client-dynamodb';
import { GetCommand, PutCommand } from '@aws-sdk/lib-dynamodb';
import { circuitKey, onlySortKey, type Sender } from '../../domain/keys.ts';
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

  async find(sender: Sender): Promise<Opening | undefined> {
    const { client, name } = this.#table;
    const { Item } = await callTable(`GetItem on ${name}`, () =>
      client.send(new GetCommand({ TableName: name, Key: itemKey(sender) })),
    );
    return Item && { untilMs: Number(Item.until_ms), lastsMs: Number(Item.lasts_ms) };
  }

  async keep(sender: Sender, { untilMs, lastsMs }: Opening): Promise<void> {
    const { client, name } = this.#table;
    try {
      await callTable(`PutItem on ${name}`, () =>
        client.send(
          new PutCommand({
            TableName: name,
            Item: {
              ...itemKey(sender),
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

const itemKey = (sender: Sender) => ({ pk: circuitKey(sender), sk: onlySortKey });
