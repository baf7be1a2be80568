// The platform keys for whoever makes ids and secrets: also the current one, which is stored once more. The first caller
// makes the first one. Apart from the others, so that functions that only recognise ids are smaller.

import { PutCommand } from '@aws-sdk/lib-dynamodb';
import { currentPlatformKeySortKey, platformKeySortKey, platformKeysKey } from '../../domain/keys.ts';
import type { PlatformKeys } from '../../domain/signing/port.ts';
import type { NumberedKey } from '../../domain/signing/signing-secrets.ts';
import type { Random } from '../../domain/system/port.ts';
import { callTable, TableUnavailable } from '../aws/dynamodb-client.ts';
import { DynamoPlatformKeys, firstNumber, type PlatformKeysDeps } from './dynamodb-platform-keys.ts';

const keyBytes = 32;

export class DynamoCurrentPlatformKey extends DynamoPlatformKeys implements PlatformKeys {
  readonly #random: Random;
  #current: NumberedKey | undefined;

  constructor({ random, ...deps }: PlatformKeysDeps & { readonly random: Random }) {
    super(deps);
    this.#random = random;
  }

  async current(): Promise<NumberedKey> {
    this.#current ??= (await this.get(currentPlatformKeySortKey)) ?? (await this.#makeFirst());
    this.known.set(this.#current.number, this.#current);
    return this.#current;
  }

  /** Under its number first: whoever sees an id that it made must find it. */
  async #makeFirst(): Promise<NumberedKey> {
    const made: NumberedKey = { number: firstNumber, secret: this.#random.bytes(keyBytes) };
    const first = await this.#putOrFind(platformKeySortKey(firstNumber), made);
    return this.#putOrFind(currentPlatformKeySortKey, first);
  }

  async #putOrFind(sk: string, key: NumberedKey): Promise<NumberedKey> {
    const { client, name } = this.table;
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
      const winner = await this.get(sk);
      if (!winner) throw new TableUnavailable('A platform key was deleted while it was read');
      return winner;
    }
  }
}
