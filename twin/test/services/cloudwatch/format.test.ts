import { Metrics, MetricUnit } from '@aws-lambda-powertools/metrics';
import fc from 'fast-check';
import { describe, expect, it, vi } from 'vitest';
import {
  type EmbeddedMetric,
  readMetricLine,
} from '../../../src/services/cloudwatch/embedded-metric-format.ts';

const timestampMs = 1_795_254_836_113;
type Directive = { Namespace?: unknown; Dimensions?: unknown; Metrics?: unknown };

const directive: Directive = {
  Namespace: 'Weir/dev',
  Dimensions: [['endpoint']],
  Metrics: [{ Name: 'enqueueTime', Unit: 'Milliseconds' }],
};
const members = { endpoint: 'ingest', tier: 'pro', enqueueTime: 12.5 };
const lineWith = (changed: Directive, root: object = members) =>
  JSON.stringify({
    _aws: { Timestamp: timestampMs, CloudWatchMetrics: [{ ...directive, ...changed }] },
    ...root,
  });

function metricsIn(line: string): readonly EmbeddedMetric[] {
  const read = readMetricLine(line);
  if (read === undefined || 'complaint' in read) throw new Error(`Not understood: ${read?.complaint}`);
  return read.metrics;
}

function complaintOf(line: string): string {
  const read = readMetricLine(line);
  if (read === undefined || !('complaint' in read)) throw new Error('There is nothing to complain of.');
  return read.complaint;
}

describe('a line of metrics', () => {
  it('tells of each its namespace, name, unit, dimensions, values and resolution, and the time of all', () => {
    const line = lineWith({});

    expect(readMetricLine(line)).toEqual({
      metrics: [
        {
          namespace: 'Weir/dev',
          name: 'enqueueTime',
          unit: 'Milliseconds',
          dimensionSets: [{ endpoint: 'ingest' }],
          values: [12.5],
        },
      ],
      timestampMs,
      root: JSON.parse(line),
    });
  });

  it('has no unit where it says nothing of it', () => {
    const [metric] = metricsIn(lineWith({ Metrics: [{ Name: 'enqueueTime' }] }));

    expect(metric).toMatchObject({ unit: 'None' });
  });

  it('may ask for a resolution of a second', () => {
    const [metric] = metricsIn(lineWith({ Metrics: [{ Name: 'enqueueTime', StorageResolution: 1 }] }));

    expect(metric?.name).toBe('enqueueTime');
  });

  it('may have many values, and none', () => {
    expect(metricsIn(lineWith({}, { ...members, enqueueTime: [3, 1, 2] }))[0]?.values).toEqual([3, 1, 2]);
    expect(metricsIn(lineWith({}, { ...members, enqueueTime: [] }))[0]?.values).toEqual([]);
  });

  it('may have several sets of dimensions, the empty one among them, and has each once whatever its order', () => {
    const sets = [['endpoint'], ['tier', 'endpoint'], ['endpoint', 'tier'], []];
    const [metric] = metricsIn(lineWith({ Dimensions: sets }));

    expect(metric?.dimensionSets).toEqual([{ endpoint: 'ingest' }, { endpoint: 'ingest', tier: 'pro' }, {}]);
  });

  it('may have several directives, each with its own namespace', () => {
    const directives = [directive, { ...directive, Namespace: 'Other' }];
    const line = JSON.stringify({
      _aws: { Timestamp: timestampMs, CloudWatchMetrics: directives },
      ...members,
    });

    expect(metricsIn(line).map(({ namespace }) => namespace)).toEqual(['Weir/dev', 'Other']);
  });

  it('may have names that every object knows, as long as they are its own members', () => {
    const own = '{"__proto__": 1, "constructor": "shop"}';
    const head = lineWith({ Dimensions: [['constructor']], Metrics: [{ Name: '__proto__' }] }, {});
    const line = `${head.slice(0, -1)},${own.slice(1)}`;

    expect(metricsIn(line)[0]).toMatchObject({ values: [1], dimensionSets: [{ constructor: 'shop' }] });
    expect(complaintOf(head)).toMatch(/^The dimension constructor /);
  });

  it.each([
    ['no metrics', lineWith({ Metrics: [] })],
    ['no directives', `{"_aws":{"Timestamp":${timestampMs},"CloudWatchMetrics":[]}}`],
  ])('is right with %s', (_, line) => {
    expect(metricsIn(line)).toEqual([]);
  });
});

describe('a line that holds no metrics and means to hold none', () => {
  it.each([
    ['text', 'Starting up'],
    ['nothing', ''],
    ['an object without metadata', '{"level":"INFO","message":"events rejected"}'],
    ['a number', '12'],
    ['null', 'null'],
    ['an object that has metadata deeper down', `{"detail":${lineWith({})}}`],
    ['a message that quotes metadata', JSON.stringify({ message: lineWith({}) })],
  ])('is passed over: %s', (_, line) => {
    expect(readMetricLine(line)).toBeUndefined();
  });
});

