import { mkdtempSync, readFileSync } from 'node:fs';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, inject, it } from 'vitest';
import { formatSecret } from '../../domain/accounts/secrets.ts';
import { burstFactor, ladder, tiers } from '../../domain/accounts/tiers.ts';
import { findRoute } from '../../domain/api/routes.ts';
import { type RunningWeir, startWeir } from '../../local/weir.ts';
import { createAccountOn } from '../support/accounts.ts';
import { createApi } from '../support/api.ts';
import { eventually } from '../support/eventually.ts';
import { hurried } from '../support/hurried.ts';
import { countByStatus, sendLoad } from '../support/load.ts';
import { removeTwinFolder } from '../support/logs.ts';

const folder = mkdtempSync(join(tmpdir(), 'weir-limits-'));
let twin: RunningWeir;

beforeAll(async () => {
  twin = await startWeir({
    ...hurried,
    folder,
    assembly: inject('assembly'),
    accountIds: ['quiet'],
  });
  slowKey = (await createAccountOn(twin, 'slow', 'standard', rate)).api_key;
});
afterAll(async () => {
  await twin.stop();
  removeTwinFolder(folder);
});

const hourMs = 3_600_000;
const quietApi = () => createApi(twin.url, twin.accounts[0]?.api_key);

/** On the lowest plan, which a busy machine exceeds as well. */
const [rate] = ladder;
let slowKey = '';

it('an account is throttled at the rate of its plan and not before, and no other account with it', async () => {
  const burst = rate * burstFactor;
  const headers = { 'x-api-key': slowKey };
  const startedAtMs = performance.now();

  const outcomes = await sendLoad({
    url: twin.url,
    count: burst + 60,
    concurrency: 32,
    next: () => ({ method: 'GET', path: '/v1/batches/unknown', headers }),
  });

  const seconds = (performance.now() - startedAtMs) / 1000;
  const { 404: admitted = 0, 429: refused = 0 } = countByStatus(outcomes);
  expect(admitted + refused).toBe(outcomes.length);
  expect(admitted).toBeGreaterThanOrEqual(Math.min(burst, outcomes.length));
  expect(admitted).toBeLessThanOrEqual(Math.ceil(burst + rate * seconds));
  expect((await quietApi().get('/v1/batches/unknown')).status).toBe(404);
});

it('a flood of unknown keys, pipelined over a few connections, is not ahead of a known one', async () => {
  const perConnection = 300;
  const { api_key } = await createAccountOn(twin, 'known', 'standard');
  const unknown = (at: number) =>
    formatSecret(
      { environment: 'production', account: 'quiet', keyId: String(at).padStart(12, '0') },
      new Uint8Array(16),
    );
  const { hostname, port } = new URL(twin.url);
  let refused = 0;
  const connections = Array.from({ length: 10 }, (_, connection) => {
    const socket = connect(Number(port), hostname);
    socket.on('data', (chunk) => {
      refused += chunk.toString().split('HTTP/1.1 401').length - 1;
    });
    for (let at = 0; at < perConnection; at += 1)
      socket.write(
        `POST /v1/events HTTP/1.1\r\nHost: ${hostname}\r\nContent-Length: 0\r\n` +
          `X-Api-Key: ${unknown(connection * perConnection + at)}\r\n\r\n`,
      );
    return socket;
  });
  await eventually(
    async () => refused,
    (count) => count > 10,
  );
  const before = refused;

  const { status } = await createApi(twin.url, api_key).post('/v1/events', [{ type: 'tick' }]);
  const meanwhile = refused - before;
  for (const socket of connections) socket.destroy();

  expect(status).toBe(202);
  expect(before).toBeLessThan(perConnection * connections.length);
  // As many at a time as there are connections: some rounds of them, and not all that have been sent.
  expect(meanwhile).toBeLessThan(perConnection);
});

