import { beforeEach, describe, expect, it } from 'vitest';
import { MemoryCounts } from '../../../adapters/memory/counts.ts';
import { MemorySigningKey } from '../../../adapters/memory/signing-key.ts';
import { makeSeed, mintBatchId } from '../../../domain/batch-id.ts';
import { countRecords } from '../../../domain/counting.ts';
import { metricNames } from '../../../domain/metrics.ts';
import { changeOf, type RecordFate } from '../../../domain/record-fate.ts';
import { dayMs } from '../../../domain/time.ts';
import { createRead } from '../../../lambdas/read/read.ts';
import { createReport } from '../../../lambdas/report/report.ts';
import { seededIds, TestClock } from '../../support/clock.ts';
import { events, nowMs } from '../../support/events.ts';
import { silentLogger, TestMeter } from '../../support/meter.ts';
import { caller, httpRequest, type RequestParts } from '../../support/requests.ts';

const { tenant } = caller;
let counts: MemoryCounts;
let signingKey: MemorySigningKey;
beforeEach(() => {
  counts = new MemoryCounts();
  signingKey = new MemorySigningKey(seededIds(4));
});

const clock = new TestClock(nowMs);
const get = async (parts: RequestParts) => {
  const read = createRead({
    aggregates: counts,
    receipts: counts,
    quarantine: counts.quarantine,
    signingKey,
    clock,
  });
  const answer = await read(httpRequest({ method: 'GET', ...parts }));
  return { ...answer, json: JSON.parse(answer.body) };
};

const stored = (batchId: string, slot = 0): RecordFate => ({
  header: {
    tenant,
    batchId,
    part: 0,
    parts: 1,
    slot,
    layout: 1,
    events: 6,
    receivedAtMs: nowMs,
    retentionDays: 30,
    region: 'r',
    requestId: 'r',
  },
  fresh: events(5),
  duplicates: 1,
  conflicts: 0,
  bytes: 100,
});
const count = (record: RecordFate) =>
  counts.commit({
    changes: [changeOf(record, nowMs + 30)],
    documents: countRecords([record], []),
    marks: [],
  });
const mint = async (parts = 1) =>
  mintBatchId(
    makeSeed(nowMs, seededIds(2).random(8)),
    { parts, events: 6 },
    tenant,
    await signingKey.ensure(),
  );

describe('a receipt', () => {
  const receipt = (batch_id: string, parts: RequestParts = {}) =>
    get({ resource: '/v1/batches/{batch_id}', path: { batch_id }, ...parts });

  it('is pending for a batch that is on its way, though nothing was written for it', async () => {
    expect((await receipt(await mint())).json).toMatchObject({
      status: 'pending',
      received_at: '2026-11-21T10:25:00.000Z',
      accepted: 6,
      stored: 0,
    });
  });

  it('adds up once the batch is stored', async () => {
    const id = await mint();
    await count(stored(id));

    expect((await receipt(id)).json).toEqual({
      batch_id: id,
      status: 'stored',
      received_at: '2026-11-21T10:25:00.000Z',
      stored_at: '2026-11-21T10:25:00.030Z',
      freshness_ms: 30,
      accepted: 6,
      stored: 5,
      duplicates: 1,
      conflicts: 0,
      quarantined: 0,
    });
  });

  it('is unknown for an id that was never given, and for the batch of another account', async () => {
    await expect(receipt('x'.repeat(32))).rejects.toMatchObject({ code: 'unknown_batch' });
    const other = { ...caller, tenant: { ...tenant, account: 'other' } };
    await expect(receipt(await mint(), { caller: other })).rejects.toMatchObject({ code: 'unknown_batch' });
  });

  it('is unknown once its time is over, rather than pending for ever', async () => {
    const id = await mint();
    const at = (daysLater: number) =>
      createRead({
        aggregates: counts,
        receipts: counts,
        signingKey,
        clock: new TestClock(nowMs + daysLater * dayMs),
      })(httpRequest({ method: 'GET', resource: '/v1/batches/{batch_id}', path: { batch_id: id } }));

    expect(JSON.parse((await at(36)).body)).toMatchObject({ status: 'pending' });
    await expect(at(38)).rejects.toMatchObject({ code: 'unknown_batch' });
  });

  it('is unknown, not an error, before the first batch ever', async () => {
    await expect(receipt('A'.repeat(32))).rejects.toMatchObject({ code: 'unknown_batch' });
  });
});

describe('a summary', () => {
  const summary = (query: Record<string, string> = {}, parts: RequestParts = {}) =>
    get({ resource: '/v1/accounts/{account_id}/summary', path: { account_id: 'acme' }, query, ...parts });

  it('is over all slots of the account and of the last day unless asked otherwise', async () => {
    await count(stored('a', 0));
    await count(stored('b', 1));

    const { json } = await summary({}, { caller: { ...caller, slots: 2 } });

    expect(json).toMatchObject({
      total: 10,
      by_type: [{ type: 'page.view', count: 10 }],
      duplicates: 2,
      from: '2026-11-20T11:00:00.000Z',
      to: '2026-11-21T11:00:00.000Z',
      as_of: '2026-11-21T10:25:00.000Z',
    });
  });

  it('of another environment is another one', async () => {
    await count(stored('a'));

    const other = { ...caller, tenant: { ...tenant, environment: 'staging' } };
    expect((await summary({}, { caller: other })).json).toMatchObject({ total: 0, by_type: [] });
  });

  it.each([{ window: '2h' }, { from: '2026-01-01T00:00:00Z' }, { window: '1h', to: 'x' }])(
    'refuses %j, rather than answering for another window',
    async (query) => {
      await expect(summary(query as unknown as Record<string, string>)).rejects.toMatchObject({
        code: 'invalid_window',
      });
    },
  );
});

it('health says ok without a caller', async () => {
  expect((await get({ resource: '/health' })).json).toEqual({ status: 'ok' });
});

describe('the report', () => {
  const meter = new TestMeter();
  const accounts = {
    async *tenants() {
      yield { tenant, slots: 2 };
      yield { tenant: { ...tenant, account: 'idle' }, slots: 1 };
    },
  };
  const report = () => createReport({ accounts, aggregates: counts, clock, meter, logger: silentLogger })();

  it('finds a ledger that adds up at zero, and counts who was active', async () => {
    await count(stored('a', 1));

    expect(await report()).toEqual({ activeAccounts: 1, imbalance: 0 });
    expect(meter.values(metricNames.ledgerImbalance)).toEqual([0]);
  });

  it('finds what was received and is nowhere', async () => {
    await count({ ...stored('a'), duplicates: 0 });

    expect(await report()).toMatchObject({ imbalance: 1 });
  });
});
