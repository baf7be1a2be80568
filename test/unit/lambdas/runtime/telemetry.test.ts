import middy from '@middy/core';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { metricNames } from '../../../../domain/service-levels/metrics.ts';
import { countFailures, createTelemetry, publishMetrics } from '../../../../lambdas/runtime/telemetry.ts';

const lines: string[] = [];
beforeEach(() => {
  lines.length = 0;
  // In this mode the library writes to the global console, which the spies see.
  vi.stubEnv('POWERTOOLS_DEV', 'true');
  vi.stubEnv('POWERTOOLS_METRICS_DISABLED', 'false');
  vi.stubEnv('POWERTOOLS_METRICS_NAMESPACE', 'Weir/test');
  for (const method of ['log', 'warn'] as const) {
    vi.spyOn(console, method).mockImplementation((line) => void lines.push(String(line)));
  }
});
afterEach(() => {
  vi.restoreAllMocks();
  vi.unstubAllEnvs();
});

const invoke = (work: (meter: ReturnType<typeof createTelemetry>['meter']) => void) => {
  const { metrics, meter } = createTelemetry('ingest');
  const handler = middy()
    .use(publishMetrics(metrics))
    .handler(async () => work(meter));
  return handler({}, {} as never);
};

it('publishes under the namespace of the stage, by endpoint and tier and nothing else', async () => {
  await invoke((meter) => {
    meter.tier('standard');
    meter.count(metricNames.acceptedEvents, 3);
  });

  const [published = '{}'] = lines;
  expect(JSON.parse(published)).toMatchObject({
    _aws: { CloudWatchMetrics: [{ Namespace: 'Weir/test', Dimensions: [['endpoint', 'tier']] }] },
    endpoint: 'ingest',
    tier: 'standard',
    acceptedEvents: 3,
  });
});

it('publishes what was measured before a failure', async () => {
  const failing = invoke((meter) => {
    meter.count(metricNames.rejectedEvents, 1);
    throw new Error('no');
  });

  await expect(failing).rejects.toThrow('no');
  expect(lines.join()).toContain('"rejectedEvents":1');
});

it('writes nothing if nothing was measured', async () => {
  await invoke(() => {});

  expect(lines).toEqual([]);
});

it('counts an answer with a 5xx for all versions and for its own, and no other answer', async () => {
  const answerWith = (answer: () => { statusCode: number }) => {
    const { metrics, meter } = createTelemetry('ingest');
    meter.tier('standard');
    return middy()
      .use(publishMetrics(metrics))
      .use(countFailures(metrics, 'ingest', '7'))
      .use({
        onError: (request) => {
          request.response = { statusCode: 503 };
        },
      })
      .handler(async () => answer())({}, {} as never);
  };

  for (const statusCode of [202, 429]) await answerWith(() => ({ statusCode }));
  expect(lines).toEqual([]);
  await answerWith(() => ({ statusCode: 500 }));
  await answerWith(() => {
    throw new Error('no');
  });

  const metric = {
    Dimensions: [['endpoint'], ['endpoint', 'version']],
    Metrics: [{ Name: 'failedRequests', Unit: 'Count' }],
  };
  expect(lines.map((line) => JSON.parse(line))).toEqual(
    Array.from({ length: 2 }, () => ({
      _aws: { Timestamp: expect.any(Number), CloudWatchMetrics: [{ Namespace: 'Weir/test', ...metric }] },
      endpoint: 'ingest',
      version: '7',
      failedRequests: 1,
    })),
  );
});
