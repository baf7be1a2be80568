// The platform keys in the ledger: the current one, and those before it by their number. The first caller makes the
// first one. A function instance reads each key once.

import { GetCommand, PutCommand } from '@aws-sdk/lib-dynamodb';
import { currentPlatformKeySortKey, platformKeySortKey, platformKeysKey } from '../../domain/keys.ts';
import type { PlatformKeys } from '../../domain/signing/port.ts';
import type { NumberedKey } from '../../domain/signing/signing-secrets.ts';
import type { Random } from '../../domain/system/port.ts';
import { callTable, TableUnavailable } from '../aws/dynamodb-client.ts';
import type { Table } from '../aws/table.ts';

const keyBytes = 32;

export class DynamoPlatformKeys implements PlatformKeys {
  readonly #table: Table;
  readonly #random: Random;
  readonly #known = new Map<number, NumberedKey>();
  #current: NumberedKey | undefined;

  constructor(table: Table, random: Random) {
    this.#table = table;
    this.#random = random;
  }

  async find(number: number): Promise<NumberedKey | undefined> {
    const known = this.#known.get(number);
    if (known) return known;
    const current = await this.#get(currentPlatformKeySortKey);
    const found = current?.number === number ? current : await this.#get(platformKeySortKey(number));
    if (found) this.#known.set(number, found);
    return found;
  }

  async current(): Promise<NumberedKey> {
    this.#current ??= (await this.#get(currentPlatformKeySortKey)) ?? (await this.#makeFirst());
    this.#known.set(this.#current.number, this.#current);
    return this.#current;
  }

  async #get(sk: string): Promise<NumberedKey | undefined> {
    const answer = await callTable(`GetItem on ${this.#table.name}`, () =>
      this.#table.client.send(
        new GetCommand({
          TableName: this.#table.name,
          Key: { pk: platformKeysKey, sk },
          ConsistentRead: true,
        }),
      ),
    );
    const { Item } = answer;
    return Item && { number: Number(Item.number), secret: Item.secret as Uint8Array };
  }

  async #makeFirst(): Promise<NumberedKey> {
    const made: NumberedKey = { number: 1, secret: this.#random.bytes(keyBytes) };
    try {
      await callTable(`PutItem on ${this.#table.name}`, () =>
        this.#table.client.send(
          new PutCommand({
            TableName: this.#table.name,
            Item: { pk: platformKeysKey, sk: currentPlatformKeySortKey, ...made },
            ConditionExpression: 'attribute_not_exists(pk)',
          }),
        ),
      );
      return made;
    } catch (error) {
      if (!(error instanceof Error) || error.name !== 'ConditionalCheckFailedException') throw error;
      const winner = await this.#get(currentPlatformKeySortKey);
      if (!winner) throw new TableUnavailable('The platform key was deleted while it was read');
      return winner;
    }
  }
}
