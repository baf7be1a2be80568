import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { DynamoEventUse } from '../../../adapters/limits/dynamodb-event-use.ts';
import { MemoryEventUse } from '../../../adapters/limits/memory-event-use.ts';
import { microsOf } from '../../../domain/limits/event-rate.ts';
import type { EventUse } from '../../../domain/limits/port.ts';
import { nowMs } from '../../support/events.ts';
import { startTables, type TestTables } from '../../support/tables.ts';

let tables: TestTables;
beforeAll(async () => {
  tables = await startTables();
});
afterAll(() => tables.end());

let run = 0;
let tenant = { account: 'acme', environment: 'production', generation: 0 };
beforeEach(() => {
  run += 1;
  tenant = { account: `acme-${run}`, environment: 'production', generation: 0 };
});

const now = microsOf(nowMs);
const cost = 1000;
const room = 10_000;
const charge = { cost, room, nowMs };

describe.each<[string, () => EventUse]>([
  ['memory', () => new MemoryEventUse()],
  ['DynamoDB', () => new DynamoEventUse(tables.table('ledger'))],
])('the use of the limit of events in %s', (_, create) => {
  it('begins now, and is moved on by what is charged', async () => {
    const use = create();

    expect(await use.charge(tenant, charge)).toEqual({ isCharged: true, usedUntil: now + cost });
    expect(await use.charge(tenant, charge)).toEqual({ isCharged: true, usedUntil: now + 2 * cost });
  });

  it('begins again once nothing is used', async () => {
    const use = create();
    await use.charge(tenant, charge);
    const later = { ...charge, nowMs: nowMs + 2 };

    expect(await use.charge(tenant, later)).toEqual({ isCharged: true, usedUntil: now + 2000 + cost });
  });

  it('charges nothing more than the room ahead, and tells what is used', async () => {
    const use = create();
    await use.charge(tenant, { ...charge, cost: room });

    expect(await use.charge(tenant, charge)).toEqual({ isCharged: true, usedUntil: now + room + cost });
    expect(await use.charge(tenant, charge)).toEqual({ isCharged: false, usedUntil: now + room + cost });
    expect(await use.charge(tenant, { ...charge, nowMs: nowMs + 1 })).toMatchObject({ isCharged: true });
  });

  it('is of one account and environment', async () => {
    const use = create();
    await use.charge(tenant, charge);

    expect(await use.charge({ ...tenant, environment: 'staging' }, charge)).toMatchObject({
      usedUntil: now + cost,
    });
  });

  it('admits no more when several charge at once', async () => {
    const use = create();
    const charged = await Promise.all(Array.from({ length: 20 }, () => use.charge(tenant, charge)));

    expect(charged.filter(({ isCharged }) => isCharged)).toHaveLength(11);
  });
});
