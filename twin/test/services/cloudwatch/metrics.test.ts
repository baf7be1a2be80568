import { appendFileSync, mkdtempSync, rmSync } from 'node:fs';
import type { IncomingMessage } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createPages } from '../../../src/pages/pages.ts';
import { AwsSeries } from '../../../src/services/cloudwatch/aws-series.ts';
import { metricPages } from '../../../src/services/cloudwatch/metric-pages.ts';
import { Metrics } from '../../../src/services/cloudwatch/metrics.ts';
import { MetricStore } from '../../../src/services/cloudwatch/store/metric-store.ts';

const startMs = Date.parse('2026-11-21T10:00:00.000Z');
let folder: string;
let metrics: Metrics;
let store: MetricStore;
let aws: AwsSeries;
const print = (label: string, ...lines: string[]) =>
  appendFileSync(join(folder, `${label}.log`), lines.map((line) => `${line}\n`).join(''));

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'weir-metrics-'));
  print('ingest', counted(1000));
  store = new MetricStore();
  aws = new AwsSeries();
  metrics = new Metrics({
    aws,
    store,
    logFiles: { ingest: join(folder, 'ingest.log'), consume: join(folder, 'consume.log') },
  });
  await metrics.start();
});
afterEach(() => rmSync(folder, { recursive: true }));

type Said = { sets?: string[][]; tier?: string; unit?: string; atMs?: number };

/** A line as functions print it, of the metric `acceptedEvents`. */
function counted(
  value: unknown,
  { sets = [['endpoint']], tier = 'pro', unit = 'Count', atMs = startMs }: Said = {},
) {
  return JSON.stringify({
    _aws: {
      Timestamp: atMs,
      CloudWatchMetrics: [
        { Namespace: 'Weir/dev', Dimensions: sets, Metrics: [{ Name: 'acceptedEvents', Unit: unit }] },
      ],
    },
    endpoint: 'ingest',
    tier,
    acceptedEvents: value,
  });
}

describe('a series', () => {
  it('adds up what was printed since the start, over lines and over looks', () => {
    print('ingest', 'Starting up', counted(5), counted([1, 3], { atMs: startMs + 1000 }));
    expect(metrics.series()).toMatchObject([{ samples: 3, sum: 9 }]);

    print('ingest', counted(11));

    expect(metrics.series()).toEqual([
      {
        namespace: 'Weir/dev',
        name: 'acceptedEvents',
        unit: 'Count',
        dimensions: { endpoint: 'ingest' },
        samples: 4,
        sum: 20,
        min: 1,
        max: 11,
        latest_at: '2026-11-21T10:00:01.000Z',
        of_latest_values: { values: 4, p50: 3, p95: 11, p99: 11 },
      },
    ]);
  });

  it('is one for each set of dimensions of a line, and for each of their values', () => {
    print('ingest', counted(5, { sets: [['endpoint'], ['tier', 'endpoint'], []] }));
    print(
      'ingest',
      counted(7, { sets: [['endpoint', 'tier']] }),
      counted(1, { sets: [['tier']], tier: 'free' }),
    );

    expect(metrics.series().map(({ dimensions, sum }) => [dimensions, sum])).toEqual([
      [{ endpoint: 'ingest', tier: 'pro' }, 12],
      [{ endpoint: 'ingest' }, 5],
      [{ tier: 'free' }, 1],
      [{}, 5],
    ]);
  });

  it('is shared by the functions that print it, and by no other unit', () => {
    print('ingest', counted(5));
    print('consume', counted(7), counted(1, { unit: 'Percent' }));

    expect(metrics.series().map(({ unit, sum }) => [unit, sum])).toEqual([
      ['Count', 12],
      ['Percent', 1],
    ]);
  });

  it('has percentiles of its latest 1,000 values, each of which occurred', () => {
    const ascending = Array.from({ length: 1000 }, (_, index) => index + 1);
    print('ingest', ...Array.from({ length: 50 }, () => counted(1_000_000)));
    print('ingest', ...ascending.toReversed().map((value) => counted(value)));

    expect(metrics.series()).toMatchObject([
      { samples: 1050, max: 1_000_000, of_latest_values: { values: 1000, p50: 500, p95: 950, p99: 990 } },
    ]);
  });

  it('is not there for a metric without a value', () => {
    print('ingest', counted([]));

    expect(metrics.series()).toEqual([]);
  });
});

describe('lines', () => {
  it('are kept parsed, with the function, in the order of their time', () => {
    print('ingest', 'Starting up', counted(1, { atMs: startMs }), counted(3, { atMs: startMs + 2 }));
    print('consume', counted(2, { atMs: startMs + 1 }));

    expect(metrics.lines()).toEqual([
      { function: 'ingest', line: JSON.parse(counted(1, { atMs: startMs })) },
      { function: 'consume', line: JSON.parse(counted(2, { atMs: startMs + 1 })) },
      { function: 'ingest', line: JSON.parse(counted(3, { atMs: startMs + 2 })) },
    ]);
  });

  it('are the latest 1,000 of all functions', () => {
    const at = (from: number) =>
      Array.from({ length: 1200 }, (_, index) =>
        counted(from + 2 * index, { atMs: startMs + from + 2 * index }),
      );
    print('ingest', ...at(0));
    print('consume', ...at(1));

    expect(metrics.lines().map(({ line }) => line.acceptedEvents)).toEqual(
      Array.from({ length: 1000 }, (_, index) => 1400 + index),
    );
  });

  it('of one moment are in the order in which they were printed', () => {
    print('ingest', ...Array.from({ length: 1003 }, (_, index) => counted(index)));

    expect(metrics.lines().map(({ line }) => line.acceptedEvents)).toEqual(
      Array.from({ length: 1000 }, (_, index) => 3 + index),
    );
  });
});

