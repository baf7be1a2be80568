import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { DynamoOpenings } from '../../../adapters/limits/dynamodb-openings.ts';
import { MemoryOpenings } from '../../../adapters/limits/memory-openings.ts';
import type { Openings } from '../../../domain/limits/port.ts';
import { nowMs } from '../../support/events.ts';
import { startTables, type TestTables } from '../../support/tables.ts';

let tables: TestTables;
beforeAll(async () => {
  tables = await startTables();
});
afterAll(() => tables.end());

const tenant = { account: 'acme', environment: 'production', generation: 0 };
const first = { untilMs: nowMs + 5000, lastsMs: 5000 };
const second = { untilMs: nowMs + 20_000, lastsMs: 10_000 };

describe.each<[string, () => Openings]>([
  ['memory', () => new MemoryOpenings()],
  ['DynamoDB', () => new DynamoOpenings(tables.table('ledger'))],
])('the openings of circuits in %s', (_, create) => {
  it('are the last one of each account and environment', async () => {
    const openings = create();
    expect(await openings.find(tenant)).toBeUndefined();
    await openings.keep(tenant, first);
    await openings.keep(tenant, second);
    await openings.keep(tenant, first);

    expect(await openings.find(tenant)).toEqual(second);
    expect(await openings.find({ ...tenant, environment: 'staging' })).toBeUndefined();
  });
});