describe('a line that CloudWatch would drop in silence is told of', () => {
  const named = (count: number) => Array.from({ length: count }, (_, index) => `name${index}`);
  const filled = (count: number, value: unknown) =>
    Object.fromEntries(named(count).map((name) => [name, value]));
  const metadata = (changed: object) =>
    JSON.stringify({
      _aws: { Timestamp: timestampMs, CloudWatchMetrics: [directive], ...changed },
      ...members,
    });
  const metric = (changed: object) => lineWith({ Metrics: [{ Name: 'enqueueTime', ...changed }] });
  const value = (enqueueTime: unknown) => lineWith({}, { ...members, enqueueTime });

  it.each([
    ['text before the object', `INFO ${lineWith({})}`, 'The line is not one JSON object and nothing else.'],
    ['half an object', lineWith({}).slice(0, -5), 'The line is not one JSON object and nothing else.'],
    ['a list of objects', `[${lineWith({})}]`, 'The line is not one JSON object and nothing else.'],
    [
      'more than 1 MiB',
      lineWith({}, { ...members, more: 'ä'.repeat(524_288) }),
      'The line is longer than 1 MiB.',
    ],
    ['metadata of another type', '{"_aws":"1"}', '_aws is no object.'],
    ['no timestamp', metadata({ Timestamp: undefined }), /^Timestamp is no whole number/],
    ['a timestamp in words', metadata({ Timestamp: '2026-11-21' }), /^Timestamp is no whole number/],
    ['a timestamp with a fraction', metadata({ Timestamp: 1.5 }), /^Timestamp is no whole number/],
    ['a timestamp before 1970', metadata({ Timestamp: -1 }), /^Timestamp is no whole number/],
    ['a timestamp beyond all dates', metadata({ Timestamp: 1e16 }), /^Timestamp is no whole number/],
    ['no directives', metadata({ CloudWatchMetrics: undefined }), 'CloudWatchMetrics is no list.'],
    ['a directive that is none', metadata({ CloudWatchMetrics: [null] }), /^CloudWatchMetrics has a member/],
    ['no namespace', lineWith({ Namespace: undefined }), /^Namespace is no string/],
    ['an empty namespace', lineWith({ Namespace: '' }), /^Namespace is no string/],
    ['a long namespace', lineWith({ Namespace: 'n'.repeat(1025) }), /^Namespace is no string of 1 to 1024/],
    ['no dimensions', lineWith({ Dimensions: undefined }), /^Dimensions is no list of at least one/],
    ['no set of dimensions', lineWith({ Dimensions: [] }), /^Dimensions is no list of at least one/],
    ['dimensions that are no sets', lineWith({ Dimensions: ['endpoint'] }), /^Dimensions is no list of/],
    [
      'a dimension without a name',
      lineWith({ Dimensions: [[1]] }),
      /^Dimensions has a name that is no string/,
    ],
    [
      'a dimension with a long name',
      lineWith({ Dimensions: [['d'.repeat(251)]] }, { ...members, ['d'.repeat(251)]: 'value' }),
      /^Dimensions has a name that is no string of 1 to 250/,
    ],
    [
      'more than 30 dimensions',
      lineWith({ Dimensions: [named(31)] }, { ...members, ...filled(31, 'value') }),
      'Dimensions has a set of more than 30 names.',
    ],
    [
      'a dimension that is no member',
      lineWith({ Dimensions: [['zone']] }),
      /^The dimension zone is no member/,
    ],
    [
      'a dimension that is deeper down',
      lineWith({ Dimensions: [['shop.zone']] }, { ...members, shop: { zone: 'eu' } }),
      /^The dimension shop.zone is no member/,
    ],
    [
      'a dimension that is no string',
      lineWith({ Dimensions: [['enqueueTime']] }),
      /^The dimension enqueueTime /,
    ],
    [
      'a dimension with a long value',
      lineWith({}, { ...members, endpoint: 'e'.repeat(1025) }),
      /^The dimension endpoint .* at most 1024 characters/,
    ],
    ['no metrics', lineWith({ Metrics: undefined }), 'Metrics is no list.'],
    [
      'more than 100 metrics',
      lineWith({ Metrics: named(101).map((Name) => ({ Name })) }, { ...members, ...filled(101, 1) }),
      'Metrics has more than 100 members.',
    ],
    [
      'a metric that is none',
      lineWith({ Metrics: ['enqueueTime'] }),
      /^Metrics has a member that is no object/,
    ],
    ['a metric without a name', metric({ Name: undefined }), /^Metrics has a Name that is no string/],
    ['a metric with an unknown unit', metric({ Unit: 'ms' }), /^The Unit of enqueueTime is none/],
    [
      'a metric with another resolution',
      metric({ StorageResolution: 30 }),
      /^The StorageResolution of enqueueTime/,
    ],
    ['a metric without a value', metric({ Name: 'freshness' }), /^The metric freshness is no member/],
    ['a metric in words', value('12'), /^The metric enqueueTime is no member .* with a number/],
    ['a metric that was NaN', value(Number.NaN), /^The metric enqueueTime is no member/],
    ['a metric with values in words', value([1, '2']), /^The metric enqueueTime is no member/],
    ['a metric beyond what CloudWatch takes', value(2 ** 361), /^The metric enqueueTime .* up to 2\^360/],
    [
      'a metric beyond all numbers',
      value(1).replace('"enqueueTime":1', '"enqueueTime":1e999'),
      /^The metric/,
    ],
    [
      'a metric of more than 100 values',
      value(Array(101).fill(1)),
      'The metric enqueueTime has more than 100 values.',
    ],
  ])('%s', (_, line, complaint) => {
    expect(complaintOf(line)).toMatch(complaint);
  });

  it.each([
    ['30 dimensions', lineWith({ Dimensions: [named(30)] }, { ...members, ...filled(30, 'value') })],
    [
      '100 metrics',
      lineWith({ Metrics: named(100).map((Name) => ({ Name })) }, { ...members, ...filled(100, 1) }),
    ],
    ['100 values', value(Array(100).fill(1))],
    ['a dimension of 1,024 characters', lineWith({}, { ...members, endpoint: 'e'.repeat(1024) })],
  ])('but one at the limit is not: %s', (_, line) => {
    expect(metricsIn(line).length).toBeGreaterThan(0);
  });
});