describe('complaints', () => {
  it('tell the function, the broken rule, how often, and a line', () => {
    print('ingest', counted('5'), counted(1), counted('6'));
    print('consume', counted('7'));

    const complaint = expect.stringMatching(
      /^The metric acceptedEvents is no member of the line with a number/,
    );
    expect(metrics.complaints()).toEqual([
      { function: 'ingest', complaint, lines: 2, latest_line: counted('6') },
      { function: 'consume', complaint, lines: 1, latest_line: counted('7') },
    ]);
    expect(metrics.series()).toMatchObject([{ samples: 1 }]);
    expect(metrics.lines()).toHaveLength(1);
  });

  it('are at most 100, those that were heard last, with the beginnings of their lines', () => {
    const wrong = (index: number) => counted(1, { sets: [[`zone-${index}`]] });
    print('ingest', ...Array.from({ length: 150 }, (_, index) => wrong(index)), wrong(50));
    print('ingest', `${'x'.repeat(1000)}"_aws"`);

    const complaints = metrics.complaints();

    expect(complaints).toHaveLength(100);
    expect(complaints[0]?.complaint).toMatch(/ zone-52 /);
    expect(complaints.at(-2)).toMatchObject({ lines: 2, complaint: expect.stringContaining(' zone-50 ') });
    expect(complaints.at(-1)?.latest_line).toBe('x'.repeat(500));
  });
});

it('a reset counts nothing that was printed before it, whether somebody had looked or not', () => {
  print('ingest', counted(1), counted('wrong'));
  metrics.series();
  print('ingest', counted(2));

  metrics.reset();
  print('ingest', counted(4));

  expect(metrics.series()).toMatchObject([{ samples: 1, sum: 4 }]);
  expect(metrics.lines()).toHaveLength(1);
  expect(metrics.complaints()).toEqual([]);
});

describe('the pages', () => {
  async function open(method: string, path: string) {
    const headers = { host: '127.0.0.1:8787' };
    const request = Object.assign(Readable.from([]), { method, url: path, headers });
    const answer = await createPages('/_twin', metricPages(metrics))(request as unknown as IncomingMessage);
    const text = String(answer?.body);
    const isJson = answer?.headers['content-type'] === 'application/json';
    return { status: answer?.status, headers: answer?.headers, text, json: isJson ? JSON.parse(text) : text };
  }

  it('show series with complaints, and lines, and start afresh', async () => {
    print('ingest', counted(1), counted('wrong'));

    expect(await open('GET', '/_twin/metrics')).toMatchObject({
      status: 200,
      json: { series: metrics.series(), complaints: metrics.complaints() },
    });
    expect((await open('GET', '/_twin/metrics/lines')).json).toEqual({
      lines: [{ function: 'ingest', line: JSON.parse(counted(1)) }],
    });
    expect((await open('DELETE', '/_twin/metrics')).status).toBe(200);
    expect((await open('GET', '/_twin/metrics')).json).toEqual({ series: [], complaints: [] });
  });

  it('show what AWS measures, and all of it as OpenMetrics, and start it afresh', async () => {
    print('ingest', counted(3));
    aws.add({
      ...{ namespace: 'AWS/Lambda', name: 'Duration', dimensions: { FunctionName: 'weir-dev-ingest' } },
      ...{ unit: 'Milliseconds', value: 25, timestampMs: startMs },
    });

    expect((await open('GET', '/_twin/metrics/aws')).json).toEqual({ series: metrics.awsSeries() });
    const { headers, text } = await open('GET', '/_twin/metrics/openmetrics');
    expect(headers).toEqual({
      'content-type': 'application/openmetrics-text; version=1.0.0; charset=utf-8',
    });
    expect(text.split('\n')).toEqual([
      '# TYPE aws_lambda_duration_seconds summary',
      '# UNIT aws_lambda_duration_seconds seconds',
      'aws_lambda_duration_seconds{function_name="weir-dev-ingest",quantile="0.5"} 0.025',
      'aws_lambda_duration_seconds{function_name="weir-dev-ingest",quantile="0.95"} 0.025',
      'aws_lambda_duration_seconds{function_name="weir-dev-ingest",quantile="0.99"} 0.025',
      'aws_lambda_duration_seconds_count{function_name="weir-dev-ingest"} 1',
      'aws_lambda_duration_seconds_sum{function_name="weir-dev-ingest"} 0.025',
      '# TYPE weir_dev_accepted_events counter',
      'weir_dev_accepted_events_total{endpoint="ingest"} 3',
      '# EOF',
      '',
    ]);
    await open('DELETE', '/_twin/metrics');
    expect((await open('GET', '/_twin/metrics/openmetrics')).text).toBe('# EOF\n');
  });
});

it('keeps by the minute what was printed, for alarms, whatever the pages begin afresh', () => {
  print('ingest', counted(5), counted([1, 3], { atMs: startMs + 60_000 }));

  metrics.reset();
  metrics.collect();

  const series = store.find({
    namespace: 'Weir/dev',
    name: 'acceptedEvents',
    dimensions: { endpoint: 'ingest' },
  });
  const minute = startMs / 60_000;
  expect(series?.window(minute, minute + 1)).toMatchObject({ count: 1, sum: 5 });
  expect(series?.window(minute + 1, minute + 2)).toMatchObject({ count: 2, sum: 4 });
  expect(metrics.series()).toEqual([]);
});