it('a route with a share of the plan is throttled at that share, and its account may still send', async () => {
  const { planShare = 1 } = findRoute('POST', '/v1/events:debug') ?? {};
  const routeRate = tiers.standard.requestsPerSecond * planShare;
  const burst = routeRate * burstFactor;
  const { api_key } = await createAccountOn(twin, 'curious', 'standard');
  const api = createApi(twin.url, api_key);
  const startedAtMs = performance.now();

  // Fewer than the burst of the plan, which would refuse none of them.
  const answers = await Promise.all(
    Array.from({ length: 50 }, () => api.post('/v1/events:debug', [{ type: 'tick' }])),
  );
  const sent = await api.post('/v1/events', [{ event_id: 'not-throttled', type: 'tick' }]);

  const seconds = (performance.now() - startedAtMs) / 1000;
  const admitted = answers.filter(({ status }) => status !== 429).length;
  expect(admitted).toBeGreaterThanOrEqual(burst);
  expect(admitted).toBeLessThanOrEqual(Math.ceil(burst + routeRate * seconds));
  expect(admitted).toBeLessThan(answers.length);
  expect(sent.status).not.toBe(429);
});

it('what the gateway says to a throttled caller is the problem document of the template, with a time to wait', async () => {
  const api = createApi(twin.url, slowKey);
  // More than the burst at once: machines that are slower than the rate would never be refused one by one.
  const answers = await Promise.all(
    Array.from({ length: 3 * rate * burstFactor }, () => api.get('/v1/batches/unknown')),
  );

  const refused = answers.find(({ status }) => status === 429);

  expect(refused?.headers.get('content-type')).toBe('application/problem+json');
  expect(refused?.headers.get('x-amzn-errortype')).toBe('TooManyRequestsException');
  expect(Number(refused?.headers.get('retry-after'))).toBeGreaterThan(0);
  expect(refused?.json).toMatchObject({
    status: 429,
    code: 'rate_limited',
    request_id: refused?.headers.get('x-request-id'),
    retry_after: expect.any(Number),
  });
});

it('the clock of the twin is that of the functions: moved by an hour, the last hour is another', async () => {
  const api = quietApi();
  const total = async (window: string) =>
    (await api.get(`/v1/accounts/quiet/summary?window=${window}`)).json.total as number;
  const { status } = await api.post('/v1/events', [{ event_id: 'before', type: 'tick' }]);
  expect(status).toBe(202);
  await eventually(
    () => total('24h'),
    (count) => count === 1,
  );

  const moved = await createApi(twin.url).post('/_weir/clock', { advance_ms: 3 * hourMs });

  expect(Date.parse(moved.json.now) - Date.now()).toBeGreaterThan(2.9 * hourMs);
  expect([await total('1h'), await total('24h')]).toEqual([0, 1]);
  // Within what the platform takes as "now", which is three hours later.
  const late = new Date(Date.now() + 3 * hourMs).toISOString();
  const { json } = await api.post('/v1/events', [{ event_id: 'after', type: 'tick', timestamp: late }]);
  expect(json).toMatchObject({ accepted: 1 });
  await eventually(
    () => total('1h'),
    (count) => count === 1,
  );
});

type LogLine = Readonly<Record<string, string | undefined>>;

/** The last line of its kind. The line of a request is written after its answer. */
async function accessLogged(isMeant: (line: LogLine) => boolean): Promise<LogLine> {
  const found = await eventually(
    async () =>
      readFileSync(join(folder, 'logs', 'access.log'), 'utf8')
        .trimEnd()
        .split('\n')
        .map((line) => JSON.parse(line) as LogLine)
        .findLast(isMeant),
    (line) => line !== undefined,
  );
  return found as LogLine;
}

it('the gateway, the schedules and the functions go by that clock too', async () => {
  const nowMs = twin.clock.now();
  await fetch(`${twin.url}/health`);

  const { requestTimeEpoch } = await accessLogged(({ route }) => route === '/health');
  expect(Math.abs(Number(requestTimeEpoch) - nowMs)).toBeLessThan(hourMs);
  // Every quarter of an hour, and three hours were skipped.
  await eventually(
    async () => twin.functions.activity().report?.invocations ?? 0,
    (invocations) => invocations > 0,
  );
});

