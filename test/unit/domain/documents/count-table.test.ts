import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { CountTable } from '../../../../domain/documents/count-table.ts';

type Added = readonly (readonly [key: string, kind: number, count: number])[];

/** Keys that begin alike, of every length from none, of bytes that are no text, and many that are the same. */
const anyKey = fc.oneof(
  fc.constantFrom('', 'a', 'ab', 'ba', 'abc', '\u0000', '\u0000\u0000', 'ÿÿ'),
  fc.string({ unit: fc.nat({ max: 255 }).map((code) => String.fromCharCode(code)), maxLength: 40 }),
  fc.nat({ max: 3000 }).map((number) => `user-${number}`),
);
const anyAdded = fc.array(
  fc.tuple(
    anyKey,
    fc.nat({ max: 1 }),
    fc.oneof(fc.integer({ min: 1, max: 5 }), fc.integer({ min: 1, max: 5000 })),
  ),
  { maxLength: 1500 },
);
const nameOf = (key: string, kind: number) => `${kind} ${key}`;
const textAt = (table: CountTable, index: number) =>
  nameOf(table.keyAt(index).toString('latin1'), table.kindAt(index));
const filled = (added: Added) => {
  const table = new CountTable();
  for (const [key, kind, count] of added) {
    const bytes = Buffer.from(`--${key}-`, 'latin1');
    table.add(bytes, 2, bytes.length - 1, count, kind);
  }
  return table;
};
const listed = (table: CountTable) =>
  Array.from({ length: table.size }, (_, index) => [textAt(table, index), table.countAt(index)] as const);
const summed = (added: Added) => {
  const counts = new Map<string, number>();
  for (const [key, kind, count] of added)
    counts.set(nameOf(key, kind), (counts.get(nameOf(key, kind)) ?? 0) + count);
  return counts;
};

describe('a table of counts', () => {
  it('counts as a map does, in the order of first adding', () => {
    fc.assert(
      fc.property(anyAdded, (added) => {
        const table = filled(added);

        const counts = summed(added);
        expect(listed(table)).toEqual([...counts]);
        expect(table.keyBytes).toBe([...counts.keys()].reduce((sum, name) => sum + name.length - 2, 0));
      }),
      { numRuns: 60 },
    );
  });

  it('goes on counting those that were kept, and those that were left out from nothing', () => {
    fc.assert(
      fc.property(anyAdded, anyAdded, (added, more) => {
        const table = filled(added);

        table.keep((index) => table.countAt(index) % 2 === 0);
        for (const [key, kind, count] of more) {
          const bytes = Buffer.from(key, 'latin1');
          const index = table.add(bytes, 0, bytes.length, count, kind);
          expect(textAt(table, index)).toBe(nameOf(key, kind));
        }

        const counts = new Map([...summed(added)].filter(([, count]) => count % 2 === 0));
        for (const [name, count] of summed(more)) counts.set(name, (counts.get(name) ?? 0) + count);
        expect(listed(table)).toEqual([...counts]);
      }),
      { numRuns: 60 },
    );
  });

  it('lists the greatest first, and by text where counts are the same', () => {
    fc.assert(
      fc.property(anyAdded, fc.integer({ min: 1, max: 300 }), (added, most) => {
        const table = filled(added);

        const sorted = [...summed(added)].sort(([a, m], [b, n]) => n - m || (a < b ? -1 : 1));
        expect(table.greatest(most, (index) => textAt(table, index))).toEqual(sorted.slice(0, most));
        expect(table.greatestCount(most)).toBe(sorted[most - 1]?.[1] ?? 0);
      }),
      { numRuns: 60 },
    );
  });

  it('takes the same from each count, and leaves out those of which nothing is left', () => {
    const table = filled([
      ['a', 0, 3],
      ['b', 0, 1],
      ['c', 0, 2],
    ]);

    table.reduceBy(1);

    expect(listed(table)).toEqual([
      ['0 a', 2],
      ['0 c', 1],
    ]);
  });
});
