import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { DynamoAccountLevels } from '../../../adapters/service-levels/dynamodb-account-levels.ts';
import { MemoryAccountLevels } from '../../../adapters/service-levels/memory-account-levels.ts';
import type { Tenant } from '../../../domain/keys.ts';
import {
  type AccountLevels,
  type Levels,
  levelsKeptMs,
  sumLevels,
} from '../../../domain/service-levels/account-levels.ts';
import { dayMs, floorTo, hourMs } from '../../../domain/system/time.ts';
import { nowMs } from '../../support/events.ts';
import { tenantOf } from '../../support/lanes.ts';
import { losingTheFirstAnswer } from '../../support/lost-answers.ts';
import { startTables, type TestTables } from '../../support/tables.ts';

let tables: TestTables;
let account = 0;
beforeAll(async () => {
  tables = await startTables();
});
afterAll(() => tables.end());
beforeEach(() => {
  account += 1;
});

const tenant = (more: Partial<Tenant> = {}): Tenant => ({ ...tenantOf(`acme-${account}`), ...more });
const thisHour = floorTo(nowMs, hourMs);
const month = { fromMs: thisHour - 30 * dayMs, toMs: thisHour + hourMs };
const hour = (levels: Levels, startMs = thisHour, of = tenant()) => ({ tenant: of, startMs, levels });
const some: Levels = { 'ingest.answered': 2, 'ingest.ms50': 2, 'search.failed': 1 };
const sumOf = async (levels: AccountLevels, of = tenant()) => sumLevels(await levels.hours(of, month, nowMs));

describe.each<[string, () => AccountLevels]>([
  ['memory', () => new MemoryAccountLevels()],
  ['DynamoDB', () => new DynamoAccountLevels(tables.table('aggregates'))],
])('levels of accounts in %s', (_, create) => {
  it('add up what deliveries have, each once, however often it comes', async () => {
    const levels = create();
    const first = { digest: `first-${account}`, hours: [hour(some)] };
    const second = {
      digest: `second-${account}`,
      hours: [hour({ 'ingest.answered': 1, 'reads.refused': 4 })],
    };

    for (const delivery of [first, second, first, second, first]) await levels.add(delivery, nowMs);

    expect(await sumOf(levels)).toEqual({ ...some, 'ingest.answered': 3, 'reads.refused': 4 });
  });

  it('add up deliveries that come at the same time', async () => {
    const levels = create();
    const deliveries = Array.from({ length: 6 }, (_each, index) => ({
      digest: `at-once-${account}-${index}`,
      hours: [hour(some)],
    }));

    await Promise.all(
      deliveries.flatMap((delivery) => [delivery, delivery]).map((each) => levels.add(each, nowMs)),
    );

    expect(await sumOf(levels)).toMatchObject({ 'ingest.answered': 12 });
  });

  it('take a delivery of more hours than a transaction takes', async () => {
    const levels = create();
    const hours = Array.from({ length: 250 }, (_each, index) => hour(some, thisHour - index * hourMs));
    const delivery = { digest: `many-${account}`, hours };

    await levels.add(delivery, nowMs);
    await levels.add(delivery, nowMs);

    const read = await levels.hours(tenant(), month, nowMs);
    expect(read).toHaveLength(250);
    expect(sumLevels(read)).toMatchObject({ 'ingest.answered': 500 });
  });

  it('are read by hour, the oldest first, from the first up to and without the last', async () => {
    const levels = create();
    const at = (hours: number) => thisHour - hours * hourMs;
    const hours = [0, 1, 2, 3].map((hoursAgo) => hour(some, at(hoursAgo)));
    await levels.add({ digest: `range-${account}`, hours }, nowMs);

    const read = await levels.hours(tenant(), { fromMs: at(2), toMs: at(0) }, nowMs);

    expect(read).toEqual([
      { startMs: at(2), levels: some },
      { startMs: at(1), levels: some },
    ]);
  });

  it('of other accounts, environments and generations are not seen', async () => {
    const levels = create();
    await levels.add({ digest: `own-${account}`, hours: [hour(some)] }, nowMs);

    const others = [tenantOf('another'), tenant({ environment: 'staging' }), tenant({ generation: 1 })];
    for (const other of others) expect(await levels.hours(other, month, nowMs)).toEqual([]);
  });

  it('are gone once they expire', async () => {
    const levels = create();
    await levels.add({ digest: `old-${account}`, hours: [hour(some)] }, nowMs);

    expect(await levels.hours(tenant(), month, thisHour + hourMs + levelsKeptMs - 1)).toHaveLength(1);
    expect(await levels.hours(tenant(), month, thisHour + hourMs + levelsKeptMs)).toEqual([]);
  });
});

it('adds once where the answer of the table is lost, and the call is repeated', async () => {
  const levels = new DynamoAccountLevels(tables.table('aggregates'));

  const tries = await losingTheFirstAnswer(tables.client, () =>
    levels.add({ digest: `lost-${account}`, hours: [hour(some)] }, nowMs),
  );

  expect(tries).toBeGreaterThan(1);
  expect(await sumOf(levels)).toEqual(some);
});
