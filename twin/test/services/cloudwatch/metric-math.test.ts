import { describe, expect, it } from 'vitest';
import { DataQueries, type DataQuery } from '../../../src/services/cloudwatch/math/data-queries.ts';
import { MathNotModelled } from '../../../src/services/cloudwatch/math/line.ts';
import { MetricStore } from '../../../src/services/cloudwatch/store/metric-store.ts';

const minuteMs = 60_000;
const _ = undefined;

/** Metrics of the namespace Shop, each with its values by the minute. */
type Lines = Readonly<Record<string, readonly (number | undefined)[]>>;

const queryOf = (id: string, periodSeconds = 60): DataQuery => ({
  id,
  returnData: false,
  metric: { namespace: 'Shop', name: id, dimensions: { Stage: 'test' }, statistic: 'Sum', periodSeconds },
});

function storeOf(lines: Lines): MetricStore {
  const store = new MetricStore();
  for (const [name, values] of Object.entries(lines))
    for (const [minute, value] of values.entries())
      if (value !== undefined)
        store.add({
          ...{ namespace: 'Shop', name, dimensions: { Stage: 'test' }, unit: 'Count', value },
          timestampMs: minute * minuteMs,
        });
  return store;
}

function computeAll(expression: string, lines: Lines) {
  const queries = new DataQueries(
    [...Object.keys(lines).map((id) => queryOf(id)), { id: 'e', expression, returnData: true }],
    storeOf(lines),
  );
  const periods = Math.max(1, ...Object.values(lines).map((values) => values.length));
  return queries.compute('e', { endMinute: periods, periodMinutes: 1, periods }).map((line) => ({
    label: line.label,
    values: Array.from({ length: periods }, (_each, index) => line.at(index)).map((value) =>
      Number.isNaN(value) ? undefined : value,
    ),
  }));
}

const compute = (expression: string, lines: Lines) => computeAll(expression, lines)[0]?.values;

describe('an expression', () => {
  const lines = { a: [1, 2, _, 4], b: [10, 0, 30, 40] };

  it.each([
    ['a + b * 2', [21, 2, _, 84]],
    ['(a + b) * 2', [22, 4, _, 88]],
    ['-a', [-1, -2, _, -4]],
    ['100 - a', [99, 98, _, 96]],
    ['2 ^ a', [2, 4, _, 16]],
    ['b / a', [10, 0, _, 10]],
    ['a / b', [0.1, _, _, 0.1]],
    ['a > 1', [0, 1, _, 1]],
    ['a >= 2 && b < 40', [0, 1, _, 0]],
    ['a == 1 OR b == 40', [1, 0, _, 1]],
    ['a == 1 AND b != 10', [0, 0, _, 0]],
    ['FILL(a, 0)', [1, 2, 0, 4]],
    ['FILL(a, REPEAT)', [1, 2, 2, 4]],
    ['FILL(a, b)', [1, 2, 30, 4]],
    ['IF(a > 1, b, 7)', [7, 0, _, 40]],
    ['IF(FILL(a, 0) > 0, b / a, 5)', [10, 0, 5, 10]],
    ['IF(a > 1, b)', [_, 0, _, 40]],
    ['SUM([a, b])', [11, 2, 30, 44]],
    ['SUM(METRICS())', [11, 2, 30, 44]],
    ['SUM(METRICS("b"))', [10, 0, 30, 40]],
    ['MAX([a, b])', [10, 2, 30, 40]],
    ['MIN([a, b])', [1, 0, 30, 4]],
    ['AVG([a, b])', [5.5, 1, 30, 22]],
    ['b / SUM(b) * 100', [12.5, 0, 37.5, 50]],
    ['b - MAX(a)', [6, -4, 26, 36]],
    ['RUNNING_SUM(b)', [10, 10, 40, 80]],
    ['DIFF(a)', [_, 1, _, 2]],
    ['RATE(b) * PERIOD(b)', [_, -10, 30, 10]],
    ['b * DATAPOINT_COUNT(a)', [30, 0, 90, 120]],
    ['ABS(-a) + CEIL(a / 4) + FLOOR(a / 4)', [2, 3, _, 6]],
    ['TIME_SERIES(3)', [3, 3, 3, 3]],
  ] as const)('%s', (expression, expected) => {
    expect(compute(expression, lines)).toEqual(expected);
  });

  it('computes each line of a list', () => {
    expect(computeAll('METRICS() * 2', { a: [1], b: [_] })).toMatchObject([{ values: [2] }, { values: [_] }]);
    expect(computeAll('REMOVE_EMPTY(METRICS())', { a: [1], b: [_] })).toHaveLength(1);
  });

  it.each([
    ['ANOMALY_DETECTION_BAND(a)', 'ANOMALY_DETECTION_BAND'],
    ['FILL(a, LINEAR)', 'LINEAR'],
    ['a % 2', '%'],
    ['a +', 'cannot be read'],
    ['a + c', 'c'],
    ['e + 1', 'computed from itself'],
    ['"text"', 'Literal'],
  ])('that the twin does not know is refused by its name: %s', (expression, named) => {
    expect(() => compute(expression, { a: [1] })).toThrow(MathNotModelled);
    expect(() => compute(expression, { a: [1] })).toThrow(named);
  });

  it('may name another expression', () => {
    const queries = new DataQueries(
      [
        queryOf('a'),
        { id: 'e1', expression: 'a * 2', returnData: false },
        { id: 'e2', expression: 'e1 + 1', returnData: true },
      ],
      storeOf({ a: [5] }),
    );

    expect(queries.compute('e2', { endMinute: 1, periodMinutes: 1, periods: 1 })[0]?.at(0)).toBe(11);
  });

  it('takes the period of its metrics, which have to agree', () => {
    const queries = (period: number) =>
      new DataQueries(
        [queryOf('a', 300), queryOf('b', period), { id: 'e', expression: 'a + b', returnData: true }],
        new MetricStore(),
      );

    expect(queries(300).periodSecondsOf('e')).toBe(300);
    expect(() => queries(60).periodSecondsOf('e')).toThrow('e mixes the periods 300, 60 s.');
  });
});

describe('a search', () => {
  const lines = { orders: [1, 2], visits: [10, 20] };
  const searched = (search: string) =>
    computeAll(`SEARCH('${search}', 'Sum', 60)`, lines).map(({ label }) => label);

  it.each([
    ['Namespace="Shop" MetricName="orders"', ['test orders']],
    ['Namespace="Shop"', ['test orders', 'test visits']],
    ['{Shop,Stage} MetricName="visits"', ['test visits']],
    ['{Shop,Stage} Stage="test" AND MetricName="visits"', ['test visits']],
    ['{Shop,Stage} Stage="other"', []],
    ['{Shop}', []],
    ['{Other,Stage}', []],
  ])('for %s finds what matches', (search, labels) => {
    expect(searched(search)).toEqual(labels);
  });

  it('adds up', () => {
    expect(compute(`SUM(SEARCH('Namespace="Shop"', 'Sum', 60))`, lines)).toEqual([11, 22]);
  });

  it('for words without a name is refused', () => {
    expect(() => searched('Shop orders')).toThrow(MathNotModelled);
  });
});
