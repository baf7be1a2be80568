import { describe, expect } from 'vitest';
import { runCli } from '../../../cli/run.ts';
import { dayMs, hourMs } from '../../../domain/system/time.ts';
import type { RunningWeir } from '../../../local/weir.ts';
import { createAccountOn } from '../../support/accounts.ts';
import { type Api, createApi } from '../../support/api.ts';
import { eventually } from '../../support/eventually.ts';
import { it } from '../../support/shared-weir.ts';

let twin: RunningWeir;
let acme: Api;
let other: Api;
it.beforeAll(async ({ weir }) => {
  twin = weir.twin;
  twin.resetCalls();
  const apiOf = async (account: string) =>
    createApi(twin.url, (await createAccountOn(twin, account, 'standard')).api_key);
  acme = await apiOf('acme');
  other = await apiOf('other');
});

const summaryOf = async (api: Api, account: string) =>
  (await api.get(`/v1/accounts/${account}/summary?window=24h`)).json;
const settled = (api: Api, batchId: string) =>
  eventually(
    async () => (await api.get(`/v1/batches/${batchId}`)).json,
    (receipt) => receipt.status === 'stored',
  );
const batch = (prefix: string, count: number, type = 'page.view') =>
  Array.from({ length: count }, (_, index) => ({ event_id: `${prefix}-${index}`, type, service: 'web' }));

