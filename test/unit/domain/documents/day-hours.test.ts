import fc from 'fast-check';
import { expect, it } from 'vitest';
import { DayHours, hoursOfFields } from '../../../../domain/documents/day-hours.ts';
import { deltasOf, insertDeltas } from '../../../../domain/documents/delta.ts';
import { noUsers } from '../../../../domain/documents/distinct-users.ts';
import { type DocumentFields, fieldBytes } from '../../../../domain/documents/documents.ts';
import { emptyHour, type HourCounts } from '../../../../domain/documents/hour.ts';
import { hourFromWire, hourToFields, hourWireOf } from '../../../../domain/documents/hour-wire.ts';
import { otherName } from '../../../../domain/documents/names.ts';
import { maxDayHoursBytes } from '../../../../domain/documents/size-limits.ts';
import { addStats, noStats, type Stats } from '../../../../domain/documents/stats.ts';
import { noTopUsers } from '../../../../domain/documents/top-users.ts';
import type { AcceptedEvent } from '../../../../domain/event/event.ts';
import { floorTo, hourMs } from '../../../../domain/system/time.ts';
import { seededRandom } from '../../../support/clock.ts';
import { anyEvents, event, nowMs } from '../../../support/events.ts';
import { mergeHours } from '../../../support/merge-hours.ts';

/** In one hour, as documents of lanes have them. */
const atMs = floorTo(nowMs, hourMs);
const hourOf = (list: readonly AcceptedEvent[]): HourCounts => {
  const hour = emptyHour();
  insertDeltas(
    hour,
    deltasOf(list.map((each) => ({ ...each, timestamp: atMs + (each.timestamp % hourMs) }))).values(),
  );
  return hour;
};
const fieldsOf = (documents: readonly (readonly [hour: number, counts: HourCounts])[]): DocumentFields => {
  const hours = new DayHours();
  for (const [hour, counts] of documents) {
    const wire = hourWireOf(hourToFields(counts));
    if (wire) hours.add(hour, wire);
  }
  return hours.toFields();
};
const read = (fields: DocumentFields) =>
  hoursOfFields(fields).map(([hour, wire]) => [hour, hourFromWire(wire)] as const);

it('the hours of a day are the merge of each, without users, in whatever order its documents come', () => {
  const documents = fc.array(fc.tuple(fc.integer({ min: 0, max: 23 }), anyEvents(20).map(hourOf)), {
    maxLength: 8,
  });
  fc.assert(
    fc.property(documents, (list) => {
      const expected = [...Map.groupBy(list, ([hour]) => hour)]
        .sort(([a], [b]) => a - b)
        .map(([hour, own]) => [
          hour,
          { ...mergeHours(own.map(([, counts]) => counts)), topUsers: noTopUsers, distinctUsers: noUsers() },
        ]);

      expect(read(fieldsOf(list))).toEqual(expected);
      expect(read(fieldsOf(list.toReversed()))).toEqual(expected);
    }),
    { numRuns: 50 },
  );
});

it('of a day with too many names, the most frequent of the day stay in each hour, and sums are kept', () => {
  const { bytes } = seededRandom(7);
  const name = () => Buffer.from(bytes(30)).toString('base64url');
  const listOf = (hour: number) =>
    Array.from({ length: 180 }, (_, index) =>
      event({
        // Often in the day, and never more often in an hour than any other.
        type: index === 0 && hour % 2 === 0 ? 'often' : name(),
        service: name(),
        value: index / 8,
      }),
    );
  const documents = Array.from({ length: 24 }, (_, hour) => [hour, hourOf(listOf(hour))] as const);
  const sum = (names: ReadonlyMap<string, Stats>) => [...names.values()].reduce(addStats, noStats);

  const fields = fieldsOf(documents);

  expect(fieldBytes(fields)).toBeLessThanOrEqual(maxDayHoursBytes);
  const hours = read(fields);
  expect(hours).toHaveLength(24);
  for (const [hour, { total, minutes, byType, byService }] of hours) {
    const expected = documents[hour]?.[1];
    expect({ total, minutes }).toEqual({ total: expected?.total, minutes: expected?.minutes });
    for (const names of [byType, byService]) expect(sum(names)).toEqual(total);
    expect(byType.get('often')).toEqual(expected?.byType.get('often'));
    expect(byType.get(otherName)?.count).toBeGreaterThan(100);
  }
  const kept = new Set(hours.flatMap(([, { byType }]) => [...byType.keys()]));
  expect(kept.size).toBeGreaterThan(100);
});

it('of a day of full hours with the same names take little more than the names once', () => {
  const types = Array.from({ length: 150 }, (_, index) => `some.usual.event.type.${index}`);
  const hour = hourOf(
    types.flatMap((type, index) => Array.from({ length: 1 + (index % 5) }, () => event({ type }))),
  );

  const fields = fieldsOf(Array.from({ length: 24 }, (_, index) => [index, hour] as const));

  expect(fieldBytes(fields)).toBeLessThan(2 * fieldBytes(hourToFields(hour)));
});

it('the largest counts and names that hours can have fit', () => {
  const long = (index: number) => `${String(index).padStart(4, '0')}${'\u0001é€𝄞'.repeat(28)}`.slice(0, 200);
  const counts = emptyHour();
  const most: Stats = {
    count: Number.MAX_SAFE_INTEGER,
    values: {
      ...{ count: Number.MAX_SAFE_INTEGER, sum: 2n ** 113n, least: -(10n ** 18n) },
      greatest: 10n ** 18n,
    },
  };
  counts.total = most;
  counts.minutes.fill(2 ** 47);
  for (let index = 0; index < 256; index += 1)
    for (const names of [counts.byType, counts.byService]) names.set(long(index), most);

  const fields = fieldsOf(Array.from({ length: 24 }, (_, hour) => [hour, counts] as const));

  expect(fieldBytes(fields)).toBeLessThanOrEqual(maxDayHoursBytes);
  expect(read(fields).map(([, { total, minutes }]) => ({ total, minutes }))).toEqual(
    Array.from({ length: 24 }, () => ({ total: most, minutes: counts.minutes })),
  );
});
