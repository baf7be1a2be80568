import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { DynamoAggregates } from '../../adapters/documents/dynamodb-aggregates.ts';
import { DynamoDays } from '../../adapters/documents/dynamodb-days.ts';
import { DynamoCounts } from '../../adapters/storing/dynamodb-counts.ts';
import { MemoryCounts } from '../../adapters/storing/memory-counts.ts';
import { type DayDocument, type FoldedDay, foldDay, isFolded } from '../../domain/documents/day.ts';
import type { VersionedDocument } from '../../domain/documents/documents.ts';
import { hourFromFields, mergeHours } from '../../domain/documents/hour.ts';
import type { Aggregates, Days } from '../../domain/documents/port.ts';
import { countRecords, documentsTouched, marksOf } from '../../domain/storing/counting.ts';
import type { Counts } from '../../domain/storing/port.ts';
import { changeOf, type RecordOutcome } from '../../domain/storing/record-outcome.ts';
import { dayMs, floorTo, hourMs } from '../../domain/system/time.ts';
import { events, nowMs } from '../support/events.ts';
import { startTables, type TestTables } from '../support/tables.ts';

type Ports = { counts: Counts; days: Days; aggregates: Aggregates };
let account = 0;
let tables: TestTables;
beforeAll(async () => {
  tables = await startTables();
});
afterAll(() => tables.end());
beforeEach(() => {
  account += 1;
});

const tenant = () => ({ account: `acme-${account}`, environment: 'production' });
const today = floorTo(nowMs, dayMs);
const yesterday = today - dayMs;
const key = () => ({ tenant: tenant(), dayMs: yesterday });

let batch = 0;
function record({ at, count = 5, slot = 0 }: { at: number; count?: number; slot?: number }): RecordOutcome {
  batch += 1;
  return {
    header: {
      tenant: tenant(),
      batchId: `b${batch}`,
      part: 0,
      parts: 1,
      slot,
      layout: 1,
      events: count,
      receivedAtMs: nowMs,
      retentionDays: 30,
      region: 'r',
      requestId: 'r',
    },
    fresh: events(count, { timestamp: at, user_id: `u${batch}` }),
    duplicates: 0,
    conflicts: 0,
    bytes: 100,
  };
}

/** By a counter whose clock says `countedAtMs`. */
async function count({ counts }: Ports, fate: RecordOutcome, countedAtMs = nowMs) {
  const found = await counts.documents([...documentsTouched([fate]).values()]);
  const result = await counts.commit({
    changes: [changeOf(fate, countedAtMs)],
    documents: countRecords([fate], found),
    marks: marksOf([fate], countedAtMs),
  });
  expect(result).toEqual({ outcome: 'committed' });
}
const inTime = yesterday + 3 * hourMs;

async function foldOf({ days }: Ports, slots = 1): Promise<FoldedDay> {
  const found = await days.hours(key(), slots);
  const day = found && foldDay(key(), { mark: found.mark, slots }, found.hours, nowMs);
  return day && isFolded(day) ? day : expect.fail('the day was not folded');
}
const good = ({ days }: Ports, slots = 1, atMs = nowMs) => days.good(tenant(), slots, yesterday, today, atMs);
type Counted = VersionedDocument | DayDocument;
const countsOf = ({ fields }: Counted) => hourFromFields(fields ?? expect.fail('it is without fields'));
const totalOf = (documents: readonly Counted[] = []) => mergeHours(documents.map(countsOf)).total;
/** As one whose names do not fit. */
const tooLarge = (day: DayDocument): DayDocument => ({ ...day, fields: undefined });

/** What a table gives back is bytes of another class. */
const read = (days: readonly DayDocument[]) => days.map((day) => ({ ...day, fields: countsOf(day) }));

const memory = (): Ports => {
  const counts = new MemoryCounts();
  return { counts, days: counts, aggregates: counts };
};
const dynamo = (): Ports => ({
  counts: new DynamoCounts({ aggregates: tables.table('aggregates'), ledger: tables.table('ledger') }),
  days: new DynamoDays(tables.table('aggregates')),
  aggregates: new DynamoAggregates(tables.table('aggregates')),
});

