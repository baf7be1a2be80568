import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { noEntries } from '../../../../domain/documents/entries.ts';
import { MergedUsers } from '../../../../domain/documents/merged-users.ts';
import { listBytes, userEntryBytes } from '../../../../domain/documents/size-limits.ts';
import {
  noTopUsers,
  reducedTo,
  type TopUsers,
  topUsersCapacity,
  withUsers,
} from '../../../../domain/documents/top-users.ts';
import { entriesOf } from '../../../support/entries.ts';

type Batch = readonly string[];

const once = (batch: Batch) => batch.map((userId) => [userId, 1] as const);
const sketch = (...batches: Batch[]): TopUsers =>
  batches.reduce((top, batch) => withUsers(top, once(batch)), noTopUsers);
const truth = (batches: readonly Batch[]): ReadonlyMap<string, number> => {
  const counts = new Map<string, number>();
  for (const userId of batches.flat()) counts.set(userId, (counts.get(userId) ?? 0) + 1);
  return counts;
};
function expectBounds(top: TopUsers, counts: ReadonlyMap<string, number>) {
  for (const userId of new Set([...counts.keys(), ...top.counts.keys()])) {
    const listed = top.counts.get(userId) ?? 0;
    const count = counts.get(userId) ?? 0;
    expect(listed).toBeLessThanOrEqual(count);
    expect(count).toBeLessThanOrEqual(listed + top.error);
  }
}
const mergeTopUsers = (tops: readonly TopUsers[], most?: number): TopUsers => {
  const merged = new MergedUsers(most);
  for (const { counts, error } of tops) merged.add(noEntries, entriesOf(counts), error);
  return merged.toTopUsers();
};
const plain = ({ counts, error }: TopUsers) => ({ counts: [...counts].toSorted(), error });

/** Batches with a few busy users and many who send once, more of them than there is capacity for. */
const crowds = fc
  .array(fc.tuple(fc.nat({ max: 1500 }), fc.nat({ max: 3000 }), fc.nat({ max: 9 })), {
    minLength: 1,
    maxLength: 5,
  })
  .map((parts) =>
    parts.map(
      ([size, from, skew]): Batch =>
        Array.from({ length: size }, (_, index) =>
          index % 10 < skew ? `busy-${index % 7}` : `user-${from + index}`,
        ),
    ),
  );

