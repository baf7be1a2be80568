// The platform keys in the ledger: each under its number, and the current one once more. The first caller makes the first
// one. A function instance reads each key once. A number without a key is looked up once a minute at most, because clients
// choose the ids that they send: so a new key must be stored a minute before it becomes the current one.

import { GetCommand, PutCommand } from '@aws-sdk/lib-dynamodb';
import { currentPlatformKeySortKey, platformKeySortKey, platformKeysKey } from '../../domain/keys.ts';
import type { PlatformKeys } from '../../domain/signing/port.ts';
import type { NumberedKey } from '../../domain/signing/signing-secrets.ts';
import type { Clock, Random } from '../../domain/system/port.ts';
import { minuteMs } from '../../domain/system/time.ts';
import { callTable, TableUnavailable } from '../aws/dynamodb-client.ts';
import type { Table } from '../aws/table.ts';

const keyBytes = 32;
const firstNumber = 1;

export type PlatformKeysDeps = {
  readonly table: Table;
  readonly random: Random;
  readonly clock: Pick<Clock, 'now'>;
};

export class DynamoPlatformKeys implements PlatformKeys {
  readonly #deps: PlatformKeysDeps;
  readonly #known = new Map<number, NumberedKey>();
  readonly #absentSinceMs = new Map<number, number>();
  #current: NumberedKey | undefined;

  constructor(deps: PlatformKeysDeps) {
    this.#deps = deps;
  }

  async find(number: number): Promise<NumberedKey | undefined> {
    const known = this.#known.get(number);
    const absentSinceMs = this.#absentSinceMs.get(number) ?? Number.NEGATIVE_INFINITY;
    if (known || number < firstNumber || this.#deps.clock.now() < absentSinceMs + minuteMs) return known;
    const found = await this.#get(platformKeySortKey(number));
    if (found) this.#known.set(number, found);
    else this.#absentSinceMs.set(number, this.#deps.clock.now());
    return found;
  }

  async current(): Promise<NumberedKey> {
    this.#current ??= (await this.#get(currentPlatformKeySortKey)) ?? (await this.#makeFirst());
    this.#known.set(this.#current.number, this.#current);
    return this.#current;
  }

  async #get(sk: string): Promise<NumberedKey | undefined> {
    const { client, name } = this.#deps.table;
    const { Item } = await callTable(`GetItem on ${name}`, () =>
      client.send(
        new GetCommand({ TableName: name, Key: { pk: platformKeysKey, sk }, ConsistentRead: true }),
      ),
    );
    return Item && { number: Number(Item.number), secret: Item.secret as Uint8Array };
  }

  /** Under its number first: whoever sees an id that it made must find it. */
  async #makeFirst(): Promise<NumberedKey> {
    const made: NumberedKey = { number: firstNumber, secret: this.#deps.random.bytes(keyBytes) };
    const first = await this.#putOrFind(platformKeySortKey(firstNumber), made);
    return this.#putOrFind(currentPlatformKeySortKey, first);
  }

  async #putOrFind(sk: string, key: NumberedKey): Promise<NumberedKey> {
    const { client, name } = this.#deps.table;
    try {
      await callTable(`PutItem on ${name}`, () =>
        client.send(
          new PutCommand({
            TableName: name,
            Item: { pk: platformKeysKey, sk, ...key },
            ConditionExpression: 'attribute_not_exists(pk)',
          }),
        ),
      );
      return key;
    } catch (error) {
      if (!(error instanceof Error) || error.name !== 'ConditionalCheckFailedException') throw error;
      const winner = await this.#get(sk);
      if (!winner) throw new TableUnavailable('A platform key was deleted while it was read');
      return winner;
    }
  }
}
