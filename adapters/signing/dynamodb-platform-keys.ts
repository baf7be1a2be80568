// The platform keys in the ledger, each under its number. A function instance reads each key once. A number without a key
// is looked up once a minute at most, because clients choose the ids that they send: so a new key must be stored a minute
// before it becomes the current one.

import { GetCommand } from '@aws-sdk/lib-dynamodb';
import { currentPlatformKeySortKey, platformKeySortKey, platformKeysKey } from '../../domain/keys.ts';
import type { KnownPlatformKeys } from '../../domain/signing/port.ts';
import type { NumberedKey } from '../../domain/signing/signing-secrets.ts';
import type { Clock } from '../../domain/system/port.ts';
import { minuteMs } from '../../domain/system/time.ts';
import { callTable } from '../aws/dynamodb-client.ts';
import type { Table } from '../aws/table.ts';

export const firstNumber = 1;

export type PlatformKeysDeps = { readonly table: Table; readonly clock: Pick<Clock, 'now'> };

export class DynamoPlatformKeys implements KnownPlatformKeys {
  protected readonly table: Table;
  protected readonly known = new Map<number, NumberedKey>();
  readonly #clock: Pick<Clock, 'now'>;
  #newest: NumberedKey | undefined;
  readonly #absentSinceMs = new Map<number, number>();

  constructor({ table, clock }: PlatformKeysDeps) {
    this.table = table;
    this.#clock = clock;
  }

  async find(number: number): Promise<NumberedKey | undefined> {
    const known = this.known.get(number);
    const absentSinceMs = this.#absentSinceMs.get(number) ?? Number.NEGATIVE_INFINITY;
    if (known || number < firstNumber || this.#clock.now() < absentSinceMs + minuteMs) return known;
    const found = await this.get(platformKeySortKey(number));
    if (found) this.known.set(number, found);
    else this.#absentSinceMs.set(number, this.#clock.now());
    return found;
  }

  /** An instance stays with what it found. */
  async newest(): Promise<NumberedKey | undefined> {
    this.#newest ??= await this.get(currentPlatformKeySortKey);
    return this.#newest;
  }

  protected async get(sk: string): Promise<NumberedKey | undefined> {
    const { client, name } = this.table;
    const { Item } = await callTable(`GetItem on ${name}`, () =>
      client.send(
        new GetCommand({ TableName: name, Key: { pk: platformKeysKey, sk }, ConsistentRead: true }),
      ),
    );
    return Item && { number: Number(Item.number), secret: Item.secret as Uint8Array };
  }
}