describe('one event, from the client to the summary', () => {
  it('is accepted, pending, stored, and counted', async () => {
    const before = await summaryOf(acme, 'acme');

    const accepted = await acme.post('/v1/events', [
      { event_id: 'order-1', type: 'order', service: 'shop', user_id: 'ada', metadata: { total: 12.5 } },
    ]);

    expect(accepted.status).toBe(202);
    expect(accepted.json).toMatchObject({ accepted: 1, rejected: [] });
    const first = await acme.get(accepted.json.receipt);
    expect(first.status).toBe(200);
    expect(['pending', 'stored']).toContain(first.json.status);
    const receipt = await settled(acme, accepted.json.batch_id);
    expect(receipt).toMatchObject({ accepted: 1, stored: 1, duplicates: 0, conflicts: 0, quarantined: 0 });
    expect(receipt.freshness_ms).toBe(Date.parse(receipt.stored_at) - Date.parse(receipt.received_at));
    const after = await summaryOf(acme, 'acme');
    expect(after.total).toBe(before.total + 1);
    expect(after.by_type).toContainEqual({ type: 'order', count: 1 });
    expect(after.by_service).toContainEqual({ service: 'shop', count: 1 });
  });

  it('is in a series as it is in the summary, with its value', async () => {
    const sent = await acme.post('/v1/events', [
      { type: 'sale', value: 0.1 },
      { type: 'sale', value: 0.2 },
    ]);
    await settled(acme, sent.json.batch_id);

    const summary = await summaryOf(acme, 'acme');
    const asked = `from=${summary.from}&to=${summary.to}`;
    const seriesOf = async (query: string) =>
      (await acme.get(`/v1/accounts/acme/series?${query}&${asked}`)).json;
    const [hours, days] = [await seriesOf('interval=hour&group_by=type'), await seriesOf('interval=day')];

    const values = { count: 2, sum: '0.3', least: '0.1', greatest: '0.2' };
    expect(summary.by_type).toContainEqual({ type: 'sale', count: 2, values });
    expect(hours).toMatchObject({ from: summary.from, to: summary.to, total: summary.total });
    expect(hours.points).toHaveLength(24);
    const ofSales = hours.groups.find(({ type }: { type: string }) => type === 'sale');
    expect(ofSales.counts.reduce((sum: number, count: number) => sum + count, 0)).toBe(2);
    expect([ofSales.sum, hours.sum]).toEqual(['0.3', '0.3']);
    expect(days.total).toBeGreaterThanOrEqual(summary.total);
  });

  it('of past days is in series by the hour and by days of any zone', async () => {
    const api = createApi(twin.url, (await createAccountOn(twin, 'of-past-days', 'standard')).api_key);
    const day = Date.parse(new Date(twin.clock.now() - 3 * dayMs).toISOString().slice(0, 10));
    // The day of India begins at 18:30.
    const agos = [18 * hourMs, 18.5 * hourMs, 20 * hourMs];
    const sent = await api.post(
      '/v1/events',
      agos.map((ago) => ({ type: 'sale', value: 1.5, timestamp: day + ago })),
    );
    await settled(api, sent.json.batch_id);
    const ask = async (query: string) =>
      (await api.get(`/v1/accounts/of-past-days/series?from=6d&${query}`)).json;
    const all = await Promise.all([
      ask('interval=hour&group_by=type'),
      ask('interval=day&tz=Asia/Kolkata'),
      ask('interval=day&tz=America/New_York'),
    ]);

    const shown = all.map(({ total, sum, points }) => ({
      ...{ total, sum },
      counts: points.map(({ count }: { count: number }) => count).filter((count: number) => count > 0),
    }));
    expect(shown).toEqual([
      { total: 3, sum: '4.5', counts: [2, 1] },
      { total: 3, sum: undefined, counts: [1, 2] },
      { total: 3, sum: '4.5', counts: [3] },
    ]);
  });

  it('is counted once, however often and in whatever company it is sent again', async () => {
    const before = await summaryOf(acme, 'acme');
    const events = batch('again', 40, 'again');

    const sent = await Promise.all([
      acme.post('/v1/events', events),
      acme.post('/v1/events', events),
      acme.post('/v1/events', [...events.slice(20), ...batch('more', 5, 'again')]),
    ]);

    const receipts = await Promise.all(sent.map(({ json }) => settled(acme, json.batch_id)));
    for (const receipt of receipts) {
      expect(receipt.stored + receipt.duplicates + receipt.conflicts + receipt.quarantined).toBe(
        receipt.accepted,
      );
    }
    expect(receipts.reduce((sum, receipt) => sum + receipt.stored, 0)).toBe(45);
    const after = await summaryOf(acme, 'acme');
    expect(after.total - before.total).toBe(45);
    expect(after.duplicates - before.duplicates).toBe(60);
    expect(after.by_type).toContainEqual({ type: 'again', count: 45 });
  });

  it('is a conflict when its id comes with other content, and the first one stays', async () => {
    const first = await acme.post('/v1/events', [{ event_id: 'contested', type: 'first' }]);
    await settled(acme, first.json.batch_id);

    const second = await acme.post('/v1/events', [{ event_id: 'contested', type: 'second' }]);

    expect(await settled(acme, second.json.batch_id)).toMatchObject({ stored: 0, conflicts: 1 });
    const types = (await summaryOf(acme, 'acme')).by_type.map(({ type }: { type: string }) => type);
    expect(types).toContain('first');
    expect(types).not.toContain('second');
  });

  it('is known by the id that the server made for it, when it is sent back', async () => {
    const { json } = await acme.post('/v1/events', [{ type: 'unnamed' }]);
    const [{ event_id }] = json.assigned;

    const again = [
      await acme.post('/v1/events', [{ type: 'unnamed', event_id }]),
      await acme.post('/v1/events', [{ type: 'renamed', event_id }]),
    ];

    const receipts = await Promise.all(again.map((answer) => settled(acme, answer.json.batch_id)));
    expect(receipts).toMatchObject([
      { stored: 0, duplicates: 1, conflicts: 0 },
      { stored: 0, duplicates: 0, conflicts: 1 },
    ]);
    expect(await settled(acme, json.batch_id)).toMatchObject({ stored: 1 });
  });

  it('may be old: late events are in their own hours, and still add up', async () => {
    const hoursAgo = (hours: number) => new Date(twin.clock.now() - hours * 3_600_000).toISOString();
    const events = Array.from({ length: 60 }, (_, index) => ({
      event_id: `old-${index}`,
      type: 'old',
      timestamp: hoursAgo(index * 2),
    }));

    const { json } = await acme.post('/v1/events', events);

    expect(await settled(acme, json.batch_id)).toMatchObject({ accepted: 60, stored: 60 });
    const month = (await acme.get('/v1/accounts/acme/summary?window=30d')).json;
    expect(month.by_type).toContainEqual({ type: 'old', count: 60 });
    const day = (await acme.get('/v1/accounts/acme/summary?window=24h')).json;
    expect(day.by_type).toContainEqual({ type: 'old', count: 12 });
  });

  it('comes in batches as large as they may be', async () => {
    const { status, json } = await acme.post('/v1/events', batch('large', 500, 'large'));

    expect(status).toBe(202);
    expect(await settled(acme, json.batch_id)).toMatchObject({ accepted: 500, stored: 500 });
  });
});

