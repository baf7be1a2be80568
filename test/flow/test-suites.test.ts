// The twin as the event backend of a test suite: good, bad, all, wait and reset. With a twin of its own, because a reset is
// of all accounts.

import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TwinState } from '@weir/twin';
import { afterAll, afterEach, beforeAll, expect, inject, it } from 'vitest';
import { type RunningWeir, startWeir } from '../../local/weir.ts';
import { createApi } from '../support/api.ts';
import { hurried } from '../support/hurried.ts';
import { removeTwinFolder } from '../support/logs.ts';

const folder = mkdtempSync(join(tmpdir(), 'weir-suites-'));
let twin: RunningWeir;

beforeAll(async () => {
  twin = await startWeir({
    ...hurried,
    folder,
    assembly: inject('assembly'),
    accountIds: ['acme', 'globex'],
  });
});
afterEach(() => twin.faults.clear());
afterAll(async () => {
  await twin.stop();
  removeTwinFolder(folder);
});

const apiOf = (index: number) => createApi(twin.url, twin.accounts[index]?.api_key);
const page = async (path: string, method = 'GET') => {
  const answer = await fetch(`${twin.url}/_weir/${path}`, { method });
  return {
    status: answer.status,
    type: answer.headers.get('content-type'),
    // biome-ignore lint/suspicious/noExplicitAny: tests read any field of an answer
    json: (await answer.json()) as any,
  };
};
const reset = () => page('reset', 'POST');

const recordsWaiting = ({ mappings }: TwinState) =>
  Object.values(mappings)
    .flatMap(({ shards }) => Object.values(shards))
    .reduce((sum, { held_records: held }) => sum + held, 0);

it('shows what is stored, by the filters of a search', async () => {
  await reset();
  const sent = await apiOf(0).post('/v1/events', [
    { event_id: 'good-1', type: 'signup', user_id: 'ada', service: 'web', metadata: { plan: 'pro' } },
    { event_id: 'good-2', type: 'signup', user_id: 'bob' },
  ]);
  await apiOf(1).post('/v1/events', { event_id: 'good-1', type: 'order' });

  const waited = await page('wait?count=3&timeout=10s');
  expect(waited.status).toBe(200);
  expect(waited.json).toHaveLength(3);
  expect((await page('good')).json).toEqual(waited.json);
  const [ada, ...others] = (await page('good?user_id=ada')).json;
  expect(others).toEqual([]);
  expect(ada).toMatchObject({
    account: 'acme',
    environment: 'production',
    receipt: { status: 'stored', stored: 2, duplicates: 0, conflicts: 0 },
    event: { event_id: 'good-1', type: 'signup', metadata: { plan: 'pro' } },
  });
  expect(sent.json.batch_id.startsWith(ada.batch)).toBe(true);
  const ids = async (query: string) =>
    (await page(`good?${query}`)).json.map((each: { event: { event_id: string } }) => each.event.event_id);
  expect(await ids('account=globex')).toEqual(['good-1']);
  expect(await ids('type=signup&limit=1')).toHaveLength(1);
  expect(await ids('metadata.plan=pro')).toEqual(['good-1']);
  expect(await ids('service=web')).toEqual(['good-1']);
  expect((await ids(`batch_id=${sent.json.batch_id}`)).toSorted()).toEqual(['good-1', 'good-2']);
  expect(await ids('since=2099-01-01T00:00:00Z')).toEqual([]);
  expect((await page('all')).json).toEqual({ total: 3, good: 3, bad: 0 });
  expect((await page('all?account=acme&user_id=bob')).json).toEqual({ total: 1, good: 1, bad: 0 });
});

it('shows what was rejected as it was sent, and what could not be read', async () => {
  await reset();
  await apiOf(0).post('/v1/events', [{ type: 'ok' }, { type: 'order', colour: 'red', user_id: 'eve' }]);
  await apiOf(0).post('/v1/events', [{ user_id: 'eve' }]);
  await apiOf(0).post('/v1/events', '{"type":');
  const waited = await page('wait?count=1');
  expect(waited.status).toBe(200);
  await expect
    .poll(async () => (await page('all')).json, { timeout: 10_000 })
    .toEqual({ total: 4, good: 1, bad: 3 });

  const bad = (await page('bad')).json;
  expect(bad.toSorted(byCode)).toMatchObject([
    { kind: 'unreadable', account: 'acme', code: 'invalid_json', count: 1 },
    { kind: 'rejected', code: 'missing_field', field: 'type', event: { user_id: 'eve' }, count: 1 },
    {
      ...{ kind: 'rejected', code: 'unknown_field', field: 'colour' },
      message: '"colour" is not a field of an event.',
      event: { type: 'order', colour: 'red', user_id: 'eve' },
    },
  ]);
  expect((await page('bad?code=invalid_json')).json).toHaveLength(1);
  expect((await page('bad?user_id=eve')).json).toHaveLength(2);
  expect((await page('bad?type=order')).json).toHaveLength(1);
  expect((await page('bad?account=globex')).json).toEqual([]);
});
const byCode = (one: { code: string }, other: { code: string }) => (one.code < other.code ? -1 : 1);

