import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  addStats,
  noStats,
  type Stats,
  statsFromWire,
  statsOf,
  statsToWire,
} from '../../../../domain/documents/stats.ts';
import { scaledOf } from '../../../../domain/event/value.ts';
import { anyValue } from '../../../support/events.ts';

const sum = (stats: readonly Stats[]) => stats.reduce(addStats, noStats);

describe('stats', () => {
  it('are those of all events, exactly, in any order and grouping', () => {
    const anyEvent = fc.option(anyValue, { nil: undefined });
    fc.assert(
      fc.property(fc.array(anyEvent), fc.array(anyEvent), fc.array(anyEvent), (a, b, c) => {
        const [x, y, z] = [a, b, c].map((values) => sum(values.map(statsOf))) as [Stats, Stats, Stats];
        const scaled = [...a, ...b, ...c].flatMap((value) => (value === undefined ? [] : scaledOf(value)));
        const ascending = scaled.toSorted((m, n) => (m < n ? -1 : 1));
        const [least, greatest] = [ascending.at(0), ascending.at(-1)];
        const values = { count: scaled.length, sum: scaled.reduce((m, n) => m + n, 0n), least, greatest };

        const merged = addStats(x, addStats(y, z));

        expect(merged).toEqual({
          count: a.length + b.length + c.length,
          ...(scaled.length > 0 && { values }),
        });
        expect(addStats(addStats(z, x), y)).toEqual(merged);
      }),
    );
  });

  it('do not depend on the order in which doubles would be added', () => {
    const values = [1e11, 0.000001, -1e11];

    expect(values.reduce((m, n) => m + n)).not.toBe(0.000001);
    expect(sum(values.map(statsOf)).values?.sum).toBe(1n);
  });

  it('are read as they were written, however large sums are', () => {
    const bigInt = (most: bigint) => fc.bigInt({ min: -most, max: most });
    const count = fc.nat({ max: Number.MAX_SAFE_INTEGER });
    const values = fc.record({
      count,
      sum: bigInt(10n ** 34n),
      least: bigInt(10n ** 18n),
      greatest: bigInt(10n ** 18n),
    });
    fc.assert(
      fc.property(fc.record({ count, values }, { requiredKeys: ['count'] }), (stats) => {
        expect(statsFromWire(statsToWire(stats))).toEqual(stats);
      }),
    );
  });

  it('are a number if no event carries a value', () => {
    expect(statsToWire({ count: 7 })).toBe(7);
  });
});
