// The busiest accounts, an item in the table of aggregates, which report may write anyway.

import { GetCommand, PutCommand } from '@aws-sdk/lib-dynamodb';
import type { Busiest } from '../../domain/accounts/busiest.ts';
import type { BusiestList } from '../../domain/accounts/port.ts';
import { busiestKey, onlySortKey } from '../../domain/keys.ts';
import { callTable } from '../aws/dynamodb-client.ts';
import type { Table } from '../aws/table.ts';

const itemKey = { pk: busiestKey, sk: onlySortKey };

export class DynamoBusiest implements BusiestList {
  readonly #table: Table;

  constructor(aggregates: Table) {
    this.#table = aggregates;
  }

  async find(): Promise<Busiest | undefined> {
    const { client, name } = this.#table;
    const { Item } = await callTable(`GetItem on ${name}`, () =>
      client.send(new GetCommand({ TableName: name, Key: itemKey })),
    );
    return Item && JSON.parse(String(Item.busiest));
  }

  async keep(busiest: Busiest): Promise<void> {
    const { client, name } = this.#table;
    const Item = { ...itemKey, busiest: JSON.stringify(busiest) };
    await callTable(`PutItem on ${name}`, () => client.send(new PutCommand({ TableName: name, Item })));
  }
}
