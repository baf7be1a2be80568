// Keys that anybody can read in a web page: what they may do, and that nobody who has one takes anything from servers.

import { expect } from 'vitest';
import { createKey } from '../../../cli/key/create.ts';
import type { RunningWeir } from '../../../local/weir.ts';
import { createAccountOn, operatorOf } from '../../support/accounts.ts';
import { type Api, anyAnswer, createApi } from '../../support/api.ts';
import { eventually } from '../../support/eventually.ts';
import { it } from '../../support/shared-weir.ts';

let twin: RunningWeir;
it.beforeAll(({ weir }) => {
  twin = weir.twin;
});

const origin = 'https://shop.example';

type Shop = {
  readonly account: string;
  readonly keyId: string;
  readonly key: string;
  readonly server: Api;
  /** From a page. */
  post(body: unknown, headers?: Record<string, string>, path?: string): ReturnType<Api['post']>;
  stored(total: number): Promise<void>;
};

async function openShop(account: string, eventsPerMinute = 6000): Promise<Shop> {
  const { api_key } = await createAccountOn(twin, account, 'custom');
  const { api_key: key, key_id: keyId } = await createKey(
    { ...(await operatorOf(twin)), clock: twin.clock },
    {
      ...{ account_id: account, environment: 'production', scopes: ['ingest'] },
      openTo: { origins: [origin, 'http://localhost:3000'], eventsPerMinute },
    },
  );
  const server = createApi(twin.url, api_key);
  const page = createApi(twin.url, key);
  return {
    ...{ account, keyId, key, server },
    post: (body, headers = {}, path = '/v1/events') => page.post(path, body, { origin, ...headers }),
    stored: async (total) => {
      await eventually(
        async () => (await server.get(`/v1/accounts/${account}/summary?window=24h`)).json,
        (summary) => summary.total === total,
      );
    },
  };
}

const withId = (event_id: string) => [{ event_id, type: 'page.view' }];

it('a page of its origins sends by it, and reads the answer', async () => {
  const shop = await openShop('public-sends');
  const { status, headers, json } = await shop.post(withId('a'));

  expect(status).toBe(202);
  expect(headers.get('access-control-allow-origin')).toBe(origin);
  expect(headers.get('vary')).toBe('origin');
  expect(headers.get('access-control-expose-headers')).toContain('retry-after');
  expect(json).not.toHaveProperty('receipt');
  const other = await shop.post(withId('b'), { origin: 'http://localhost:3000' });
  expect(other.headers.get('access-control-allow-origin')).toBe('http://localhost:3000');
  const refused = await shop.post([{}]);
  expect(refused.status).toBe(422);
  expect(refused.headers.get('access-control-allow-origin')).toBe(origin);
  await shop.stored(2);
});

it('a page of another origin is refused, and may read why', async () => {
  const shop = await openShop('public-origin');
  for (const other of [
    'https://shop.example.evil',
    'http://shop.example',
    'https://shop.example:444',
    'null',
    '*',
  ]) {
    const { status, headers: answered, json } = await shop.post(withId('a'), { origin: other });

    expect([status, json.code]).toEqual([403, 'origin_not_allowed']);
    expect(answered.get('access-control-allow-origin')).toBe('*');
  }
});

it('without an origin it is refused: it is no key of a server', async () => {
  const { key } = await openShop('public-no-origin');

  expect((await createApi(twin.url, key).post('/v1/events', withId('a'))).json.code).toBe(
    'origin_not_allowed',
  );
});

it('a browser is told before it sends, without a key', async () => {
  for (const path of ['/v1/events', '/v1/batch', '/t', '/v1/logs', '/api/v1/events']) {
    const answer = await fetch(`${twin.url}${path}`, {
      method: 'OPTIONS',
      headers: { origin, 'access-control-request-method': 'POST' },
    });
    expect(answer.status).toBe(204);
    expect(answer.headers.get('access-control-allow-origin')).toBe('*');
    expect(answer.headers.get('access-control-allow-headers')).toContain('x-retry-count');
  }
  const usage = await fetch(`${twin.url}/v1/usage`, { method: 'OPTIONS', headers: { origin } });
  expect(usage.status).toBe(404);
});

it('a key that is a secret gets no headers for browsers', async () => {
  const { server } = await openShop('public-secret');
  const { status, headers } = await server.post('/v1/events', withId('a'), { origin });

  expect(status).toBe(202);
  expect(headers.get('access-control-allow-origin')).toBeNull();
});

