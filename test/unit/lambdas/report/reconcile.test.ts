import { beforeEach, describe, expect, it } from 'vitest';
import { MemoryLanes } from '../../../../adapters/counting/memory-lanes.ts';
import { MemoryTallySheets } from '../../../../adapters/tally/memory-tally-sheets.ts';
import type { Receipt } from '../../../../domain/counting/receipt.ts';
import type { Lane } from '../../../../domain/keys.ts';
import { hourMs, minuteMs, secondMs } from '../../../../domain/system/time.ts';
import { sheetsOf, type TalliedRecord } from '../../../../domain/tally/sheet.ts';
import { reconcile } from '../../../../lambdas/report/reconcile.ts';
import { TestClock } from '../../../support/clock.ts';
import { nowMs } from '../../../support/events.ts';
import { lane, laneReceipt, lateLane, tenantOf } from '../../../support/lanes.ts';
import { recordOf } from '../../cli/records-fixture.ts';

let sheets: MemoryTallySheets;
let lanes: MemoryLanes;
let clock: TestClock;
let generations: Map<string, number>;
let lines: [string, object][];
beforeEach(() => {
  sheets = new MemoryTallySheets();
  // Small pages show that ranges are read to their end.
  lanes = new MemoryLanes(7);
  clock = new TestClock(nowMs + minuteMs);
  generations = new Map();
  lines = [];
});
const log = (message: string, fields: object) => void lines.push([message, fields]);
const logger = { error: log, warn: log } as never;
const look = (mayGoOn = () => true) =>
  reconcile({ sheets, lanes, clock, logger, generations: { find: async () => generations } }, mayGoOn);
const openSheets = async () => (await Array.fromAsync(sheets.open())).length;

const tallied = (name: string, of: Lane = lane, receivedAtMs = nowMs): TalliedRecord => ({
  ...{ lane: of, receivedAtMs, events: 10 },
  record: recordOf(name, receivedAtMs),
});
let sequence = 0;
const tally = (records: readonly TalliedRecord[], arrivedAtMs = nowMs) =>
  sheets.put(
    sheetsOf(
      'events/shard-0',
      records.map((record) => {
        sequence += 1;
        return { sequenceNumber: String(sequence), arrivedAtMs, record };
      }),
    ),
  );
const counted = { accepted: 10, stored: 6, duplicates: 3, conflicts: 1 };
const settle = ({ lane: of, record, receivedAtMs }: TalliedRecord, parts: Partial<Receipt> = {}) =>
  lanes.putReceipts([laneReceipt('r', { ...counted, lane: of, record, receivedAtMs, ...parts })]);

const balanced = { missing: 0, inFlight: 0 };

describe('what was acknowledged', () => {
  it('is in flight, then missing after 15 minutes, and neither once it has an outcome', async () => {
    const record = tallied('a');
    await tally([record]);
    expect(await look()).toEqual({ missing: 0, inFlight: 1 });

    clock.nowMs = nowMs + 15 * minuteMs;
    expect(await look()).toEqual({ missing: 10, inFlight: 1 });
    expect(lines).toEqual([
      [
        'acknowledged events have no outcome',
        expect.objectContaining({ account: 'acme', records: 1, events: 10, first: [record.record] }),
      ],
    ]);

    await settle(record);
    expect(await look()).toEqual(balanced);
    expect(await openSheets()).toBe(0);
  });

  it.each([
    ['counted', counted],
    ['quarantined', { state: 'quarantined', stored: 0, duplicates: 0, conflicts: 0 }],
    ['discarded', { state: 'discarded', stored: 0, duplicates: 0, conflicts: 0 }],
  ] as const)('has an outcome if its receipt is %s', async (_, parts) => {
    const record = tallied('a');
    await tally([record]);
    await settle(record, { ...parts, accepted: 10 });

    expect(await look()).toEqual(balanced);
  });

  it('has none if the receipt is void, which another record has put', async () => {
    const record = tallied('a');
    await tally([record]);
    await settle(record, { state: 'void', accepted: 0, stored: 0, duplicates: 0, conflicts: 0 });

    expect(await look()).toEqual({ missing: 0, inFlight: 1 });
  });

  it('is missing in part if its receipt has fewer events, or more', async () => {
    const [fewer, more] = [tallied('fewer'), tallied('more')];
    await tally([fewer, more]);
    await settle(fewer, { stored: 4 });
    await settle(more, { stored: 7 });
    clock.nowMs = nowMs + hourMs;

    expect(await look()).toEqual({ missing: 3, inFlight: 0 });
    expect(await openSheets()).toBe(1);
  });

  it('counts once if the stream has it twice', async () => {
    const record = tallied('a');
    await tally([record]);
    await tally([record]);
    clock.nowMs = nowMs + hourMs;

    expect(await look()).toEqual({ missing: 10, inFlight: 1 });
  });

  it('is dropped with its account', async () => {
    await tally([tallied('a')]);
    generations.set('acme', 1);

    expect(await look()).toEqual(balanced);
    expect(await openSheets()).toBe(0);
  });

  it('of another account is not', async () => {
    await tally([tallied('a'), tallied('b', { ...lane, tenant: tenantOf('other') })]);
    generations.set('acme', 1);

    expect(await look()).toEqual({ missing: 0, inFlight: 1 });
  });
});

describe('many records', () => {
  const many = (count: number, of: Lane = lane) =>
    Array.from({ length: count }, (_, index) =>
      tallied(`${of.slot}${of.late}${index}`, of, nowMs - index * secondMs),
    );

  it('are compared lane by lane, those of late events too, and one without a receipt is found', async () => {
    const records = [...many(120), ...many(80, lateLane), ...many(3, { ...lane, slot: 2 })];
    await tally(records);
    for (const record of records) await settle(record);
    expect(await look()).toEqual(balanced);

    await tally(records);
    const [receipt] = lanes.stored.keys();
    lanes.stored.delete(receipt ?? '');
    expect(await look()).toEqual({ missing: 0, inFlight: 1 });
  });

  it('may have one whose batch was received a day before, and sent again with its idempotency key', async () => {
    const records = [...many(100), tallied('sent again', lane, nowMs - 23 * hourMs)];
    await tally(records);
    for (const record of records) await settle(record);

    expect(await look()).toEqual(balanced);
  });

  it('are left open where there is no time: they are in flight, and a line says so', async () => {
    await tally(many(4));

    expect(await look(() => false)).toEqual({ missing: 0, inFlight: 4 });
    expect(await openSheets()).toBe(1);
    expect(lines).toEqual([['there was no time to compare all of the tally', { unread: 4 }]]);
  });

  it('are read once: a sheet whose records all have an outcome is not read again', async () => {
    const [decided, waiting] = [many(3), many(2, lateLane)];
    await tally(decided);
    await tally(waiting);
    for (const record of decided) await settle(record);
    await look();

    const read: string[] = [];
    const { receipts } = lanes;
    lanes.receipts = async (places) => {
      read.push(...places.map(({ record }) => record));
      return receipts.call(lanes, places);
    };
    await look();

    expect(read.toSorted()).toEqual(waiting.map(({ record }) => record as string).toSorted());
  });
});
