import { expect, it } from 'vitest';
import { FunctionFailed } from '../../../src/core/invocation.ts';
import { keptMetrics } from '../../fixture.ts';
import { type FakeFunction, policy, stage, startGateway } from './fixture.ts';

const ofStage = { ApiName: 'test', Stage: 'api' };
const ofMethod = (Method: string, Resource: string) => ({ ...ofStage, Method, Resource });

async function start(serve: FakeFunction, settings: readonly object[] = [], authorize?: FakeFunction) {
  const metrics = keptMetrics();
  const { url } = await startGateway(
    { serve, ...(authorize && { authorize }) },
    { Stage: stage({ MethodSettings: settings }) },
    undefined,
    { metrics: metrics.sink },
  );
  return { metrics, ask: (path: string) => fetch(`${url}${path}`) };
}
const all = { ResourcePath: '/*', HttpMethod: '*', MetricsEnabled: true };

it('measures each request of the stage, with 0 for the errors that it is not', async () => {
  const { metrics, ask } = await start(() => ({ statusCode: 200 }));
  await ask('/items');
  await ask('/items/1');

  expect(metrics.sums(ofStage)).toMatchObject({ Count: 2, '4XXError': 0, '5XXError': 0 });
  expect(metrics.kept.filter(({ name }) => name === '5XXError')).toHaveLength(2);
  expect(metrics.kept.find(({ name }) => name === 'Latency')).toMatchObject({
    namespace: 'AWS/ApiGateway',
    unit: 'Milliseconds',
    timestampMs: Date.UTC(2026, 10, 21, 5, 0, 36),
  });
  expect(metrics.sums(ofMethod('ANY', '/items'))).toEqual({});
});

it('measures methods by themselves where the stage says so, by the path as it is declared', async () => {
  const { metrics, ask } = await start(
    () => Promise.reject(new FunctionFailed('serve', { errorType: 'Error', errorMessage: 'no', trace: [] })),
    [all, { ResourcePath: '/~1items', HttpMethod: 'ANY', MetricsEnabled: false }],
  );
  await ask('/items/1');
  await ask('/items/2');
  await ask('/items');

  expect(metrics.sums(ofMethod('ANY', '/items/{item_id}'))).toMatchObject({ Count: 2, '5XXError': 2 });
  expect(metrics.sums(ofMethod('ANY', '/items'))).toEqual({});
  expect(metrics.sums(ofStage)).toMatchObject({ Count: 3, '5XXError': 3 });
});

it('measures what the gateway refuses: of its method, or of the stage alone where no method takes it', async () => {
  const { metrics, ask } = await start(
    () => ({ statusCode: 200 }),
    [all],
    () => policy('Deny', '*'),
  );
  await ask('/guarded');
  await ask('/nowhere');

  expect(metrics.sums(ofMethod('GET', '/guarded'))).toMatchObject({ Count: 1, '4XXError': 1 });
  expect(metrics.sums(ofStage)).toMatchObject({ Count: 2, '4XXError': 2 });
  expect(metrics.sums(ofStage)).not.toHaveProperty('IntegrationLatency');
});
