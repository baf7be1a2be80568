import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { DynamoCountingLanes } from '../../../adapters/counting/dynamodb-counting-lanes.ts';
import { MemoryLanes } from '../../../adapters/counting/memory-lanes.ts';
import { DynamoDays } from '../../../adapters/documents/dynamodb-days.ts';
import { MemoryDays } from '../../../adapters/documents/memory-days.ts';
import { additionOf, countInto, documentsTouched, marksOf } from '../../../domain/counting/additions.ts';
import type { Lanes } from '../../../domain/counting/port.ts';
import { type DayDocument, type Fold, foldDay } from '../../../domain/documents/day.ts';
import { hoursOfFields } from '../../../domain/documents/day-hours.ts';
import type { VersionedDocument } from '../../../domain/documents/documents.ts';
import { hourFromFields } from '../../../domain/documents/hour-wire.ts';
import type { Days } from '../../../domain/documents/port.ts';
import { lanesOf } from '../../../domain/keys.ts';
import { changeOf, type RecordOutcome } from '../../../domain/storing/record-outcome.ts';
import { dayMs, floorTo, hourMs } from '../../../domain/system/time.ts';
import { events, fresh, nowMs } from '../../support/events.ts';
import { mergeHours } from '../../support/merge-hours.ts';
import { startTables, type TestTables } from '../../support/tables.ts';

type Ports = { lanes: Lanes; days: Days };
let account = 0;
let tables: TestTables;
beforeAll(async () => {
  tables = await startTables();
});
afterAll(() => tables.end());
beforeEach(() => {
  account += 1;
});

const tenant = () => ({ account: `acme-${account}`, environment: 'production', generation: 0 });
const today = floorTo(nowMs, dayMs);
const yesterday = today - dayMs;
const key = () => ({ tenant: tenant(), dayMs: yesterday });

let batch = 0;
type Counted = { at: number; count?: number; slot?: number; late?: boolean };
function record({ at, count = 5, slot = 0, late = false }: Counted): RecordOutcome {
  batch += 1;
  return {
    header: {
      tenant: tenant(),
      batchId: `b${batch}`,
      part: 0,
      parts: 1,
      slot,
      late,
      kind: 'events',
      layout: 1,
      events: count,
      receivedAtMs: nowMs,
      retentionDays: 30,
      region: 'r',
      requestId: 'r',
    },
    ...fresh(events(count, { timestamp: at, user_id: `u${batch}` })),
    duplicates: 0,
    conflicts: 0,
    bytes: 100,
  };
}

/** Counts directly, with a clock that says `countedAtMs`. */
async function count({ lanes }: Ports, outcome: RecordOutcome, countedAtMs = nowMs) {
  const change = changeOf(outcome, countedAtMs);
  const additions = [additionOf(change.to)];
  const documents = countInto(additions, await lanes.documents([...documentsTouched(additions).values()]));
  const marks = marksOf(documents, additions, countedAtMs);
  expect(await lanes.commit({ changes: [change], documents, marks })).toEqual({ outcome: 'committed' });
}
const inTime = yesterday + 3 * hourMs;

/** No lane has a run. */
const noRuns = (slots: number) => lanesOf(tenant(), slots).map((lane) => ({ lane, to: '' }));

async function bothOf({ days }: Ports, slots = 1, foldedTo = noRuns(slots)): Promise<Fold> {
  const found = await days.hours(key(), slots);
  const fold = found && foldDay(key(), { mark: found.mark, slots }, foldedTo, found.hours, nowMs);
  return fold ?? expect.fail('the day was not folded');
}
const foldOf = async (...args: Parameters<typeof bothOf>) => (await bothOf(...args)).day;
const storedFolds = ({ days }: Ports, slots = 1, atMs = nowMs) =>
  days.stored('day', tenant(), slots, yesterday, today, atMs);
const currentFolds = async (...args: Parameters<typeof storedFolds>) =>
  (await storedFolds(...args))
    .filter(({ isCurrent }) => isCurrent)
    .map(({ isCurrent, ...day }): DayDocument => day);
const countsOf = ({ fields }: VersionedDocument | DayDocument) => hourFromFields(fields);
const totalOf = (documents: readonly (VersionedDocument | DayDocument)[] = []) =>
  mergeHours(documents.map(countsOf)).total.count;
/** DynamoDB returns bytes of another class. */
const read = (days: readonly DayDocument[]) => days.map((day) => ({ ...day, fields: countsOf(day) }));

