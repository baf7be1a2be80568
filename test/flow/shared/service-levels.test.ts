// What an account got of what is promised, from the access log and from what was stored, and nothing of other accounts.

import { afterEach, expect } from 'vitest';
import { createKey } from '../../../cli/key/create.ts';
import type { RunningWeir } from '../../../local/weir.ts';
import { createAccountOn, operatorOf } from '../../support/accounts.ts';
import { type Answer, createApi } from '../../support/api.ts';
import { eventually } from '../../support/eventually.ts';
import { it } from '../../support/shared-weir.ts';

let twin: RunningWeir;
it.beforeAll(({ weir }) => {
  twin = weir.twin;
});
afterEach(() => twin.faults.clear());

type Objective = { readonly name: string; readonly total: number; readonly bad: number };
const objective = ({ json }: Answer, name: string): Objective | undefined =>
  (json.windows[0].objectives as Objective[]).find((each) => each.name === name);

async function adminOf(account_id: string): Promise<string> {
  await createAccountOn(twin, account_id, 'standard');
  const key = { account_id, environment: 'production', scopes: ['admin'] } as const;
  return (await createKey(await operatorOf(twin), key)).api_key;
}

it('tells an account what it was answered, failures of ours and its own apart, and what was stored in time', async () => {
  const { api_key } = await createAccountOn(twin, 'levels', 'custom');
  const quiet = await createAccountOn(twin, 'levels-quiet', 'standard');
  const api = createApi(twin.url, api_key);
  const event = (id: string) => [{ event_id: id, type: 'order' }];
  for (let index = 0; index < 4; index += 1)
    expect((await api.post('/v1/events', event(`l-${index}`))).status).toBe(202);
  expect((await api.post('/v1/events', [{ event_id: 'no type' }])).status).toBe(422);
  twin.faults.inject({
    on: { caller: 'ingest', operation: 'PutRecords' },
    do: { kind: 'error', code: 'InternalFailure' },
  });
  expect((await api.post('/v1/events', event('lost'))).status).toBe(503);
  twin.faults.clear();

  const levels = await eventually(
    () => api.get('/v1/slo'),
    (answer) =>
      objective(answer, 'ingest-availability')?.total === 6 && objective(answer, 'freshness')?.total === 4,
  );

  expect(objective(levels, 'ingest-availability')).toMatchObject({ bad: 1, met: false });
  expect(objective(levels, 'ingest-latency')).toMatchObject({ total: 6 });
  expect(levels.json.windows[1].failures).toEqual([
    { route_group: 'ingest', outcome: 'refused', count: 1 },
    { route_group: 'ingest', outcome: 'failed', count: 1 },
  ]);
  expect(levels.json.windows[0].latency.ingest.p50_ms).toEqual(expect.any(Number));
  expect(levels.json.daily).toHaveLength(30);
  const others = await createApi(twin.url, quiet.api_key).get('/v1/slo');
  expect(objective(others, 'ingest-availability')).toMatchObject({ total: 0, actual_percent: null });
});

it('tells an admin of each dependency, and which one is away', async () => {
  const api_key = await adminOf('levels-admin');
  const api = createApi(twin.url, api_key);
  expect((await api.get('/v1/health')).json).toMatchObject({
    dependencies: expect.arrayContaining([
      { name: 'table identities', status: expect.stringMatching(/ok|slow/), ms: expect.any(Number) },
      { name: 'stream late', status: expect.stringMatching(/ok|slow/), ms: expect.any(Number) },
    ]),
  });

  twin.faults.inject({
    on: { caller: 'manage', operation: 'DescribeStreamSummary' },
    do: { kind: 'error' },
  });
  // An answer is kept for five seconds.
  twin.clock.moveBy(5000);

  const { status, json } = await api.get('/v1/health');
  expect([status, json.status]).toEqual([200, 'failed']);
  expect(json.dependencies).toContainEqual({
    name: 'stream standard',
    status: 'failed',
    ms: expect.any(Number),
  });
});

it('leads from the public route to where a key is asked for', async () => {
  const api_key = await adminOf('levels-deep');
  const ask = (headers: Record<string, string>) => fetch(`${twin.url}/health?deep=1`, { headers });

  expect((await ask({})).status).toBe(401);
  const answer = await ask({ 'x-api-key': api_key });
  expect([answer.status, (await answer.json()) as object]).toEqual([
    200,
    expect.objectContaining({ dependencies: expect.any(Array) }),
  ]);
});
