// The platform key: one item in the ledger, made by the first caller and never replaced. A function instance reads it
// once.

import { GetCommand, PutCommand } from '@aws-sdk/lib-dynamodb';
import { platformKeyKey, platformKeySortKey } from '../../domain/keys.ts';
import type { PlatformKey } from '../../domain/signing/port.ts';
import type { Random } from '../../domain/system/port.ts';
import { callTable, TableUnavailable } from '../aws/dynamodb-client.ts';
import type { Table } from '../aws/table.ts';

const keyBytes = 32;
const itemKey = { pk: platformKeyKey, sk: platformKeySortKey };

export class DynamoPlatformKey implements PlatformKey {
  readonly #table: Table;
  readonly #random: Random;
  #known: Uint8Array | undefined;

  constructor(table: Table, random: Random) {
    this.#table = table;
    this.#random = random;
  }

  async find(): Promise<Uint8Array | undefined> {
    this.#known ??= await this.#get();
    return this.#known;
  }

  async ensure(): Promise<Uint8Array> {
    this.#known ??= (await this.#get()) ?? (await this.#make());
    return this.#known;
  }

  async #get(): Promise<Uint8Array | undefined> {
    const answer = await callTable(`GetItem on ${this.#table.name}`, () =>
      this.#table.client.send(
        new GetCommand({ TableName: this.#table.name, Key: itemKey, ConsistentRead: true }),
      ),
    );
    return answer.Item?.secret as Uint8Array | undefined;
  }

  async #make(): Promise<Uint8Array> {
    const secret = this.#random.bytes(keyBytes);
    try {
      await callTable(`PutItem on ${this.#table.name}`, () =>
        this.#table.client.send(
          new PutCommand({
            TableName: this.#table.name,
            Item: { ...itemKey, secret },
            ConditionExpression: 'attribute_not_exists(pk)',
          }),
        ),
      );
      return secret;
    } catch (error) {
      if (!(error instanceof Error) || error.name !== 'ConditionalCheckFailedException') throw error;
      const winner = await this.#get();
      if (!winner) throw new TableUnavailable('The platform key was deleted while it was read');
      return winner;
    }
  }
}