it('it reads nothing: no receipt, no usage, no debug, no search', async () => {
  const { key, server } = await openShop('public-reads');
  const { json } = await server.post('/v1/events', withId('a'));
  const page = createApi(twin.url, key);

  for (const path of [json.receipt, '/v1/usage', '/v1/events', '/v1/rejections', '/v1/keys', '/v1/slo'])
    expect((await page.get(path, { origin })).json.code).toBe('public_key');
  expect((await page.post('/v1/events:debug', withId('a'), { origin })).json.code).toBe('public_key');
});

it('visitors take no id and no idempotency key from a server, nor from visitors of another key', async () => {
  const shop = await openShop('public-ids');
  const keyed = { 'idempotency-key': 'order-7' };
  const first = await shop.post(withId('order-7'), keyed);
  const own = await shop.server.post('/v1/events', withId('order-7'), keyed);

  expect([first.status, own.status]).toEqual([202, 202]);
  expect(own.headers.get('idempotency-replayed')).toBeNull();
  expect((await shop.post(withId('order-7'), keyed)).headers.get('idempotency-replayed')).toBe('true');
  const long = await shop.post(withId('x'.repeat(128)));
  expect(long.json.accepted).toBe(1);
  await shop.stored(3);
  const found = (await shop.server.get('/v1/events?limit=10')).json.events as { event_id: string }[];
  expect(found).toHaveLength(3);
  expect(found.map(({ event_id }) => event_id)).toEqual(
    expect.arrayContaining([
      'order-7',
      `${shop.keyId}.order-7`,
      expect.stringMatching(`^${shop.keyId}~[\\w-]{43}$`),
    ]),
  );
  await shop.post(withId('order-7'));
  await eventually(
    async () => (await shop.server.get(`/v1/accounts/${shop.account}/summary?window=24h`)).json,
    ({ duplicates, total }) => duplicates === 1 && total === 3,
  );
});

it('garbage of visitors opens their circuit, and not that of servers', async () => {
  const shop = await openShop('public-garbage');
  const answers = new Set<string>();
  for (let sent = 0; sent < 200 && !answers.has('circuit_open'); sent += 1)
    answers.add((await shop.post('garbage')).json.code);

  expect(answers).toContain('circuit_open');
  expect((await shop.server.post('/v1/events', withId('a'))).status).toBe(202);
});

it('what visitors send too much is refused by the rate of the key, and servers go on', async () => {
  const shop = await openShop('public-rate', 10);
  const many = Array.from({ length: 100 }, () => ({ type: 'page.view' }));
  const codes: number[] = [];
  for (let sent = 0; sent < 5; sent += 1) codes.push((await shop.post(many)).status);

  expect(codes).toContain(429);
  const refused = await shop.post(many);
  expect(refused.json).toMatchObject({
    code: 'rate_limited',
    detail: expect.stringContaining('This public key'),
  });
  expect(Number(refused.headers.get('retry-after'))).toBeGreaterThan(0);
  expect((await shop.server.post('/v1/events', many)).status).toBe(202);
});

it('is made, listed and rotated over HTTP, with its origins', async () => {
  const { account, server: _ } = await openShop('public-manage');
  const { api_key } = await createKey(
    { ...(await operatorOf(twin)), clock: twin.clock },
    { account_id: account, environment: 'production', scopes: ['admin'] },
  );
  const admin = createApi(twin.url, api_key);
  const open = { origins: [origin], events_per_minute: 7 };
  const made = await admin.post('/v1/keys', { scopes: ['ingest'], ...open });
  const rotated = await admin.post(`/v1/keys/${made.json.key_id}/rotate`, {});

  expect(made.json).toMatchObject({ scopes: ['ingest'], ...open });
  expect(rotated.json).toMatchObject({ scopes: ['ingest'], ...open });
  expect((await admin.get('/v1/keys')).json.keys).toContainEqual(expect.objectContaining(open));
  for (const [body, parameter] of [
    [{ scopes: ['ingest', 'read'], origins: [origin] }, 'scopes'],
    [{ scopes: ['ingest'], events_per_minute: 7 }, 'events_per_minute'],
    [{ scopes: ['ingest'], origins: [] }, 'origins'],
    [{ scopes: ['ingest'], origins: ['https://shop.example/'] }, 'origins'],
    [{ scopes: ['ingest'], origins: ['*'] }, 'origins'],
    [{ scopes: ['ingest'], origins: [origin], events_per_minute: 0 }, 'events_per_minute'],
  ] as const) {
    // An account may manage so often.
    twin.clock.moveBy(1000);
    expect((await createApi(twin.url, api_key, anyAnswer).post('/v1/keys', body)).json).toMatchObject({
      code: 'invalid_parameter',
      parameter,
    });
  }
});