describe('what the metrics library of the functions prints', () => {
  const silent = { trace() {}, debug() {}, info() {}, warn() {}, error() {} };
  const named = (prefix: string, maxLength: number) =>
    fc.string({ unit: 'grapheme', maxLength: maxLength / 8 }).map((name) => `${prefix}${name}`);
  const dimension = fc.tuple(named('dimension ', 200), named('value ', 200));
  const measured = fc.record({
    name: named('metric ', 40),
    values: fc.array(fc.double({ min: -(2 ** 360), max: 2 ** 360, noNaN: true }), {
      minLength: 1,
      maxLength: 250,
    }),
    resolution: fc.constantFrom(1 as const, 60 as const),
    unit: fc.constantFrom(...Object.values(MetricUnit)),
  });
  const published = fc.record({
    namespace: named('Weir/', 200),
    service: named('service ', 40),
    dimensions: fc.uniqueArray(dimension, { maxLength: 5, selector: ([name]) => name }),
    set: fc.uniqueArray(dimension, { maxLength: 5, selector: ([name]) => name }),
    metadata: fc.array(fc.tuple(named('metadata ', 40), fc.string()), { maxLength: 3 }),
    metrics: fc.uniqueArray(measured, { minLength: 1, maxLength: 5, selector: ({ name }) => name }),
    more: fc.integer({ min: 0, max: 120 }),
    timestampMs: fc.option(fc.integer({ min: 0, max: Date.now() }), { nil: undefined }),
  });
  type Published = typeof published extends fc.Arbitrary<infer Value> ? Value : never;

  function print(said: Published): readonly string[] {
    let out = '';
    const write = vi.spyOn(process.stdout, 'write').mockImplementation((chunk) => {
      out += chunk;
      return true;
    });
    try {
      const { namespace, service } = said;
      const metrics = new Metrics({ namespace, serviceName: service, logger: silent });
      for (const [name, value] of said.dimensions) metrics.addDimension(name, value);
      if (said.set.length > 0) metrics.addDimensions(Object.fromEntries(said.set));
      for (const [name, value] of said.metadata) metrics.addMetadata(name, value);
      if (said.timestampMs !== undefined) metrics.setTimestamp(said.timestampMs);
      for (let index = 0; index < said.more; index += 1) metrics.addMetric(`more ${index}`, 'Count', index);
      for (const { name, unit, values, resolution } of said.metrics)
        for (const value of values) metrics.addMetric(name, unit, value, resolution);
      metrics.publishStoredMetrics();
    } finally {
      write.mockRestore();
    }
    return out.split('\n').filter((line) => line !== '');
  }

  it('is always understood, value by value, under the dimensions that were set', () => {
    fc.assert(
      fc.property(published, (said) => {
        const lines = print(said);

        const metrics = lines.flatMap(metricsIn);
        for (const { name, unit, values } of said.metrics) {
          const found = metrics.filter((metric) => metric.name === name);
          // JSON knows no negative zero.
          expect(found.flatMap((metric) => metric.values)).toEqual(values.map((value) => value + 0));
          for (const metric of found)
            expect(metric).toMatchObject({
              namespace: said.namespace,
              unit,
            });
        }
        const sets = metrics[0]?.dimensionSets ?? [];
        const service = { service: said.service };
        const wanted = [said.dimensions, said.set]
          .filter((dimensions) => dimensions.length > 0)
          .map((dimensions) => Object.keys({ ...service, ...Object.fromEntries(dimensions) }).toSorted());
        const distinct = [...new Map(wanted.map((names) => [JSON.stringify(names), names])).values()];
        expect(sets.map((set) => Object.keys(set))).toEqual(distinct.length > 0 ? distinct : [['service']]);
        for (const set of sets) expect(set.service).toBe(said.service);
      }),
      { numRuns: 60 },
    );
  });
});
