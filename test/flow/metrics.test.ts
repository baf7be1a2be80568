// What functions publish while the platform works, as somebody sees it who looks at the twin.

import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, inject, it } from 'vitest';
import { dimensionsOf } from '../../domain/service-levels/dimensions.ts';
import {
  metricNames,
  metricNamespaceOf,
  type Publisher,
  published,
} from '../../domain/service-levels/metrics.ts';
import { type RunningWeir, startWeir } from '../../local/weir.ts';
import { type Api, createApi } from '../support/api.ts';
import { eventually } from '../support/eventually.ts';
import { hurried } from '../support/hurried.ts';
import { removeTwinFolder } from '../support/logs.ts';
import { poisonFor, streamOf } from '../support/stream.ts';

const folder = mkdtempSync(join(tmpdir(), 'weir-metrics-'));
const dayMs = 86_400_000;
let twin: RunningWeir;
let api: Api;
beforeAll(async () => {
  twin = await startWeir({ ...hurried, folder, assembly: inject('assembly'), accountIds: ['acme'] });
  api = createApi(twin.url, twin.accounts[0]?.api_key);
});
afterAll(async () => {
  await twin.stop();
  removeTwinFolder(folder);
});

const batch = (prefix: string, count: number) =>
  Array.from({ length: count }, (_, index) => ({ event_id: `${prefix}-${index}`, type: 'measured' }));
const seriesOf = (name: string) => twin.metrics.series().filter((series) => series.name === name);
const stored = (count: number) =>
  eventually(
    async () => seriesOf(metricNames.storedEvents),
    ([series]) => series?.sum === count,
  );

it('events are counted where they are accepted and where they are stored, under the deployed dimensions', async () => {
  const namespace = metricNamespaceOf('dev');

  for (const [prefix, count] of [
    ['first', 30],
    ['second', 12],
  ] as const)
    expect((await api.post('/v1/events', batch(prefix, count))).status).toBe(202);

  expect(await stored(42)).toMatchObject([{ namespace, unit: 'Count', dimensions: { endpoint: 'consume' } }]);
  expect(seriesOf(metricNames.acceptedEvents)).toMatchObject([
    {
      namespace,
      unit: 'Count',
      dimensions: { endpoint: 'ingest', tier: 'standard' },
      samples: 2,
      sum: 42,
      max: 30,
    },
  ]);
  expect(seriesOf(metricNames.enqueueTime)).toMatchObject([
    { unit: 'Milliseconds', of_latest_values: { values: 2 } },
  ]);
  const page = (await api.get('/_weir/metrics')).json;
  expect(page).toMatchObject({ complaints: [] });
  expect(page.series).toEqual(expect.arrayContaining([...seriesOf(metricNames.acceptedEvents)]));
});

it('times are those of the clock of the twin, and a reset begins afresh', async () => {
  twin.metrics.reset();
  expect(seriesOf(metricNames.storedEvents)).toEqual([]);

  twin.clock.moveBy(dayMs);
  const fromMs = twin.clock.now();
  await api.post('/v1/events', batch('tomorrow', 3));

  const [series] = await stored(3);
  const latestAtMs = Date.parse(series?.latest_at ?? '');
  expect(latestAtMs).toBeGreaterThanOrEqual(fromMs);
  expect(latestAtMs).toBeLessThanOrEqual(twin.clock.now());
  const printedBy = twin.metrics.lines().map((line) => line.function);
  expect(printedBy).toEqual(expect.arrayContaining(['ingest', 'consume']));
});

it('the consumer tells what became of events, how fresh they were, and what it had to do again', async () => {
  twin.metrics.reset();
  const partial = twin.faults.inject({
    on: { caller: 'consume', operation: 'BatchExecuteStatement' },
    do: { kind: 'partial', share: 0.5 },
    when: { times: 1 },
  });
  await api.post('/v1/events', batch('told', 10));
  await stored(10);
  await api.post('/v1/events', [...batch('told', 4), { event_id: 'told-9', type: 'another' }]);
  const stream = streamOf(twin);
  const tenant = { account: 'acme', environment: 'production', generation: 0 };
  await stream.put(tenant, poisonFor(tenant, 'poison', twin.clock.now()));
  stream.end();
  await eventually(
    async () => seriesOf(metricNames.quarantinedRecords),
    ([series]) => series?.sum === 1,
  );

  expect(partial.met()).toBe(1);
  const sums = Object.values(metricNames).flatMap((name) =>
    seriesOf(name)
      .filter(({ dimensions }) => dimensions.endpoint === 'consume')
      .map(({ sum }) => [name, sum]),
  );
  expect(Object.fromEntries(sums)).toMatchObject({
    storedEvents: 10,
    duplicateEvents: 4,
    conflictingEvents: 1,
    contestedClaims: 5,
    quarantinedRecords: 1,
    quarantinedEvents: 1,
    retriedCalls: 1,
  });
  expect(seriesOf(metricNames.freshness)).toMatchObject([{ unit: 'Milliseconds', samples: 2 }]);
}, 30_000);

it('functions publish what is declared, under the declared dimensions, and nothing else', () => {
  const seen = twin.metrics.series().map(({ name, dimensions }) => `${name} ${JSON.stringify(dimensions)}`);
  const declared = (Object.keys(published) as Publisher[]).flatMap((publisher) =>
    dimensionsOf(publisher).flatMap((dimensions) =>
      published[publisher].metrics.map((name) => `${name} ${JSON.stringify(dimensions)}`),
    ),
  );

  expect(seen.length).toBeGreaterThan(5);
  expect(seen.filter((each) => !declared.includes(each))).toEqual([]);
});
