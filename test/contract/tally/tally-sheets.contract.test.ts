import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { DynamoTallySheets } from '../../../adapters/tally/dynamodb-tally-sheets.ts';
import { MemoryTallySheets } from '../../../adapters/tally/memory-tally-sheets.ts';
import { makeSeed } from '../../../domain/record/batch-id.ts';
import type { TallySheets } from '../../../domain/tally/port.ts';
import { quarterMs, quarterOf, type Sheet, sheetsOf } from '../../../domain/tally/sheet.ts';
import { nowMs } from '../../support/events.ts';
import { lane } from '../../support/lanes.ts';
import { startTables, type TestTables } from '../../support/tables.ts';

let tables: TestTables;
beforeAll(async () => {
  tables = await startTables();
});
afterAll(() => tables.end());

/** A quarter of an hour of its own for each test. */
let quarters = 0;
const nextQuarterMs = (): number => {
  quarters += 1;
  return quarterOf(nowMs) + quarters * 10 * quarterMs;
};

function sheetOf(first: number, records: number, arrivedAtMs: number): Sheet {
  const arrived = Array.from({ length: records }, (_, index) => ({
    sequenceNumber: String(first + index),
    arrivedAtMs,
    record: {
      lane,
      record: `${Buffer.from(makeSeed(arrivedAtMs, Buffer.alloc(9, first + index))).toString('base64url')}.0`,
      receivedAtMs: arrivedAtMs,
      events: 3,
    } as const,
  }));
  const [sheet] = sheetsOf('events/shardId-000000000000', [
    ...arrived,
    { sequenceNumber: String(first + records), arrivedAtMs },
  ]);
  return sheet ?? expect.fail('there is no sheet');
}

const namesOf = async (sheets: AsyncIterable<{ readonly name: string }>) =>
  (await Array.fromAsync(sheets)).map(({ name }) => name);
const amountsOf = ({ quarterMs: quarter, name, records, events, arrivedToMs }: Sheet) => ({
  ...{ quarterMs: quarter, name, records, events, arrivedToMs },
});

describe.each<[string, () => TallySheets]>([
  ['memory', () => new MemoryTallySheets()],
  ['DynamoDB', () => new DynamoTallySheets(tables.table('ledger'))],
])('tally sheets in %s', (_, create) => {
  it('are found as they were put, by their quarter of an hour and by their place', async () => {
    const sheets = create();
    const atMs = nextQuarterMs();
    const [first, second, later] = [
      sheetOf(100, 2, atMs),
      sheetOf(200, 1, atMs),
      sheetOf(300, 1, atMs + quarterMs),
    ];
    await sheets.put([second, later, first]);

    expect(await Array.fromAsync(sheets.ofQuarter(quarterOf(atMs)))).toEqual([first, second]);
    expect(await sheets.find([first, { ...first, name: 'none' }])).toEqual([first]);
    await sheets.close([first, second, later]);
  });

  it('are open until they are closed, oldest first, and stay', async () => {
    const sheets = create();
    const atMs = nextQuarterMs();
    const [older, newer] = [sheetOf(900, 1, atMs), sheetOf(100, 1, atMs + quarterMs)];
    await sheets.put([newer, older]);
    expect(await Array.fromAsync(sheets.open())).toEqual([amountsOf(older), amountsOf(newer)]);

    await sheets.close([older]);

    expect(await namesOf(sheets.open())).toEqual([newer.name]);
    expect(await sheets.find([older])).toEqual([older]);
    await sheets.close([newer]);
  });

  it('are the same when they are put again, and open again', async () => {
    const sheets = create();
    const sheet = sheetOf(100, 3, nextQuarterMs());
    await sheets.put([sheet]);
    await sheets.close([sheet]);

    await sheets.put([sheet]);

    expect(await namesOf(sheets.open())).toEqual([sheet.name]);
    expect(await Array.fromAsync(sheets.ofQuarter(sheet.quarterMs))).toEqual([sheet]);
    await sheets.close([sheet]);
  });

  it('are put and closed in any number', async () => {
    const sheets = create();
    const atMs = nextQuarterMs();
    const many = Array.from({ length: 60 }, (_, index) => sheetOf(1000 + 10 * index, 1, atMs));

    await sheets.put(many);

    expect(await namesOf(sheets.open())).toHaveLength(60);
    await sheets.close(many);
    expect(await namesOf(sheets.open())).toEqual([]);
    expect(await namesOf(sheets.ofQuarter(quarterOf(atMs)))).toHaveLength(60);
  });
});
