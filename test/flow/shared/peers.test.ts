// What users of other systems reported, as they would see it here. What each client really sends is in
// test/flow/foreign-clients.test.ts, and Pyrra's floor in test/infra/slo/service-levels.test.ts.

import { expect } from 'vitest';
import type { RunningWeir } from '../../../local/weir.ts';
import { createAccountOn } from '../../support/accounts.ts';
import { type Api, createApi } from '../../support/api.ts';
import { eventually } from '../../support/eventually.ts';
import { type Fault, openFaultyDoor } from '../../support/faulty-door.ts';
import { it } from '../../support/shared-weir.ts';

let twin: RunningWeir;
it.beforeAll(({ weir }) => {
  twin = weir.twin;
});

async function tenant(account: string, ...faults: readonly Fault[]) {
  const { api_key } = await createAccountOn(twin, account, 'custom');
  const door = await openFaultyDoor(twin.url);
  door.script(...faults);
  const api = createApi(door.url, api_key);
  const counted = (enough: (summary: { total: number; duplicates: number }) => boolean) =>
    eventually(async () => (await api.get(`/v1/accounts/${account}/summary?window=24h`)).json, enough);
  return { api, api_key, counted, close: () => door.close() };
}

const order = (event_id: string) => ({ event_id, type: 'order', user_id: 'customer-1', value: 1 });
const receiptOf = async (api: Api, receipt: string) =>
  (
    await eventually(
      () => api.get(receipt),
      ({ json }) => json.status !== 'pending',
    )
  ).json;

it('OpenMeter #5118: a retry after a lost answer is metered once, and told so', async () => {
  const { api, counted, close } = await tenant('peers-openmeter', 'lose');
  await expect(api.post('/v1/events', [order('o-1')])).rejects.toThrow();
  const { status, json } = await api.post('/v1/events', [order('o-1')]);

  expect(status).toBe(202);
  // There, the claim of the first attempt made the second one a success that nobody had stored.
  expect(await receiptOf(api, json.receipt)).toMatchObject({ status: 'stored', stored: 0, duplicates: 1 });
  await counted(({ total, duplicates }) => total === 1 && duplicates === 1);
  await close();
});

it('Lago #3049: a resend is a success, and no 422', async () => {
  const { api, counted, close } = await tenant('peers-lago');
  const statuses: number[] = [];
  for (let sent = 0; sent < 3; sent += 1)
    statuses.push((await api.post('/v1/events', [order('o-1')])).status);

  expect(statuses).toEqual([202, 202, 202]);
  await counted(({ total, duplicates }) => total === 1 && duplicates === 2);
  await close();
});

it('PostHog #99177: what search shows is counted, and stays', async () => {
  const { api, counted, close } = await tenant('peers-posthog');
  const events = [order('o-1'), order('o-1'), { ...order('o-2'), type: '' }, order('o-3')];
  const { json } = await api.post('/v1/events', events);
  const receipt = await receiptOf(api, json.receipt);
  await counted(({ total }) => total === receipt.stored);
  const { events: found } = (await api.get('/v1/events?order=asc')).json;

  expect(found.map(({ event_id }: { event_id: string }) => event_id)).toEqual(['o-1', 'o-3']);
  expect(found).toHaveLength(receipt.stored);
  expect(json.rejected.map(({ index }: { index: number }) => index)).toEqual([1, 2]);
  await close();
});

it('Stripe meters: many calls at once for one customer and one meter all count', async () => {
  const { api, counted, close } = await tenant('peers-stripe');
  const statuses = await Promise.all(
    Array.from({ length: 50 }, async (_, n) => (await api.post('/v1/events', [order(`o-${n}`)])).status),
  );

  expect(new Set(statuses)).toEqual(new Set([202]));
  await counted(({ total }) => total === 50);
  const { by_type } = (await api.get('/v1/accounts/peers-stripe/summary?window=24h')).json;
  expect(by_type).toMatchObject([{ type: 'order', count: 50, values: { sum: '50' } }]);
  await close();
});

it('PostHog token-validation: a mistyped key is a 401, at every door', async () => {
  const { api_key, close } = await tenant('peers-token');
  const mistyped = `${api_key.slice(0, -1)}${api_key.endsWith('0') ? '1' : '0'}`;
  for (const path of ['/v1/events', '/v1/batch', '/v1/track', '/t', '/v1/logs', '/api/v1/events'])
    for (const headers of [
      { 'x-api-key': mistyped },
      { authorization: `Bearer ${mistyped}` },
      { authorization: `Basic ${Buffer.from(`${mistyped}:`).toString('base64')}` },
    ] as Record<string, string>[]) {
      const { status, json } = await createApi(twin.url).post(path, {}, headers);
      expect([path, status, json.code]).toEqual([path, 401, 'unauthorized']);
    }
  await close();
});
