import fc from 'fast-check';
import { expect, it } from 'vitest';
import { deltasOf, insertDeltas } from '../../../../domain/documents/delta.ts';
import { emptyHour, hourFromFields, hourToFields, mergeHours } from '../../../../domain/documents/hour.ts';
import {
  addingCounts,
  boundNames,
  countsOf,
  mostMergedNames,
  otherName,
} from '../../../../domain/documents/names.ts';
import { mostMergedUsers } from '../../../../domain/documents/top-users.ts';
import { WindowCounts } from '../../../../domain/reading/window-counts.ts';
import { dayMs, floorTo, hourMs } from '../../../../domain/system/time.ts';
import { anyEvents, event, nowMs } from '../../../support/events.ts';

const sumOf = (counts: Iterable<number>) => [...counts].reduce((sum, count) => sum + count, 0);
const hourOf = (list: Parameters<typeof deltasOf>[0]) => {
  const hour = emptyHour();
  insertDeltas(hour, deltasOf(list).values());
  return hour;
};

it('a window has what its documents and deltas have, merged', () => {
  fc.assert(
    fc.property(fc.array(anyEvents(40), { maxLength: 4 }), anyEvents(40), (lists, tail) => {
      const documents = lists.map((list) => hourToFields(hourOf(list)));
      const counts = new WindowCounts();

      for (const fields of documents) counts.addDocument(nowMs, fields);
      for (const delta of deltasOf(tail).values()) counts.addDelta(nowMs, delta);

      const merged = mergeHours([...documents.map(hourFromFields), hourOf(tail)]);
      expect(counts.total).toBe(merged.total.count);
      expect(counts.byType).toEqual(countsOf(merged.byType));
      expect(counts.byService).toEqual(countsOf(merged.byService));
      expect(counts.topUsers).toEqual(merged.topUsers);
      expect(counts.distinctUsers).toEqual(merged.distinctUsers);
    }),
    { numRuns: 30 },
  );
});

it('holds a bounded number of names and users, however many documents are added, and keeps every sum', () => {
  const counts = new WindowCounts();
  const documents = 120;
  for (let document = 0; document < documents; document += 1) {
    const list = Array.from({ length: 310 }, (_, index) => {
      const name = `${document}-${index}`;
      return index < 5
        ? event({ type: 'often', service: 'web', user_id: 'ann' })
        : event({ type: name, service: name, user_id: name });
    });
    counts.addFields(hourToFields(hourOf(list)));
    for (const names of [counts.byType, counts.byService])
      expect(names.size).toBeLessThanOrEqual(2 * mostMergedNames);
    expect(counts.topUsers.counts.size).toBeLessThanOrEqual(2 * mostMergedUsers);
  }

  const total = 310 * documents;
  expect([counts.total, sumOf(counts.byType.values()), sumOf(counts.byService.values())]).toEqual([
    total,
    total,
    total,
  ]);
  expect([counts.byType.get('often'), counts.byService.get('web')]).toEqual([5 * documents, 5 * documents]);
  expect(counts.topUsers.error).toBeGreaterThan(0);
  expect((counts.topUsers.counts.get('ann') ?? 0) + counts.topUsers.error).toBeGreaterThanOrEqual(
    5 * documents,
  );
});

it('names past twice the bound are reduced to the greatest, and the others are added to (other)', () => {
  fc.assert(
    fc.property(
      fc.array(fc.integer({ min: 1, max: 9 }), { maxLength: 60 }),
      fc.nat({ max: 9 }),
      (list, other) => {
        const names = new Map(list.map((count, index) => [`n${index}`, count]));
        if (other > 0) names.set(otherName, other);
        const before = new Map(names);

        boundNames(names, addingCounts, 10);

        expect(sumOf(names.values())).toBe(sumOf(before.values()));
        if (before.size <= 20) {
          expect(names).toEqual(before);
          return;
        }
        expect(names.size).toBeLessThanOrEqual(11);
        expect(names.size).toBeGreaterThanOrEqual(10);
        const kept = [...names]
          .filter(([name]) => name !== otherName)
          .map(([name, count]) => {
            expect(count).toBe(before.get(name));
            return count;
          });
        for (const [name, count] of before)
          if (!names.has(name)) expect(count).toBeLessThanOrEqual(Math.min(...kept));
      },
    ),
  );
});

it('knows how large the hour documents of each day are', () => {
  const fields = hourToFields(hourOf([event()]));
  const counts = new WindowCounts();
  const day = floorTo(nowMs, dayMs);

  for (const hour of [day, day + 23 * hourMs, day - hourMs]) counts.addDocument(hour, fields);
  counts.addFields(fields);

  const [today = 0, yesterday = 0] = [day, day - dayMs].map((each) => counts.bytesOfDays.get(each));
  expect(yesterday).toBeGreaterThan(50);
  expect(today).toBe(2 * yesterday);
  expect(counts.bytesOfDays.size).toBe(2);
});