describe('one account', () => {
  it("sees nothing of another's: not its summary, not its batches, not its ids", async () => {
    const mine = await acme.post('/v1/events', batch('shared-id', 3));
    await settled(acme, mine.json.batch_id);
    const theirs = await other.post('/v1/events', batch('shared-id', 3, 'other.type'));

    expect(await settled(other, theirs.json.batch_id)).toMatchObject({
      stored: 3,
      duplicates: 0,
      conflicts: 0,
    });
    expect((await summaryOf(other, 'other')).by_type).toEqual([{ type: 'other.type', count: 3 }]);
    expect((await other.get('/v1/accounts/acme/summary')).json).toMatchObject({
      status: 403,
      code: 'wrong_account',
    });
    expect((await other.get(`/v1/batches/${mine.json.batch_id}`)).json).toMatchObject({
      status: 404,
      code: 'unknown_batch',
    });
    expect((await other.post('/v1/events', [{ type: 't', account_id: 'acme' }])).json).toMatchObject({
      status: 422,
      rejected: [{ code: 'wrong_account' }],
    });
  });
});

describe('every answer', () => {
  it.each<[string, number, string, () => Promise<{ status: number; headers: Headers; json: unknown }>]>([
    ['no key', 401, 'unauthorized', () => createApi(twin.url).post('/v1/events', [])],
    [
      'a wrong key',
      401,
      'unauthorized',
      () => createApi(twin.url, 'weir_x').get('/v1/accounts/acme/summary'),
    ],
    ['an unknown route', 404, 'not_found', () => acme.get('/v1/nothing')],
    ['a method that is not there', 404, 'not_found', () => acme.delete('/v1/events')],
    ['an unknown batch', 404, 'unknown_batch', () => acme.get(`/v1/batches/${'x'.repeat(32)}`)],
    ['no JSON', 400, 'invalid_json', () => acme.post('/v1/events', '{"type":')],
    ['nothing valid', 422, 'no_valid_event', () => acme.post('/v1/events', [{}])],
    ['too many', 413, 'batch_too_large', () => acme.post('/v1/events', batch('x', 501))],
    [
      'another type',
      415,
      'unsupported_media_type',
      () => acme.post('/v1/events', 'a,b', { 'content-type': 'text/csv' }),
    ],
    ['a strange window', 400, 'invalid_parameter', () => acme.get('/v1/accounts/acme/summary?window=5m')],
  ])('to %s is a problem document with status %i and code %s', async (_, status, code, ask) => {
    const answer = await ask();

    expect(answer.status).toBe(status);
    expect(answer.headers.get('content-type')).toBe('application/problem+json');
    expect(answer.json).toMatchObject({
      type: `urn:weir:problem:${code}`,
      title: expect.any(String),
      detail: expect.any(String),
      status,
      code,
      request_id: answer.headers.get('x-request-id'),
    });
    expect(JSON.stringify(answer.json)).not.toMatch(/arn:|stack|weir-dev|at .*\.ts/);
  });

  it('of health needs no key', async () => {
    const answer = await createApi(twin.url).get('/health');

    expect(answer).toMatchObject({ status: 200, json: { status: 'alive' } });
    expect(answer.headers.get('x-request-id')).toBeTruthy();
  });
});

it('every AWS call of every function, and of the mapping that feeds one, is counted, with what it costs', () => {
  const calls = twin.calls();

  expect(calls.ingest?.['kinesis.PutRecords']?.calls).toBeGreaterThan(0);
  expect(calls.consume?.['dynamodb.BatchExecuteStatement']?.capacityUnits).toBeGreaterThan(500);
  expect(calls['consume-mapping']?.['kinesis.GetRecords']?.items).toBeGreaterThan(0);
  // And of what runs on a schedule, if its time came, and of what other tests have changed.
  const others = [
    'report',
    'review',
    'settle',
    'announce',
    'announce-mapping',
    'manage',
    'measure',
    'alarms',
  ];
  const called = Object.keys(calls).filter((caller) => !others.includes(caller));
  expect(called.toSorted()).toEqual([
    'authorize',
    'consume',
    'consume-late',
    'consume-late-mapping',
    'consume-mapping',
    'ingest',
    'operator',
    'read',
    'tally',
    'tally-mapping',
  ]);
});

it('an account that an operator makes can send at once, with the scopes of its key and no others', async () => {
  let out = '';
  const options = ['--account', 'made', '--scopes', 'ingest', '--json', '--endpoint', twin.proxyUrl];
  const code = await runCli(['account', 'create', ...options], {
    out: (text) => {
      out += text;
    },
    err: (text) => expect.fail(text),
  });

  expect(code).toBe(0);
  const made = createApi(twin.url, JSON.parse(out).api_key);
  expect((await made.post('/v1/events', [{ type: 't' }])).status).toBe(202);
  expect((await made.get('/v1/accounts/made/summary')).json).toMatchObject({
    status: 403,
    code: 'missing_scope',
  });
});

it('the report finds a ledger that adds up', async () => {
  expect(await twin.invoke('report', {})).toMatchObject({ imbalance: 0 });
});