it('answers a wait that is in vain with what there is and what was rejected', async () => {
  await reset();
  await apiOf(0).post('/v1/events', [{ type: 'order' }, { tpye: 'order' }]);
  await page('wait?count=1');
  const { status, type, json } = await page('wait?count=2&timeout=400ms&type=order');
  expect({ status, type }).toEqual({ status: 408, type: 'application/problem+json' });
  expect(json.detail).toMatch(/^1 of 2 events were stored within 400 ms; /);
  expect(json.good).toHaveLength(1);
});

it('forgets everything at a reset, and keeps accounts, keys and people', async () => {
  const api = apiOf(0);
  const keyed = { 'idempotency-key': 'once' };
  const batch = [{ event_id: 'again', type: 'order' }, { type: 7 }];
  const before = await api.post('/v1/events', batch, keyed);
  await page('wait?count=1&event_id=again');
  await expect.poll(async () => (await page('all')).json.bad, { timeout: 10_000 }).toBeGreaterThan(0);

  const startedMs = performance.now();
  const { json } = await reset();
  expect(performance.now() - startedMs).toBeLessThan(5000);
  expect(json.removed.good).toBeGreaterThan(0);
  expect(json.removed.bad).toBeGreaterThan(0);
  expect((await page('all')).json).toEqual({ total: 0, good: 0, bad: 0 });
  expect((await api.get('/v1/events')).json.events).toEqual([]);
  expect((await api.get('/v1/rejections')).json.total).toBe(0);
  expect((await api.get('/v1/accounts/acme/summary?window=24h')).json.total).toBe(0);
  expect((await api.get(before.json.receipt)).status).toBe(404);
  expect((await api.get('/v1/usage')).status).toBe(200);

  // Ids and the idempotency key are free again.
  const after = await api.post('/v1/events', batch, keyed);
  expect(after.status).toBe(202);
  expect(after.headers.get('idempotency-replayed')).toBeNull();
  const [stored] = (await page('wait?count=1')).json;
  expect(stored.receipt).toMatchObject({ stored: 1, duplicates: 0 });
  const token = await twin.issuer.token('ada@example.com');
  const summary = await fetch(`${twin.url}/v1/accounts/acme/summary?window=24h`, {
    headers: { authorization: `Bearer ${token}` },
  });
  expect(summary.status).toBe(200);
});

it('shows nothing after a reset of what was on its way', async () => {
  await reset();
  // Consume is held while the stream fills.
  twin.faults.inject({
    on: { caller: 'consume', operation: 'BatchWriteItem' },
    do: { kind: 'latency', ms: [1500, 1500] },
    when: { times: 4 },
  });
  for (let batch = 0; batch < 5; batch += 1)
    await apiOf(0).post('/v1/events', [{ event_id: `late-${batch}`, type: 'late' }, { type: 1 }]);
  await reset();
  twin.faults.clear();
  await apiOf(0).post('/v1/events', { event_id: 'new', type: 'new' });
  await page('wait?count=1&type=new&timeout=20s');
  await expect.poll(async () => recordsWaiting(await twin.state()), { timeout: 20_000 }).toBe(0);
  expect((await page('all')).json).toEqual({ total: 1, good: 1, bad: 0 });
});

it('puts quarantined records among the bad, until a reset', async () => {
  await reset();
  twin.faults.inject({
    on: { caller: 'consume', operation: 'BatchExecuteStatement', text: '#poison-' },
    do: { kind: 'error', status: 400, code: 'ValidationException' },
  });
  await apiOf(1).post(
    '/v1/events',
    [1, 2].map((each) => ({ event_id: `poison-${each}`, type: 'poison' })),
  );
  await expect
    .poll(
      async () => {
        twin.clock.moveBy(1000);
        return (await page('bad?account=globex')).json;
      },
      { timeout: 20_000 },
    )
    .toMatchObject([{ kind: 'quarantined', code: 'failed', count: 2 }]);
  twin.faults.clear();
  await reset();
  expect((await page('all')).json).toEqual({ total: 0, good: 0, bad: 0 });
});

it.each([
  ['good?colour=red', /"colour" is unknown/],
  ['good?type=a&type=b', /"type" is given twice/],
  ['good?limit=-1', /"limit" must be a whole number/],
  ['bad?since=soon', /"since" must be a time/],
  ['wait?count=two', /"count" must be a whole number/],
  ['wait?timeout=2h', /"timeout" must be at most 60s/],
])('refuses %s and says what is right', async (path, message) => {
  const { status, json } = await page(path);
  expect(status).toBe(400);
  expect(json.error).toMatch(message);
});