const memory = (): Ports => {
  const lanes = new MemoryLanes();
  return { lanes, days: new MemoryDays(lanes) };
};
const dynamo = (): Ports => ({
  lanes: new DynamoCountingLanes({ aggregates: tables.table('aggregates'), ledger: tables.table('ledger') }),
  days: new DynamoDays(tables.table('aggregates')),
});

describe.each<[string, () => Ports]>([
  ['memory', memory],
  ['DynamoDB', dynamo],
])('days in %s', (_, create) => {
  it('are read as they were stored, and are no hour documents', async () => {
    const ports = create();
    await count(ports, record({ at: yesterday }), inTime);
    await count(ports, record({ at: today - 1 }), inTime);
    const day = await foldOf(ports);

    await ports.days.store(day);

    expect(read(await currentFolds(ports))).toEqual(read([day]));
    expect(totalOf([day])).toBe(10);
    const [lane] = lanesOf(tenant(), 1);
    const hours = lane && (await ports.lanes.documentsBetween(lane, 'hour', yesterday, today));
    expect(hours?.documents).toHaveLength(2);
  });

  it('are stored as two documents, each read by its kind, and stale together', async () => {
    const ports = create();
    await count(ports, record({ at: yesterday }), inTime);
    await count(ports, record({ at: today - 1 }), inTime);
    const { day, hours } = await bothOf(ports);
    const stored = async () => {
      const found = await ports.days.stored('hours', tenant(), 1, yesterday, today, nowMs);
      return found.map(({ isCurrent, fields, ...rest }) => ({
        ...{ isCurrent, rest },
        totals: hoursOfFields(fields).map(([hour, { total }]) => [hour, total]),
      }));
    };
    await ports.days.store(day);
    expect(await stored()).toEqual([]);

    await ports.days.store(hours);

    const { fields: _, ...rest } = hours;
    const totals = [
      [0, 5],
      [23, 5],
    ];
    expect(await stored()).toEqual([{ isCurrent: true, rest, totals }]);
    expect(read(await currentFolds(ports))).toEqual(read([day]));
    await count(ports, record({ at: yesterday }));
    expect(await stored()).toEqual([{ isCurrent: false, rest, totals }]);
    expect(await currentFolds(ports)).toEqual([]);
  });

  it('keep the end of the last run of each lane that is in them', async () => {
    const ports = create();
    await count(ports, record({ at: yesterday }), inTime);
    const foldedTo = noRuns(2).map(({ lane }, index) => ({ lane, to: index === 1 ? '' : `to ${index}` }));
    const day = await foldOf(ports, 2, foldedTo);

    await ports.days.store(day);
    await ports.days.store({ ...day, key: { ...day.key, dayMs: yesterday - dayMs } });

    const found = await ports.days.stored('day', tenant(), 2, yesterday - dayMs, today, nowMs);
    expect(found.map((each) => each.foldedTo)).toEqual(Array(2).fill(['to 0', '', 'to 2', 'to 3']));
  });

  it('are folded from the hours of all lanes, even if these need more than one call', async () => {
    const ports = create();
    for (const slot of [0, 1, 2, 3, 4]) {
      await count(ports, record({ at: yesterday + slot * hourMs, slot }), inTime);
      await count(ports, record({ at: today - 1, slot, late: true }), inTime);
    }
    await count(ports, record({ at: today }));
    await count(ports, record({ at: yesterday - 1 }));

    expect(totalOf((await ports.days.hours(key(), 5))?.hours)).toBe(50);
    expect(totalOf((await ports.days.hours(key(), 2))?.hours)).toBe(20);
  });

  it('have no hours and no mark if nothing was counted', async () => {
    expect(await create().days.hours(key(), 3)).toEqual({ mark: 0, hours: [] });
  });

  it('are no longer current once something was counted into them late', async () => {
    const ports = create();
    await count(ports, record({ at: yesterday }), inTime);
    await ports.days.store(await foldOf(ports));

    await count(ports, record({ at: yesterday }));

    expect(await currentFolds(ports)).toEqual([]);
    await ports.days.store(await foldOf(ports));
    expect(totalOf(await currentFolds(ports))).toBe(10);
  });

  it('are not current if something was counted between reading their hours and storing them', async () => {
    const ports = create();
    await count(ports, record({ at: yesterday }), inTime);
    const raced = await foldOf(ports);
    await count(ports, record({ at: yesterday }));

    await ports.days.store(raced);

    expect(await currentFolds(ports)).toEqual([]);
  });

  it('are not replaced by a fold with an earlier mark or of fewer slots', async () => {
    const ports = create();
    await count(ports, record({ at: yesterday }), inTime);
    const early = await foldOf(ports, 2);
    await count(ports, record({ at: yesterday, slot: 1 }));
    const late = await foldOf(ports, 2);
    await ports.days.store(late);

    await ports.days.store(early);
    await ports.days.store(await foldOf(ports, 1));

    expect(read(await currentFolds(ports, 2))).toEqual(read([late]));
  });

  it('are current for at most as many slots as they were folded from, and until they expire', async () => {
    const ports = create();
    await count(ports, record({ at: yesterday }), inTime);
    const day = await foldOf(ports, 2);
    await ports.days.store(day);

    expect(read(await currentFolds(ports, 1))).toEqual(read([day]));
    expect(await currentFolds(ports, 3)).toEqual([]);
    expect(read(await currentFolds(ports, 2, day.expiresAtMs - 1))).toEqual(read([day]));
    expect(await currentFolds(ports, 2, day.expiresAtMs)).toEqual([]);
  });

  it('are still stored once they are stale, and not if they lack a slot or have expired', async () => {
    const ports = create();
    await count(ports, record({ at: yesterday }), inTime);
    const day = await foldOf(ports, 2);

    await ports.days.store(day);
    await count(ports, record({ at: yesterday }));

    const atMs = async (...args: [slots: number, atMs?: number]) =>
      (await storedFolds(ports, ...args)).map(({ isCurrent, madeAtMs, hourBytes }) => [
        isCurrent,
        madeAtMs,
        hourBytes,
      ]);
    expect(await atMs(2)).toEqual([[false, nowMs, day.hourBytes]]);
    expect(await atMs(1)).toHaveLength(1);
    expect(await atMs(3)).toEqual([]);
    expect(await atMs(2, day.expiresAtMs - 1)).toHaveLength(1);
    expect(await atMs(2, day.expiresAtMs)).toEqual([]);
    expect(day.hourBytes).toBeGreaterThan(50);
  });

  it('that are too large replace earlier folds and are replaced by later ones, never the other way round', async () => {
    const ports = create();
    await count(ports, record({ at: yesterday }), inTime);
    const early = await foldOf(ports);
    await ports.days.store(early);
    await count(ports, record({ at: yesterday }));
    const late = await foldOf(ports);

    await ports.days.store(late);
    await ports.days.store(early);
    expect(read(await currentFolds(ports))).toEqual(read([late]));

    await count(ports, record({ at: yesterday }));
    const last = await foldOf(ports);
    await ports.days.store(last);
    await ports.days.store(late);
    expect(read(await currentFolds(ports))).toEqual(read([last]));
  });

  it('are read by range, from the first day up to and without the last, and only for their tenant', async () => {
    const ports = create();
    for (const ago of [1, 2, 3, 4]) {
      const start = today - ago * dayMs;
      await count(ports, record({ at: start }), start);
      const found = await ports.days.hours({ tenant: tenant(), dayMs: start }, 1);
      const state = { mark: 0, slots: 1 };
      const day = foldDay(
        { tenant: tenant(), dayMs: start },
        state,
        noRuns(1),
        found?.hours ?? [],
        nowMs,
      )?.day;
      await ports.days.store(day ?? expect.fail('nothing was counted'));
    }
    const other = { ...tenant(), environment: 'staging' };

    const found = await ports.days.stored('day', tenant(), 1, today - 3 * dayMs, yesterday, nowMs);

    expect(found.map((day) => day.key.dayMs).toSorted()).toEqual([today - 3 * dayMs, today - 2 * dayMs]);
    expect(await ports.days.stored('day', other, 1, today - 4 * dayMs, today, nowMs)).toEqual([]);
  });

  it('hold everything that was counted if their mark is current, however counts and folds race', async () => {
    const ports = create();
    await count(ports, record({ at: yesterday }), inTime);
    const counting = async () => {
      for (let index = 0; index < 8; index += 1)
        await count(ports, record({ at: yesterday + index * hourMs }));
    };
    const folding = async () => {
      for (let index = 0; index < 12; index += 1) {
        const found = await ports.days.hours(key(), 3);
        const day =
          found && foldDay(key(), { mark: found.mark, slots: 3 }, noRuns(3), found.hours, nowMs)?.day;
        if (day) await ports.days.store(day);
        for (const each of await currentFolds(ports, 3))
          expect(totalOf([each])).toBe(5 * (each.state.mark + 1));
      }
    };

    await Promise.all([counting(), folding(), folding()]);

    await ports.days.store(await foldOf(ports, 3));
    expect(totalOf(await currentFolds(ports, 3))).toBe(45);
  });
});
