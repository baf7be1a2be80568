// What the tally writes for a million records, against an update of a counter before each 202, which is one unit a record.
// Computed from the items of each invocation by DynamoDB's rules: one unit for each started KB. Nothing is called.

import { toOpenItem, toSheetItem } from '../adapters/tally/dynamodb-tally-sheets.ts';
import { makeSeed, seedRandomBytes } from '../domain/record/batch-id.ts';
import { type ArrivedOnShard, sheetsOf } from '../domain/tally/sheet.ts';
import { seededRandom } from '../test/support/clock.ts';
import { tenantOf } from '../test/support/lanes.ts';
import { itemBytes, type WireItem, type WireValue } from './consume-bench/item-size.ts';

const random = seededRandom(67);
const startMs = Date.parse('2026-11-30T10:00:00.000Z');
const eventsOfRecord = 100;

/** `records`: of one invocation. `lanes`: among which they are. */
const loads = [
  { load: 'a full shard, 10 KB a record: 6 MB', records: 450, lanes: 10 },
  { load: 'a full shard, 10 KB a record, many accounts', records: 450, lanes: 450 },
  { load: 'a full shard, 1 KB a record: 6 MB', records: 4500, lanes: 100 },
  { load: 'ten records a minute', records: 10, lanes: 3 },
  { load: 'a record a minute', records: 1, lanes: 1 },
];

function arrive(records: number, lanes: number): ArrivedOnShard[] {
  return Array.from({ length: records }, (_, index) => {
    const receivedAtMs = startMs + index;
    const seed = Buffer.from(makeSeed(receivedAtMs, random.bytes(seedRandomBytes))).toString('base64url');
    const lane = { tenant: tenantOf(`account-${index % lanes}`), slot: 0, late: false };
    return {
      sequenceNumber: `496${String(index).padStart(53, '0')}`,
      arrivedAtMs: receivedAtMs,
      record: { lane, record: `${seed}.0` as const, receivedAtMs, events: eventsOfRecord },
    };
  });
}

const toWire = (value: unknown): WireValue => {
  if (typeof value === 'number') return { N: String(value) };
  return value instanceof Uint8Array ? { B: Buffer.from(value).toString('base64') } : { S: String(value) };
};
const bytesOf = (item: Readonly<Record<string, unknown>>): number =>
  itemBytes(
    Object.fromEntries(Object.entries(item).map(([name, value]) => [name, toWire(value)])) as WireItem,
  );
const sum = (values: readonly number[]): number => values.reduce((total, value) => total + value, 0);

const rows = loads.map(({ load, records, lanes }) => {
  const sheets = sheetsOf('events/shardId-000000000000', arrive(records, lanes));
  const stored = sum(sheets.map((sheet) => bytesOf(toSheetItem(sheet))));
  const units = sum(
    sheets.flatMap((sheet) => [
      Math.ceil(bytesOf(toSheetItem(sheet)) / 1024),
      // Put, and deleted when all records have an outcome.
      2 * Math.ceil(bytesOf(toOpenItem(sheet)) / 1024),
    ]),
  );
  return {
    load,
    'bytes a record': Math.round(stored / records),
    'write units a million records': Math.round((units / records) * 1e6),
    'a million events, 100 a record': Math.round((units / records / eventsOfRecord) * 1e6),
    'of an update before each 202': `1/${(records / units).toFixed(1)}`,
  };
});
console.table(rows);
