import fc from 'fast-check';
import { expect, it } from 'vitest';
import { deltasOf, insertDeltas } from '../../../../domain/documents/delta.ts';
import { emptyHour, type HourCounts } from '../../../../domain/documents/hour.ts';
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
const plain = ({ total, byType, byService, topUsers, distinctUsers }: HourCounts) => ({
  ...{
    total: total.count,
    byType: countsOf(byType),
    byService: countsOf(byService),
    topUsers,
    distinctUsers,
  },
});

it('documents added one after the other are their plain merge, with their values or without', () => {
  fc.assert(
    fc.property(fc.array(anyEvents(40), { maxLength: 4 }), (lists) => {
      const documents = lists.map((list) => hourToFields(hourOf(list)));
      const [whole, counts] = [new MergedHours(), new MergedHours()];

      for (const fields of documents) {
        whole.addWhole(fields);
        counts.addCounts(fields);
      }

      const merged = { ...mergeHours(documents.map(hourFromFields)), minutes: noMinutes() };
      expect(whole.toHour()).toEqual(merged);
      expect(plain(counts.toHour())).toEqual(plain(merged));
      expect(counts.toHour().total.values).toBeUndefined();
    }),
    { numRuns: 40 },
  );
});

it('deltas are added to documents without their values', () => {
  fc.assert(
    fc.property(anyEvents(40), anyEvents(40), (list, tail) => {
      const counts = new MergedHours();

      counts.addCounts(hourToFields(hourOf(list)));
      for (const delta of deltasOf(tail).values()) counts.addDelta(delta);

      expect(plain(counts.toHour())).toEqual(plain(mergeHours([hourOf(list), hourOf(tail)])));
    }),
    { numRuns: 30 },
  );
});

it('a user who is called as the bytes of a UUID spell is another one', () => {
  const uuid = '61626364-6566-6768-696a-6b6c6d6e6f70';
  const counts = new MergedHours();

  counts.addCounts(hourToFields(hourOf([event({ user_id: uuid }), event({ user_id: 'abcdefghijklmnop' })])));
  for (const delta of deltasOf([event({ user_id: uuid })]).values()) counts.addDelta(delta);

  expect(counts.topUsers.greatest(9)).toEqual([
    [uuid, 2],
    ['abcdefghijklmnop', 1],
  ]);
});

it('a document that does not exist adds nothing', () => {
  const counts = new MergedHours();

  counts.addWhole({});

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
    counts.addCounts(hourToFields(hourOf(list)));
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
