// The platform's signing key: one item, made by whoever asks first and never changed by a second asker. An
// instance of a function reads it once.

import { GetCommand, PutCommand } from '@aws-sdk/lib-dynamodb';
import { platformKeyKey, platformKeySortKey } from '../../domain/keys.ts';
import type { PlatformKey } from '../../domain/signing/port.ts';
import type { Random } from '../../domain/system/port.ts';
import { calling, TableUnavailable } from '../aws/dynamodb-client.ts';
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
    const answer = await calling('GetItem', () =>
      this.#table.client.send(
        new GetCommand({ TableName: this.#table.name, Key: itemKey, ConsistentRead: true }),
      ),
    );
    return answer.Item?.secret as Uint8Array | undefined;
  }

  async #make(): Promise<Uint8Array> {
    const secret = this.#random.bytes(keyBytes);
    try {
      await calling('PutItem', () =>
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
      if (!winner) throw new TableUnavailable('The signing key vanished while it was read');
      return winner;
    }
  }
}
