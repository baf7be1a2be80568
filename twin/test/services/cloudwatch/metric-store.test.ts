import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { MetricStore } from '../../../src/services/cloudwatch/store/metric-store.ts';
import { readStatistic, StatisticNotModelled } from '../../../src/services/cloudwatch/store/statistic.ts';
import { roundedUp } from '../../../src/services/cloudwatch/store/stored-series.ts';

const metric = { namespace: 'Shop', name: 'Latency', dimensions: { Stage: 'test', Api: 'a' } };
const unit = 'Milliseconds';
const minuteMs = 60_000;

function storeOf(values: readonly { readonly minute: number; readonly value: number }[]): MetricStore {
  const store = new MetricStore();
  for (const { minute, value } of values)
    store.add({ ...metric, unit, value, timestampMs: minute * minuteMs });
  return store;
}

function read(store: MetricStore, statistic: string, fromMinute: number, toMinute: number): number {
  const series = store.find(metric);
  return series === undefined ? Number.NaN : readStatistic(statistic)(series, fromMinute, toMinute);
}

/** What the statistics are, from all values at once. */
const bruteForce: Readonly<Record<string, (values: readonly number[]) => number>> = {
  SampleCount: (values) => values.length,
  Sum: (values) => values.reduce((sum, value) => sum + value, 0),
  Average: (values) => values.reduce((sum, value) => sum + value, 0) / values.length,
  Minimum: (values) => Math.min(...values),
  Maximum: (values) => Math.max(...values),
  p50: (values) => nearestRank(values, 50),
  p99: (values) => nearestRank(values, 99),
  'PR(:250)': (values) => (100 * values.filter((value) => value <= 250).length) / values.length,
  'PR(100:)': (values) => (100 * values.filter((value) => value > 100).length) / values.length,
  'TC(100:250)': (values) => values.filter((value) => value > 100 && value <= 250).length,
};

function nearestRank(values: readonly number[], percent: number): number {
  const ascending = values.toSorted((one, other) => one - other);
  return ascending[Math.ceil((values.length * percent) / 100) - 1] as number;
}

const timedValues = fc.array(
  fc.record({ minute: fc.integer({ min: 0, max: 400 }), value: fc.integer({ min: 0, max: 999 }) }),
  { maxLength: 60 },
);

describe('each statistic of any window', () => {
  it('is that of all its values', () => {
    fc.assert(
      fc.property(
        timedValues,
        fc.integer({ min: 0, max: 400 }),
        fc.integer({ min: 1, max: 300 }),
        (values, fromMinute, minutes) => {
          const store = storeOf(values);
          const toMinute = fromMinute + minutes;
          const inside = values
            .filter(({ minute }) => minute >= fromMinute && minute < toMinute)
            .map(({ value }) => value);
          for (const [statistic, of] of Object.entries(bruteForce)) {
            const expected = inside.length === 0 ? Number.NaN : of(inside);
            const actual = read(store, statistic, fromMinute, toMinute);
            if (Number.isNaN(expected)) expect(actual).toBeNaN();
            else expect(actual).toBeCloseTo(expected, 6);
          }
        },
      ),
      { seed: 22 },
    );
  });

  it('stays right while values come in, though ranks are remembered', () => {
    const store = storeOf([{ minute: 3, value: 100 }]);
    expect(read(store, 'PR(:250)', 0, 10)).toBe(100);

    store.add({ ...metric, unit, value: 300, timestampMs: 3 * minuteMs });

    expect(read(store, 'PR(:250)', 0, 10)).toBe(50);
  });
});

describe('a value', () => {
  it('is rounded up to three digits for percentiles, and so by less than one in a hundred', () => {
    fc.assert(
      fc.property(fc.double({ min: 1e-6, max: 1e12, noNaN: true }), (value) => {
        const rounded = roundedUp(value);
        expect(rounded).toBeGreaterThanOrEqual(value * (1 - 1e-12));
        expect(rounded).toBeLessThanOrEqual(value * 1.01);
      }),
      { seed: 22 },
    );
  });

  it.each([0, 0.001, 0.07, 1.23, 500, 501, 99_900, -12, 1e200])(
    'of three digits, such as %d, stays',
    (value) => {
      expect(roundedUp(value)).toBe(value);
    },
  );

  it('just above a limit of three digits is above it', () => {
    expect(read(storeOf([{ minute: 0, value: 500.01 }]), 'PR(:500)', 0, 1)).toBe(0);
  });
});

describe('many values at once', () => {
  it('count as often as they are said to have occurred', () => {
    const store = new MetricStore();
    store.addSet({
      ...metric,
      unit,
      timestampMs: 0,
      of: [
        [100, 9],
        [900, 1],
      ],
    });

    expect(read(store, 'SampleCount', 0, 1)).toBe(10);
    expect(read(store, 'Sum', 0, 1)).toBe(1800);
    expect(read(store, 'p90', 0, 1)).toBe(100);
    expect(read(store, 'PR(:500)', 0, 1)).toBe(90);
  });

  it('that are known only by their sum have no percentiles', () => {
    const store = new MetricStore();
    store.addSet({ ...metric, unit, timestampMs: 0, of: { count: 3, sum: 6, min: 1, max: 3 } });

    expect(read(store, 'Average', 0, 1)).toBe(2);
    expect(read(store, 'p50', 0, 1)).toBeNaN();
    expect(read(store, 'PR(:2)', 0, 1)).toBeNaN();
  });
});

describe('what is kept', () => {
  it('is the same metric whatever the order of its dimensions', () => {
    const store = storeOf([{ minute: 0, value: 1 }]);
    store.add({ ...metric, dimensions: { Api: 'a', Stage: 'test' }, unit, value: 2, timestampMs: 0 });

    expect(store.list()).toHaveLength(1);
    expect(read(store, 'Sum', 0, 1)).toBe(3);
  });

  it('is in hours after 15 days, with the same totals', () => {
    const store = storeOf([
      { minute: 30, value: 7 },
      { minute: 59, value: 9 },
      { minute: 16 * 1440, value: 1 },
    ]);

    expect(read(store, 'Sum', 0, 60)).toBe(16);
    expect(read(store, 'p50', 0, 60)).toBe(7);
    expect(read(store, 'Sum', 59, 60)).toBeNaN();
  });

  it('has a bound in series and in hours', () => {
    const store = new MetricStore({ mostSeries: 2, mostHoursInMinutes: 2, mostHours: 2 });
    for (const name of ['a', 'b', 'c'])
      for (let hour = 0; hour < 10; hour += 1)
        store.add({ ...metric, name, unit, value: 1, timestampMs: hour * 60 * minuteMs });

    expect(store.list().map(({ name }) => name)).toEqual(['c']);
    expect(store.refused).toBe(0);
  });

  it('counts what found no room', () => {
    const store = new MetricStore({ mostSeries: 1 });
    for (const name of ['a', 'b']) store.add({ ...metric, name, unit, value: 1, timestampMs: 0 });

    expect([store.list().length, store.refused]).toEqual([1, 1]);
  });
});

it.each(['TM(10%:90%)', 'IQM', 'p101', 'PR(:)', 'sum'])(
  'refuses the statistic %s by its name',
  (statistic) => {
    expect(() => readStatistic(statistic)).toThrow(StatisticNotModelled);
    expect(() => readStatistic(statistic)).toThrow(statistic);
  },
);
