import fc from 'fast-check';
import { expect, it } from 'vitest';
import { deltasOf, insertDeltas } from '../../../../domain/documents/delta.ts';
import { emptyHour } from '../../../../domain/documents/hour.ts';
import { hourFromFields, hourToFields } from '../../../../domain/documents/hour-wire.ts';
import { MergedHours } from '../../../../domain/documents/merged-hours.ts';
import { MergedNames, mostMergedNames } from '../../../../domain/documents/merged-names.ts';
import { mostMergedUsers } from '../../../../domain/documents/merged-users.ts';
import { noMinutes } from '../../../../domain/documents/minutes.ts';
import { countsOf, otherName } from '../../../../domain/documents/names.ts';
import { addStats, noStats, type Stats, statsOf } from '../../../../domain/documents/stats.ts';
import { entriesOf } from '../../../support/entries.ts';
import { anyEvents, event } from '../../../support/events.ts';
import { mergeHours } from '../../../support/merge-hours.ts';

const sumOf = (counts: Iterable<number>) => [...counts].reduce((sum, count) => sum + count, 0);
const hourOf = (list: Parameters<typeof deltasOf>[0]) => {
  const hour = emptyHour();
  insertDeltas(hour, deltasOf(list).values());
  return hour;
};
it('documents added one after the other are their plain merge, with their values', () => {
  fc.assert(
    fc.property(fc.array(anyEvents(40), { maxLength: 4 }), (lists) => {
      const documents = lists.map((list) => hourToFields(hourOf(list)));
      const whole = new MergedHours();

      for (const fields of documents) whole.add(fields);

      const merged = { ...mergeHours(documents.map(hourFromFields)), minutes: noMinutes() };
      expect(whole.toHour()).toEqual(merged);
    }),
    { numRuns: 40 },
  );
});

it('deltas are added to documents with their values', () => {
  fc.assert(
    fc.property(anyEvents(40), anyEvents(40), (list, tail) => {
      const counts = new MergedHours();

      counts.add(hourToFields(hourOf(list)));
      for (const delta of deltasOf(tail).values()) counts.addDelta(delta);

      const merged = { ...mergeHours([hourOf(list), hourOf(tail)]), minutes: noMinutes() };
      expect(counts.toHour()).toEqual(merged);
    }),
    { numRuns: 30 },
  );
});

it('a user who is called as the bytes of a UUID spell is another one', () => {
  const uuid = '61626364-6566-6768-696a-6b6c6d6e6f70';
  const counts = new MergedHours();

  counts.add(hourToFields(hourOf([event({ user_id: uuid }), event({ user_id: 'abcdefghijklmnop' })])));
  for (const delta of deltasOf([event({ user_id: uuid })]).values()) counts.addDelta(delta);

  expect(counts.topUsers.greatest(9)).toEqual([
    [uuid, 2],
    ['abcdefghijklmnop', 1],
  ]);
});

it('a document that does not exist adds nothing', () => {
  const counts = new MergedHours();

  counts.add({});

  expect(counts.toHour()).toEqual(emptyHour());
});

it('holds a bounded number of names and users, however many documents are added, and keeps every sum', () => {
  const counts = new MergedHours();
  const documents = 120;
  for (let document = 0; document < documents; document += 1) {
    const list = Array.from({ length: 310 }, (_, index) => {
      const name = `${document}-${index}`;
      return index < 5
        ? event({ type: 'often', service: 'web', user_id: 'ann' })
        : event({ type: name, service: name, user_id: name });
    });
    counts.add(hourToFields(hourOf(list)));
    for (const names of [counts.byType, counts.byService])
      expect(names.size).toBeLessThanOrEqual(2 * mostMergedNames);
    expect(counts.topUsers.size).toBeLessThanOrEqual(2 * mostMergedUsers);
  }

  const total = 310 * documents;
  const { byType, byService, topUsers } = counts.toHour();
  expect([counts.total, counts.byType.total, counts.byService.total]).toEqual([total, total, total]);
  expect(sumOf(countsOf(byType).values())).toBe(total);
  expect([byType.get('often'), byService.get('web')]).toEqual([
    { count: 5 * documents },
    { count: 5 * documents },
  ]);
  expect(topUsers.error).toBeGreaterThan(0);
  expect((topUsers.counts.get('ann') ?? 0) + topUsers.error).toBeGreaterThanOrEqual(5 * documents);
});

it('names past twice the bound are reduced to the greatest, and the others are added to (other), with their values', () => {
  const anyStats = fc.tuple(fc.integer({ min: 1, max: 9 }), fc.option(fc.integer({ min: -99, max: 99 }))).map(
    ([count, value]): Stats => ({
      count,
      ...(value !== null && { values: statsOf(value).values ?? expect.fail('a value') }),
    }),
  );
  fc.assert(
    fc.property(fc.array(anyStats, { maxLength: 60 }), fc.nat({ max: 9 }), (list, other) => {
      const before = new Map(list.map((stats, index): [string, Stats] => [`n${index}`, stats]));
      if (other > 0) before.set(otherName, { count: other });
      const names = new MergedNames(10);

      names.add(
        entriesOf(countsOf(before)),
        Array.from(before.values(), ({ values }) => values),
      );

      const after = names.toMap();
      const sum = (of: ReadonlyMap<string, Stats>) => [...of.values()].reduce(addStats, noStats);
      expect(sum(after)).toEqual(sum(before));
      expect(names.size).toBe(after.size);
      if (before.size <= 20) {
        expect(after).toEqual(before);
        return;
      }
      expect(after.size).toBeLessThanOrEqual(11);
      expect(after.size).toBeGreaterThanOrEqual(10);
      const kept = [...after].filter(([name]) => name !== otherName);
      for (const [name, stats] of kept) expect(stats).toEqual(before.get(name));
      const least = Math.min(...kept.map(([, { count }]) => count));
      for (const [name, { count }] of before) if (!after.has(name)) expect(count).toBeLessThanOrEqual(least);
    }),
  );
});

it('lists the greatest names, and the others under (other), with the values of all of them', () => {
  const names = new MergedNames();
  const stats = (count: number, value: number): Stats => ({ ...statsOf(value), count });
  const list: [string, Stats][] = [
    ['a', stats(4, 1)],
    ['b', stats(9, 2)],
    [otherName, stats(1, -7)],
    ['c', stats(2, 5)],
    ['d', { count: 3 }],
  ];
  names.addStats(new Map(list));

  const others = {
    count: 6,
    values: { count: 2, sum: -2_000_000n, least: -7_000_000n, greatest: 5_000_000n },
  };
  expect(names.listed(2)).toEqual([
    ['b', stats(9, 2)],
    [otherName, others],
    ['a', stats(4, 1)],
  ]);
  expect(names.listed(9).map(([name]) => name)).toEqual(['b', 'a', 'd', 'c', otherName]);
});