describe.each<[string, () => Ports]>([
  ['memory', memory],
  ['DynamoDB', dynamo],
])('days in %s', (_, create) => {
  it('come back as they were kept, and are no hours', async () => {
    const ports = create();
    await count(ports, record({ at: yesterday }), inTime);
    await count(ports, record({ at: today - 1 }), inTime);
    const day = await foldOf(ports);

    await ports.days.keep(day);

    expect(read(await good(ports))).toEqual(read([day]));
    expect(totalOf([day])).toBe(10);
    expect(await ports.aggregates.range(tenant(), 0, 'hour', yesterday, today)).toHaveLength(2);
  });

  it('are read with the hours of all slots, of more than one call takes', async () => {
    const ports = create();
    for (const slot of [0, 1, 2, 3, 4]) {
      await count(ports, record({ at: yesterday + slot * hourMs, slot }), inTime);
      await count(ports, record({ at: today - 1, slot }), inTime);
    }
    await count(ports, record({ at: today }));
    await count(ports, record({ at: yesterday - 1 }));

    expect(totalOf((await ports.days.hours(key(), 5))?.hours)).toBe(50);
    expect(totalOf((await ports.days.hours(key(), 2))?.hours)).toBe(20);
  });

  it('have no hours and no mark where nothing was counted', async () => {
    expect(await create().days.hours(key(), 3)).toEqual({ mark: 0, hours: [] });
  });

  it('are no longer good once something was counted into them late', async () => {
    const ports = create();
    await count(ports, record({ at: yesterday }), inTime);
    await ports.days.keep(await foldOf(ports));

    await count(ports, record({ at: yesterday }));

    expect(await good(ports)).toEqual([]);
    await ports.days.keep(await foldOf(ports));
    expect(totalOf(await good(ports))).toBe(10);
  });

  it('are not good where a count came between the read of their hours and keeping them', async () => {
    const ports = create();
    await count(ports, record({ at: yesterday }), inTime);
    const raced = await foldOf(ports);
    await count(ports, record({ at: yesterday }));

    await ports.days.keep(raced);

    expect(await good(ports)).toEqual([]);
  });

  it('are not replaced by a fold of an earlier mark, or of fewer slots', async () => {
    const ports = create();
    await count(ports, record({ at: yesterday }), inTime);
    const early = await foldOf(ports, 2);
    await count(ports, record({ at: yesterday, slot: 1 }));
    const late = await foldOf(ports, 2);
    await ports.days.keep(late);

    await ports.days.keep(early);
    await ports.days.keep(await foldOf(ports, 1));

    expect(read(await good(ports, 2))).toEqual(read([late]));
  });

  it('are good for as many slots as they are of or fewer, and for their time', async () => {
    const ports = create();
    await count(ports, record({ at: yesterday }), inTime);
    const day = await foldOf(ports, 2);
    await ports.days.keep(day);

    expect(read(await good(ports, 1))).toEqual(read([day]));
    expect(await good(ports, 3)).toEqual([]);
    expect(read(await good(ports, 2, day.expiresAtMs - 1))).toEqual(read([day]));
    expect(await good(ports, 2, day.expiresAtMs)).toEqual([]);
  });

  it('are remembered as too large while their mark and slots are the present ones, and for their time', async () => {
    const ports = create();
    await count(ports, record({ at: yesterday }), inTime);
    const day = tooLarge(await foldOf(ports, 2));

    await ports.days.keep(day);

    expect(await good(ports, 2)).toEqual([day]);
    expect(await good(ports, 1)).toEqual([day]);
    expect(await good(ports, 3)).toEqual([]);
    expect(await good(ports, 2, day.expiresAtMs - 1)).toEqual([day]);
    expect(await good(ports, 2, day.expiresAtMs)).toEqual([]);
    await count(ports, record({ at: yesterday }));
    expect(await good(ports, 2)).toEqual([]);
  });

  it('that are too large take the place of earlier folds and give it up to later ones, never the other way', async () => {
    const ports = create();
    await count(ports, record({ at: yesterday }), inTime);
    const early = await foldOf(ports);
    await ports.days.keep(early);
    await count(ports, record({ at: yesterday }));
    const late = tooLarge(await foldOf(ports));

    await ports.days.keep(late);
    await ports.days.keep(early);
    expect(await good(ports)).toEqual([late]);

    await count(ports, record({ at: yesterday }));
    const last = await foldOf(ports);
    await ports.days.keep(last);
    await ports.days.keep(late);
    expect(read(await good(ports))).toEqual(read([last]));
  });

  it('are those of the range, the first one in and the last one out, and of nobody else', async () => {
    const ports = create();
    for (const ago of [1, 2, 3, 4]) {
      const start = today - ago * dayMs;
      await count(ports, record({ at: start }), start);
      const found = await ports.days.hours({ tenant: tenant(), dayMs: start }, 1);
      const state = { mark: 0, slots: 1 };
      const day = foldDay({ tenant: tenant(), dayMs: start }, state, found?.hours ?? [], nowMs);
      await ports.days.keep(day ?? expect.fail('nothing was counted'));
    }
    const other = { ...tenant(), environment: 'staging' };

    const found = await ports.days.good(tenant(), 1, today - 3 * dayMs, yesterday, nowMs);

    expect(found.map((day) => day.key.dayMs).toSorted()).toEqual([today - 3 * dayMs, today - 2 * dayMs]);
    expect(await ports.days.good(other, 1, today - 4 * dayMs, today, nowMs)).toEqual([]);
  });

  it('hold what was counted whenever their mark is the present one, however counts and folds race', async () => {
    const ports = create();
    await count(ports, record({ at: yesterday }), inTime);
    const counting = async () => {
      for (let index = 0; index < 8; index += 1)
        await count(ports, record({ at: yesterday + index * hourMs }));
    };
    const folding = async () => {
      for (let index = 0; index < 12; index += 1) {
        const found = await ports.days.hours(key(), 3);
        const day = found && foldDay(key(), { mark: found.mark, slots: 3 }, found.hours, nowMs);
        if (day) await ports.days.keep(day);
        for (const each of await good(ports, 3)) expect(totalOf([each])).toBe(5 * (each.state.mark + 1));
      }
    };

    await Promise.all([counting(), folding(), folding()]);

    await ports.days.keep(await foldOf(ports, 3));
    expect(totalOf(await good(ports, 3))).toBe(45);
  });
});
