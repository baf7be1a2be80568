import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { otherName } from '../../../../domain/documents/names.ts';
import {
  countInto,
  groupsFromBytes,
  groupsToBytes,
  mostGroups,
  mostGroupsOfCode,
  type RejectionHour,
  type RejectionRecord,
} from '../../../../domain/rejections/rejection-hour.ts';
import { floorTo, hourMs, minuteMs } from '../../../../domain/system/time.ts';
import { nowMs } from '../../../support/events.ts';
import { rejectionRecord } from '../../../support/rejections.ts';

const startMs = floorTo(nowMs, hourMs);
const empty: RejectionHour = { startMs, version: 0, groups: [] };
const counted = (records: readonly RejectionRecord[], from = empty) => {
  const { hours, samples } = countInto([from], records);
  return { hour: hours[0] ?? from, samples };
};
const madeUp = (index: number, code = 'unknown_field') =>
  rejectionRecord(`made-up-${index}`, { counts: [{ code, field: `field ${index}`, count: 1 }], samples: [] });

describe('an hour of rejections', () => {
  it('counts by code, field, key and client, with the first and the last time', () => {
    const other = { client: 'python-requests/2.32.3' };
    const records = [
      rejectionRecord('one'),
      rejectionRecord('two', {}, nowMs + minuteMs),
      rejectionRecord('three', other),
    ];

    const { hour } = counted(records);

    const name = { code: 'missing_field', field: 'type', keyId: 'abcdefabcdef' };
    expect(hour.groups).toEqual([
      { ...name, client: 'curl/8.5.0', count: 2, firstMs: nowMs, lastMs: nowMs + minuteMs },
      { ...name, ...other, count: 1, firstMs: nowMs, lastMs: nowMs },
    ]);
  });

  it('keeps the last sample of each code and field', () => {
    const sample = { code: 'missing_field', field: 'type', message: 'the later one' };
    const later = rejectionRecord('later', { samples: [sample] }, nowMs + minuteMs);

    for (const records of [
      [rejectionRecord('one'), later],
      [later, rejectionRecord('one')],
    ])
      expect(counted(records).samples).toEqual([{ ...sample, seenAtMs: nowMs + minuteMs }]);
  });

  it('leaves room to other codes if a client makes up names of fields, and keeps no samples of what is past the cap', () => {
    const many = Array.from({ length: 300 }, (_, index) => madeUp(index));
    const { hour } = counted(many);
    expect(hour.groups).toHaveLength(mostGroupsOfCode + 1);
    expect(hour.groups.at(-1)).toMatchObject({
      code: 'unknown_field',
      field: otherName,
      count: 300 - mostGroupsOfCode,
    });

    const sample = { code: 'unknown_field', field: 'one more', message: '' };
    const more = rejectionRecord('more', { counts: [{ ...sample, count: 2 }], samples: [sample] });
    const after = counted([more, rejectionRecord('usual')], hour);

    expect(after.samples.map(({ code }) => code)).toEqual(['missing_field']);
    expect(after.hour.groups.find(({ field }) => field === otherName)?.count).toBe(302 - mostGroupsOfCode);
    expect(after.hour.groups.at(-1)).toMatchObject({ code: 'missing_field', field: 'type', count: 1 });
  });

  it('is what it was after it was stored, and small', () => {
    const codes = ['unknown_field', 'invalid_field', 'missing_field', 'metadata_too_large'];
    const long = codes.flatMap((code) =>
      Array.from({ length: 30 }, (_, index) =>
        rejectionRecord(`${code}-${index}`, {
          client: `${index}`.repeat(64).slice(0, 64),
          counts: [{ code, field: `${index}`.repeat(128).slice(0, 128), count: 1_000_000 }],
        }),
      ),
    );
    const { hour } = counted(long);

    const bytes = groupsToBytes(hour.groups);

    expect(groupsFromBytes(bytes)).toEqual(hour.groups);
    expect(hour.groups.length).toBeLessThanOrEqual(mostGroups + codes.length);
    expect(bytes.length).toBeLessThan(20 * 1024);
    expect(groupsToBytes(counted([rejectionRecord('one')]).hour.groups).length).toBeLessThan(150);
  });

  it('counts every rejection under its code, in whatever order and in however many steps', () => {
    const codes = ['unknown_field', 'missing_field', 'invalid_json'];
    const record = fc
      .array(fc.tuple(fc.constantFrom(...codes), fc.nat({ max: 60 }), fc.integer({ min: 1, max: 9 })), {
        minLength: 1,
        maxLength: 4,
      })
      .map((rows) => rows.map(([code, field, count]) => ({ code, field: `f${field}`, count })));
    fc.assert(
      fc.property(fc.array(fc.array(record, { maxLength: 20 }), { maxLength: 10 }), (steps) => {
        let hour = empty;
        for (const [step, lists] of steps.entries())
          hour = counted(
            lists.map((counts, index) => rejectionRecord(`${step}-${index}`, { counts, samples: [] })),
            hour,
          ).hour;

        const all = steps.flat(2);
        for (const code of codes) {
          const sum = (rows: readonly { code: string; count: number }[]) =>
            rows.reduce((total, row) => total + (row.code === code ? row.count : 0), 0);
          expect(sum(hour.groups)).toBe(sum(all));
        }
      }),
      { numRuns: 60, seed: 21 },
    );
  });
});