it('the access log knows every field of its format', async () => {
  const [account] = twin.accounts;
  const client = createApi(twin.url, account?.api_key);
  expect((await client.get(`/v1/accounts/${account?.account_id}/summary`)).status).toBe(200);

  const logged = await accessLogged(
    ({ route, status }) => route?.endsWith('/summary') === true && status === '200',
  );
  const { authorizerError, responseType, person, ...ofSuccess } = logged;
  // A key has called.
  expect([authorizerError, responseType, person]).toEqual(['-', '-', '-']);
  expect(Object.values(ofSuccess)).not.toContain('-');
  expect(Object.values(ofSuccess).join()).not.toContain('$');
});

it('the pages of the twin say what there is, what was wrong, and put the clock back', async () => {
  const api = createApi(twin.url);
  const call = (method: string, path: string, body?: string) =>
    fetch(`${twin.url}${path}`, { method, ...(body !== undefined && { body }) });

  expect((await api.get('/_weir')).json.pages).toHaveProperty('GET /_weir/calls');
  expect((await api.get('/_weir/nothing')).status).toBe(404);
  const wrongInputs = [
    '',
    '{',
    'null',
    '{"advance_ms":"1"}',
    '{"advance_ms":1e99}',
    '{"advance_ms":1,"to":"2027-01-01T00:00:00Z"}',
    '{"to":"tomorrow"}',
    '{"to":"1"}',
    '{"to":"2399-12-31T23:59:59-01:00"}',
  ];
  for (const wrong of wrongInputs) {
    const answer = await call('POST', '/_weir/clock', wrong);
    expect([wrong, answer.status]).toEqual([wrong, 400]);
    expect((await answer.json()) as object).toEqual({
      error: expect.stringMatching(/"advance_ms": 3600000|2399/),
    });
  }
  const foreign = await fetch(`${twin.url}/_weir/clock`, {
    headers: { origin: 'https://elsewhere.example' },
  });
  expect(foreign.status).toBe(403);
  const to = '2027-01-01T00:00:00.000Z';
  expect((await api.post('/_weir/clock', { to })).json.now).toMatch(/^2027-01-01T00:00:0/);
  expect(await (await call('DELETE', '/_weir/clock')).json()).toMatchObject({ ahead_ms: 0 });
  expect((await api.get('/_weir/clock')).json).toMatchObject({ ahead_ms: 0 });
  await api.get('/health');
  expect((await api.get('/_weir/functions')).json.read).toMatchObject({ throttles: 0, timeouts: 0 });
  expect((await api.get('/_weir/functions')).json.read.invocations).toBeGreaterThan(0);
});

it('the meter counts by function and operation, and from nothing after a reset', async () => {
  const { api_key } = await createAccountOn(twin, 'metered', 'standard');
  const api = createApi(twin.url, api_key);
  await fetch(`${twin.url}/_weir/calls`, { method: 'DELETE' });

  await api.post('/v1/events', [{ event_id: 'metered', type: 'tick' }]);
  await api.get('/v1/batches/unknown');

  const { json } = await createApi(twin.url).get('/_weir/calls');
  expect(json.ingest['kinesis.PutRecords']).toMatchObject({ calls: 1, errors: 0, items: 1 });
  expect(json.ingest['kinesis.PutRecords'].requestBytes).toBeGreaterThan(0);
  // Key, account and last use, which is not there yet, in one call; then the principal is known, and its use is noted.
  expect(json.authorize['dynamodb.BatchGetItem']).toMatchObject({ calls: 1, items: 3, capacityUnits: 3 });
  expect(json.authorize['dynamodb.PutItem']).toMatchObject({ calls: 1, capacityUnits: 1 });
  await fetch(`${twin.url}/_weir/calls`, { method: 'DELETE' });
  expect(twin.calls().authorize).toBeUndefined();
});
