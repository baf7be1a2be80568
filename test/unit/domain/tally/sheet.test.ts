import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { makeSeed } from '../../../../domain/record/batch-id.ts';
import type { RecordId } from '../../../../domain/record/record-id.ts';
import { minuteMs } from '../../../../domain/system/time.ts';
import {
  type ArrivedOnShard,
  DamagedSheet,
  packTallied,
  quarterOf,
  sheetsOf,
  type TalliedRecord,
  unpackTallied,
} from '../../../../domain/tally/sheet.ts';
import { nowMs } from '../../../support/events.ts';
import { lane } from '../../../support/lanes.ts';

const shard = 'events/shardId-000000000000';

const idOf = (receivedAtMs: number, random: Uint8Array): string =>
  Buffer.from(makeSeed(receivedAtMs, random)).toString('base64url');
const anyLane = fc.record({
  tenant: fc.record({
    account: fc.stringMatching(/^[a-z][a-z0-9-]{0,62}$/),
    environment: fc.stringMatching(/^[a-z][a-z0-9-]{0,31}$/),
    generation: fc.integer({ min: 0, max: 0xffff }),
  }),
  slot: fc.integer({ min: 0, max: 255 }),
  late: fc.boolean(),
});
const anyRecord: fc.Arbitrary<TalliedRecord> = fc
  .record({
    lane: anyLane,
    receivedAtMs: fc.integer({ min: 0, max: 9_999_999_999_999 }),
    random: fc.uint8Array({ minLength: 9, maxLength: 9 }),
    part: fc.integer({ min: 0, max: 4095 }),
    events: fc.integer({ min: 0, max: 500 }),
    // Of another release, or of a record that no client could send.
    name: fc.option(fc.stringMatching(/^[A-Za-z0-9_-]{1,20}$/), { nil: undefined }),
  })
  .map(({ random, part, name, ...record }) => ({
    ...record,
    record: `${name ?? idOf(record.receivedAtMs, random)}.${part}` as RecordId,
  }));

const tallied = (index: number): TalliedRecord => ({
  lane,
  record: `${idOf(nowMs, Buffer.alloc(9, index))}.0`,
  receivedAtMs: nowMs,
  events: 10,
});
const arrived = (index: number, atMs = nowMs): ArrivedOnShard => ({
  sequenceNumber: String(1000 + index),
  arrivedAtMs: atMs,
  record: tallied(index),
});

describe('packed records', () => {
  it('are read back as they were, lane by lane, whatever their ids are', () => {
    fc.assert(
      fc.property(fc.array(anyRecord, { maxLength: 20 }), (records) => {
        const read = unpackTallied(packTallied(records));
        const sorted = (list: readonly TalliedRecord[]) =>
          list.map((each) => JSON.stringify(each)).toSorted();
        expect(sorted(read).map((each) => JSON.parse(each))).toEqual(
          sorted(
            records.map(({ lane: of, record, receivedAtMs, events }) => ({
              lane: of,
              record,
              receivedAtMs,
              events,
            })),
          ).map((each) => JSON.parse(each)),
        );
      }),
      { seed: 22 },
    );
  });

  it('take 20 bytes a record, and the key of their lane once', () => {
    const of = (count: number) =>
      packTallied(Array.from({ length: count }, (_, index) => tallied(index))).length;

    expect(of(101) - of(1)).toBe(100 * 20);
  });

  it('that are damaged are not taken for records', () => {
    const packed = Buffer.from(packTallied([tallied(1)]));
    packed.write('#', 1);

    expect(() => unpackTallied(packed)).toThrow(DamagedSheet);
  });
});

describe('the sheets of a batch', () => {
  it('are one for each quarter of an hour in which its records arrived', () => {
    const sheets = sheetsOf(shard, [arrived(1), arrived(2, nowMs + 15 * minuteMs), arrived(3)]);

    expect(sheets).toMatchObject([
      { quarterMs: quarterOf(nowMs), records: 2, events: 20, arrivedToMs: nowMs },
      { quarterMs: quarterOf(nowMs) + 15 * minuteMs, records: 1, events: 10 },
    ]);
  });

  it('are the same for the same batch, and named apart for any other', () => {
    const batch = [arrived(1), arrived(2), arrived(3)];
    const names = (some: readonly ArrivedOnShard[]) => sheetsOf(shard, some).map(({ name }) => name);

    expect(sheetsOf(shard, batch)).toEqual(sheetsOf(shard, batch));
    const others = [batch.slice(0, 2), batch.slice(1), [...batch, arrived(4)]].flatMap(names);
    expect(new Set([...names(batch), ...others]).size).toBe(4);
    expect(sheetsOf('late/shardId-000000000000', batch)[0]?.name).not.toBe(names(batch)[0]);
  });

  it('have a record once that the stream holds twice', () => {
    const again = { ...arrived(1), sequenceNumber: '2000' };

    expect(sheetsOf(shard, [arrived(1), again])).toMatchObject([{ records: 1, events: 10 }]);
  });

  it('name records without a readable header by their sequence numbers', () => {
    const { record: _, ...unreadable } = arrived(7);

    expect(sheetsOf(shard, [unreadable])).toMatchObject([{ records: 0, events: 0, unreadable: ['1007'] }]);
  });

  it('fit into an item each, even if each record is of another lane with the longest names', () => {
    const long = (index: number): ArrivedOnShard => {
      const account = `${'a'.repeat(58)}${String(index).padStart(5, '0')}`;
      const tenant = { account, environment: 'e'.repeat(32), generation: 0xffff };
      const record = `${'x'.repeat(20)}.4095` as RecordId;
      return {
        ...arrived(index),
        record: { ...tallied(1), record, lane: { tenant, slot: 255, late: true } },
      };
    };
    const batch = Array.from({ length: 10_000 }, (_, index) => long(index));

    const sheets = sheetsOf(shard, batch);

    expect(sheets.reduce((sum, { records }) => sum + records, 0)).toBe(10_000);
    for (const sheet of sheets) expect(packTallied(sheet.tallied).length).toBeLessThan(390_000);
  });
});