describe('top users', () => {
  it('are short by no more than their error, for every user, listed or not', () => {
    fc.assert(
      fc.property(crowds, (batches) => expectBounds(sketch(...batches), truth(batches))),
      {
        numRuns: 40,
      },
    );
  });

  it('are so after merging too, in any order', () => {
    fc.assert(
      fc.property(crowds, crowds, crowds, (a, b, c) => {
        const [x, y, z] = [sketch(...a), sketch(...b), sketch(...c)];

        const merged = mergeTopUsers([x, y, z]);

        expect(plain(mergeTopUsers([z, mergeTopUsers([y, x])]))).toEqual(plain(merged));
        expectBounds(merged, truth([...a, ...b, ...c]));
      }),
      { numRuns: 15 },
    );
  });

  it('are so however few of them a merge holds, and it holds at most twice as many', () => {
    fc.assert(
      fc.property(fc.array(crowds, { maxLength: 6 }), fc.integer({ min: 1, max: 300 }), (lists, most) => {
        const merged = mergeTopUsers(
          lists.map((list) => sketch(...list)),
          most,
        );

        expect(merged.counts.size).toBeLessThanOrEqual(2 * most);
        expectBounds(merged, truth(lists.flat()));
      }),
      { numRuns: 30 },
    );
  });

  it('of a merge lose no more than those that are left out', () => {
    const users = (...counts: number[]): TopUsers => ({
      counts: new Map(counts.map((count, index) => [`u${index}`, count])),
      error: 1,
    });

    expect(plain(mergeTopUsers([users(9, 5, 3, 3)], 2))).toEqual(plain(users(9, 5, 3, 3)));
    expect(plain(mergeTopUsers([users(9, 5, 3, 3, 1)], 2))).toEqual({
      counts: [
        ['u0', 6],
        ['u1', 2],
      ],
      error: 4,
    });
  });

  it('are short by at most the total ÷ (capacity + 1), merged or not', () => {
    fc.assert(
      fc.property(crowds, crowds, (a, b) => {
        const most = (batches: readonly Batch[]) => batches.flat().length / (topUsersCapacity.users + 1);

        expect(sketch(...a).error).toBeLessThanOrEqual(most(a));
        expect(mergeTopUsers([sketch(...a), sketch(...b)]).error).toBeLessThanOrEqual(most([...a, ...b]));
      }),
    );
  });

  const idsOf = (count: number, length: number) =>
    Array.from({ length: count }, (_, index) => String(index).padStart(length, '0'));

  it('are exact for 200 users with ids of 70 bytes, in any order of events', () => {
    const ids = idsOf(200, 70);
    fc.assert(
      fc.property(
        fc.array(fc.array(fc.constantFrom(...ids), { maxLength: 300 }), { maxLength: 8 }),
        (some) => {
          const batches = [ids, ...some];

          expect(plain(sketch(...batches))).toEqual({ counts: [...truth(batches)].toSorted(), error: 0 });
        },
      ),
    );
  });

  it('are exact for 329 users with UUIDs, and for 512 with short ids', () => {
    expect(sketch(idsOf(329, 36)).error).toBe(0);
    expect(sketch(idsOf(330, 36)).error).toBe(1);
    expect(sketch(idsOf(512, 12)).error).toBe(0);
    expect(sketch(idsOf(513, 12)).error).toBe(1);
  });

  it('stay within their capacity after each insertion, however long ids are', () => {
    const anyId = fc.oneof(
      fc.string({ unit: 'binary', minLength: 1, maxLength: 255 }),
      fc.nat({ max: 400 }).map((value) => `${value}${'€'.repeat(value % 255)}`),
    );
    fc.assert(
      fc.property(fc.array(fc.array(anyId, { maxLength: 200 }), { maxLength: 4 }), (batches) => {
        let top = noTopUsers;
        for (const batch of batches) {
          top = withUsers(top, once(batch));
          expect(listBytes(top.counts.keys(), userEntryBytes)).toBeLessThanOrEqual(topUsersCapacity.bytes);
        }
        expectBounds(top, truth(batches));
      }),
    );
    const short = sketch(Array.from({ length: 2000 }, (_, index) => `${index}`).concat('0', '1', '0'));
    expect(plain(short)).toEqual({
      counts: [
        ['0', 2],
        ['1', 1],
      ],
      error: 1,
    });
  });

  it('keep the busiest user, however many others send', () => {
    const batches = Array.from(
      { length: 30 },
      (_, b): Batch => [
        ...Array.from({ length: 900 }, (_user, index) => `${b}-${index}`),
        ...Array.from({ length: 100 }, () => 'whale'),
      ],
    );

    const { counts, error } = sketch(...batches);

    expect([...counts].toSorted(([, a], [, b]) => b - a)[0]?.[0]).toBe('whale');
    expect(error).toBe(30);
  });

  it('count a user named like a property of prototypes as any other', () => {
    expect(sketch(['__proto__', 'constructor', '__proto__']).counts.get('__proto__')).toBe(2);
  });
});

it('counts that fit are not reduced', () => {
  const top = sketch(['a', 'b', 'b']);

  expect(reducedTo({ users: 2, bytes: 1000 }, top)).toBe(top);
  expect(plain(reducedTo({ users: 1, bytes: 1000 }, top))).toEqual({ counts: [['b', 1]], error: 1 });
  expect(plain(reducedTo({ users: 2, bytes: 0 }, top))).toEqual({ counts: [], error: 2 });
});
