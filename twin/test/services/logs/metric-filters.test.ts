import { appendFileSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { type Clock, createClock } from '../../../src/core/clock.ts';
import type { Measurement } from '../../../src/core/metric-sink.ts';
import { MetricFilters } from '../../../src/services/logs/metric-filters.ts';
import { templateOf } from '../../fixture.ts';
import { eventually } from '../../support/eventually.ts';

const format = JSON.stringify({ at: '$context.requestTimeEpoch', status: '$context.status' });

let folder: string;
let clock: Clock;
let reports: string[];
let added: Measurement[];
let running: MetricFilters | undefined;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'twin-metric-filters-'));
  clock = createClock();
  reports = [];
  added = [];
});
afterEach(async () => {
  await running?.end();
  running = undefined;
  rmSync(folder, { recursive: true });
});

const file = () => join(folder, 'access.log');
const write = (atMs: number, status: string) =>
  appendFileSync(file(), `${JSON.stringify({ at: String(atMs), status })}\n`);

const transformation = { MetricNamespace: 'Shop', MetricName: 'refused', MetricValue: '1', Unit: 'Count' };

async function start(properties: object = {}) {
  const template = templateOf({
    Refused: {
      Type: 'AWS::Logs::MetricFilter',
      Properties: {
        LogGroupName: 'access',
        FilterPattern: '{ $.status = "4*" }',
        MetricTransformations: [transformation],
        ...properties,
      },
    },
  });
  running = new MetricFilters({
    ...{ template, clock },
    metrics: { add: (measurement) => added.push(measurement) },
    report: (problem) => reports.push(problem),
    groups: () => [{ name: 'access', file: file(), format }],
  });
  await running.start();
}

it('counts the lines that match, at their own time, and none of before the start', async () => {
  write(1000, '401');
  await start();
  write(60_000, '401');
  write(61_000, '200');
  write(62_000, '429');
  clock.moveBy(5000);

  await eventually(
    async () => added.length,
    (count) => count === 2,
  );
  expect(added).toEqual(
    [60_000, 62_000].map((timestampMs) => ({
      ...{ namespace: 'Shop', name: 'refused', unit: 'Count', value: 1, dimensions: {}, timestampMs },
    })),
  );
  expect(reports).toEqual([]);
});

it.each([
  ['its pattern', { FilterPattern: '[ip, user]' }, /nothing is counted: .*filter pattern/],
  [
    'a value of the line',
    { MetricTransformations: [{ ...transformation, MetricValue: '$.ms' }] },
    /fixed value/,
  ],
  [
    'dimensions',
    { MetricTransformations: [{ ...transformation, Dimensions: [{ Key: 'a', Value: '$.a' }] }] },
    /no dimensions/,
  ],
  ['a log group of nobody', { LogGroupName: 'other' }, /logs to other/],
])('reports %s that it cannot run', async (_what, properties, message) => {
  await start(properties);

  expect(reports).toEqual([expect.stringMatching(message)]);
});
