import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  emptyHour,
  type HourCounts,
  hourFromFields,
  hourToFields,
  insertEvents,
  mergeHours,
} from '../../../domain/documents/hour.ts';
import { imbalanceOf } from '../../../domain/documents/intake.ts';
import { otherName } from '../../../domain/documents/names.ts';
import { anyEvents, event } from '../../support/events.ts';

const counted = (list: Parameters<typeof insertEvents>[1]): HourCounts => {
  const hour = emptyHour();
  insertEvents(hour, list);
  return hour;
};
const plain = ({ total, byType, byService }: HourCounts) => ({
  total,
  byType: Object.fromEntries([...byType].toSorted()),
  byService: Object.fromEntries([...byService].toSorted()),
});

describe('hour documents', () => {
  it('merge to the same in any order and grouping', () => {
    fc.assert(
      fc.property(anyEvents(), anyEvents(), anyEvents(), (a, b, c) => {
        const [x, y, z] = [counted(a), counted(b), counted(c)];

        const together = plain(counted([...a, ...b, ...c]));

        expect(plain(mergeHours([x, y, z]))).toEqual(together);
        expect(plain(mergeHours([z, mergeHours([y, x])]))).toEqual(together);
      }),
    );
  });

  it('come back from the table as they went', () => {
    fc.assert(
      fc.property(anyEvents(), (list) => {
        const hour = counted(list);
        expect(hourFromFields(hourToFields(hour))).toEqual(hour);
      }),
    );
  });

  it('count a type that is called like a prototype as any other', () => {
    expect(counted([event({ type: '__proto__' })]).byType.get('__proto__')).toBe(1);
  });

  it('count past the cap as (other), keep the total, and stay under 64 KB whatever the names are', () => {
    const hour = counted(
      Array.from({ length: 5000 }, (_, index) =>
        event({ type: `${'t'.repeat(58)}${index}`, service: `${'€'.repeat(120)}${index}` }),
      ),
    );

    expect(hour.total).toBe(5000);
    expect([...hour.byType.values()].reduce((a, b) => a + b, 0)).toBe(5000);
    expect(hour.byType.get(otherName)).toBeGreaterThan(0);
    expect(JSON.stringify([...hour.byType, ...hour.byService]).length).toBeLessThan(64 * 1024);
  });

  it('lose no name in merging: caps apply on insertion only', () => {
    const many = (prefix: string) =>
      counted(Array.from({ length: 200 }, (_, index) => event({ type: `${prefix}${index}` })));

    expect(mergeHours([many('a'), many('b')]).byType.size).toBe(400);
  });
});

it('the ledger is off by what was received and is nowhere', () => {
  const intake = { received: 10, stored: 5, duplicates: 2, conflicts: 1, quarantined: 1, bytes: 99 };

  expect(imbalanceOf(intake)).toBe(1);
});
