import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { DynamoBusiest } from '../../../adapters/accounts/dynamodb-busiest.ts';
import { MemoryBusiest } from '../../../adapters/accounts/memory-busiest.ts';
import type { Busiest } from '../../../domain/accounts/busiest.ts';
import type { BusiestList } from '../../../domain/accounts/port.ts';
import { nowMs } from '../../support/events.ts';
import { startTables, type TestTables } from '../../support/tables.ts';

let tables: TestTables;
beforeAll(async () => {
  tables = await startTables();
});
afterAll(() => tables.end());

const busiest: Busiest = {
  atMs: nowMs,
  unseen: 3,
  accounts: [{ account: 'acme', generation: 0, environments: ['production', 'staging'] }],
  othersDollarsPerHour: 0.25,
  automatic: true,
  advice: [
    {
      ...{ account: 'acme', environment: 'production', generation: 0 },
      ...{ from: 1, to: 2, needs: 3, hourMs: nowMs },
      load: { events: 3000.5, records: 30, bytes: 1e6 },
    },
  ],
};

describe.each<[string, () => BusiestList]>([
  ['memory', () => new MemoryBusiest()],
  ['DynamoDB', () => new DynamoBusiest(tables.table('aggregates'))],
])('the busiest accounts in %s', (_, create) => {
  it('are those that were kept last, and unknown before', async () => {
    const list = create();
    expect(await list.find()).toBeUndefined();
    await list.keep({ ...busiest, atMs: nowMs - 1, advice: [] });
    await list.keep(busiest);

    expect(await list.find()).toEqual(busiest);
  });
});
