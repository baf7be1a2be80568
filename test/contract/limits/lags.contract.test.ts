import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { DynamoLags } from '../../../adapters/limits/dynamodb-lags.ts';
import { MemoryLags } from '../../../adapters/limits/memory-lags.ts';
import type { Lags } from '../../../domain/limits/port.ts';
import { nowMs } from '../../support/events.ts';
import { startTables, type TestTables } from '../../support/tables.ts';

let tables: TestTables;
beforeAll(async () => {
  tables = await startTables();
});
afterAll(() => tables.end());

const first = { shard: 'events/shardId-000000000000', ageMs: 1500, atMs: nowMs };
const second = { ...first, ageMs: 400_000, atMs: nowMs + 5000, account: 'acme' };
const other = { ...first, shard: 'events/shardId-000000000001' };

describe.each<[string, () => Lags]>([
  ['memory', () => new MemoryLags()],
  ['DynamoDB', () => new DynamoLags(tables.table('ledger'))],
])('the lags of shards in %s', (_, create) => {
  it('are the last one of each shard', async () => {
    const lags = create();
    expect(await lags.all()).toEqual([]);
    await lags.put(first);
    await lags.put(other);
    await lags.put(second);

    expect((await lags.all()).toSorted((one, two) => one.shard.localeCompare(two.shard))).toEqual([
      second,
      other,
    ]);
  });
});
