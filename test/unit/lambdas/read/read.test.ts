import { beforeEach, describe, expect, it } from 'vitest';
import { MemoryAccounts } from '../../../../adapters/accounts/memory-accounts.ts';
import { MemoryBusiest } from '../../../../adapters/accounts/memory-busiest.ts';
import { MemoryLanes } from '../../../../adapters/counting/memory-lanes.ts';
import { MemoryDays } from '../../../../adapters/documents/memory-days.ts';
import { MemoryUse } from '../../../../adapters/limits/memory-use.ts';
import { MemoryRejections } from '../../../../adapters/rejections/memory-rejections.ts';
import { MemoryAccountLevels } from '../../../../adapters/service-levels/memory-account-levels.ts';
import { MemoryPlatformKeys } from '../../../../adapters/signing/memory-platform-keys.ts';
import { MemoryIdentities } from '../../../../adapters/storing/memory-identities.ts';
import { MemoryPages } from '../../../../adapters/storing/memory-pages.ts';
import { runLimits } from '../../../../domain/counting/next-run.ts';
import type { Lanes } from '../../../../domain/counting/port.ts';
import { placeOf } from '../../../../domain/counting/receipt.ts';
import type { Days } from '../../../../domain/documents/port.ts';
import type { Lane } from '../../../../domain/keys.ts';
import { Leases } from '../../../../domain/limits/leases.ts';
import { nothingCounted } from '../../../../domain/limits/quota.ts';
import type { Sending } from '../../../../domain/limits/sent.ts';
import { type BatchFacts, makeBatchId, makeSeed } from '../../../../domain/record/batch-id.ts';
import { delivery } from '../../../../domain/record/delivery.ts';
import { metricNames } from '../../../../domain/service-levels/metrics.ts';
import { changeOf, type RecordOutcome } from '../../../../domain/storing/record-outcome.ts';
import { dayMs, floorTo, hourMs, iso, minuteMs } from '../../../../domain/system/time.ts';
import { Unavailable } from '../../../../domain/system/unavailable.ts';
import { countDirectly } from '../../../../lambdas/counting/count-directly.ts';
import { foldRun } from '../../../../lambdas/counting/fold-run.ts';
import { createRead, type ReadDeps } from '../../../../lambdas/read/read.ts';
import { summaryLimits } from '../../../../lambdas/read/read-window.ts';
import { checkedMs, createReport, type ReportDeps } from '../../../../lambdas/report/report.ts';
import { seededRandom, TestClock } from '../../../support/clock.ts';
import { event, events, fresh, nowMs } from '../../../support/events.ts';
import { silentLogger, TestMeter } from '../../../support/meter.ts';
import { caller, httpRequest, type RequestParts } from '../../../support/requests.ts';
import { nothingTallied } from '../../../support/tally.ts';

const { tenant } = caller;
let lanes: MemoryLanes;
let days: MemoryDays;
let platformKeys: MemoryPlatformKeys;
beforeEach(() => {
  // Small pages show whether readers read on.
  lanes = new MemoryLanes(2);
  days = new MemoryDays(lanes);
  platformKeys = new MemoryPlatformKeys(seededRandom(4));
});

const clock = new TestClock(nowMs);
const deps = (overrides: Partial<ReadDeps> = {}): ReadDeps => ({
  identities: new MemoryIdentities(),
  pages: new MemoryPages(),
  lanes,
  days,
  quarantine: lanes.quarantine,
  rejections: new MemoryRejections(),
  levels: new MemoryAccountLevels(),
  platformKeys,
  readOpenApi: async () => '{}',
  eventUse: new MemoryUse(),
  summaryReadUse: new MemoryUse(),
  summaryLeases: new Leases(new MemoryUse(), clock),
  stageQuotaMode: 'observe',
  meter: new TestMeter(),
  clock,
  logger: silentLogger,
  summaryLimits,
  ...overrides,
});
const get = async (parts: RequestParts, overrides: Partial<ReadDeps> = {}) => {
  const answer = await createRead(deps(overrides))(httpRequest({ method: 'GET', ...parts }));
  return { ...answer, json: JSON.parse(answer.body) };
};

const stored = (batchId: string, place: Partial<RecordOutcome['header']> = {}): RecordOutcome => ({
  header: {
    tenant,
    batchId,
    part: 0,
    parts: 1,
    slot: 0,
    late: false,
    kind: 'events',
    layout: 1,
    events: 6,
    receivedAtMs: nowMs,
    retentionDays: 30,
    region: 'r',
    requestId: 'r',
    ...place,
  },
  ...fresh(events(5)),
  duplicates: 1,
  conflicts: 0,
  bytes: 100,
});
/** As a plain receipt, which no document has yet. */
const count = (record: RecordOutcome) => lanes.putReceipts([changeOf(record, nowMs + 30).to]);
const lane: Lane = { tenant, slot: 0, late: false };
const fold = async (own = lane, atMs = nowMs + 2 * hourMs) => {
  const pauses = { contested: async () => {} };
  const others = { limits: runLimits, meter: new TestMeter(), logger: silentLogger };
  expect(await foldRun({ lanes, clock: new TestClock(atMs), pauses, ...others }, own)).toBe('folded');
};
const mint = async (facts: Partial<BatchFacts> = {}) =>
  makeBatchId(
    makeSeed(nowMs, seededRandom(2).bytes(8)),
    { parts: 1, lateParts: 0, events: 6, slot: 0, retentionDays: caller.retentionDays, ...facts },
    tenant,
    await platformKeys.current(),
  );

describe('a receipt', () => {
  const receipt = (batch_id: string, parts: RequestParts = {}) =>
    get({ resource: '/v1/batches/{batch_id}', path: { batch_id }, ...parts });

  it('is pending for a batch that is in flight, although nothing is stored for it', async () => {
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

  it('adds up parts of its slot, the last of which hold late events', async () => {
    const id = await mint({ parts: 3, lateParts: 1, events: 18, slot: 2 });
    await count(stored(id, { slot: 2, part: 0 }));
    await count(stored(id, { slot: 2, part: 1 }));
    await count(stored(id, { slot: 2, part: 2 }));
    expect((await receipt(id)).json).toMatchObject({ status: 'pending', stored: 10 });

    await count(stored(id, { slot: 2, part: 2, late: true }));

    expect((await receipt(id)).json).toMatchObject({ status: 'stored', accepted: 18, stored: 15 });
  });

  it('is unknown for an id that was never issued, and for the batch of another account', async () => {
    await expect(receipt('x'.repeat(32))).rejects.toMatchObject({ code: 'unknown_batch' });
    const other = { ...caller, tenant: { ...tenant, account: 'other' } };
    await expect(receipt(await mint(), { caller: other })).rejects.toMatchObject({ code: 'unknown_batch' });
  });

  it('is unknown once it has expired, rather than pending for ever', async () => {
    const id = await mint();
    const at = (daysLater: number) =>
      createRead(deps({ clock: new TestClock(nowMs + daysLater * dayMs) }))(
        httpRequest({ method: 'GET', resource: '/v1/batches/{batch_id}', path: { batch_id: id } }),
      );

    expect(JSON.parse((await at(36)).body)).toMatchObject({ status: 'pending' });
    await expect(at(38)).rejects.toMatchObject({ code: 'unknown_batch' });
  });

  it('is unknown, not an error, before the first batch ever', async () => {
    await expect(receipt('A'.repeat(32))).rejects.toMatchObject({ code: 'unknown_batch' });
  });
});

describe('a summary', () => {
  const summary = (
    query: Record<string, string> = {},
    parts: RequestParts = {},
    overrides: Partial<ReadDeps> = {},
  ) =>
    get(
      { resource: '/v1/accounts/{account_id}/summary', path: { account_id: 'acme' }, query, ...parts },
      overrides,
    );

  it('covers all slots of the account and, by default, the last day', async () => {
    await count(stored('a'));
    await count(stored('b', { slot: 1 }));

    const { json } = await summary({}, { caller: { ...caller, mostSlots: 2 } });

    expect(json).toMatchObject({
      total: 10,
      by_type: [{ type: 'page.view', count: 10 }],
      duplicates: 2,
      from: '2026-11-20T11:00:00.000Z',
      to: '2026-11-21T11:00:00.000Z',
      as_of: '2026-11-21T10:25:00.000Z',
    });
  });

  it('has what is folded, and what no document has yet', async () => {
    await count(stored('a'));
    await fold();
    await count(stored('b'));
    await count(stored('c'));
    expect((await summary()).json).toMatchObject({ total: 15, duplicates: 3 });

    await fold();

    expect((await summary()).json).toMatchObject({ total: 15, duplicates: 3 });
  });

  it('has the late events of every slot that the account ever had', async () => {
    for (const slot of [0, 1, 2]) {
      await count(stored(`a${slot}`, { slot }));
      await count(stored(`l${slot}`, { slot, late: true }));
    }
    await fold({ tenant, slot: 2, late: true });
    const of = async (mostSlots: number) =>
      (await summary({}, { caller: { ...caller, mostSlots } })).json.total;

    expect([await of(1), await of(3)]).toEqual([10, 30]);
  });

  it('is as of what it could read of a long tail', async () => {
    const { to } = changeOf(stored('a'), nowMs);
    const long = Array.from({ length: 40 }, (_, index) => ({
      ...{ ...to, record: `b${index + 10}.0` as const, delta: new Uint8Array(32 * 1024) },
      receivedAtMs: nowMs - 60_000 + index,
    }));
    await lanes.putReceipts(long);

    expect((await summary()).json.as_of).toBe('2026-11-21T10:24:00.031Z');
  });

  it('shares what is read of tails among the lanes, and those with little leave it to the others', async () => {
    const asOfWith = async (own: Lane) => {
      lanes = new MemoryLanes(2);
      days = new MemoryDays(lanes);
      const { to } = changeOf(stored('a', { slot: own.slot, late: own.late }), nowMs);
      const long = Array.from({ length: 40 }, (_, index) => ({
        ...{ ...to, record: `b${index + 10}.0` as const, delta: new Uint8Array(32 * 1024) },
        receivedAtMs: nowMs - 60_000 + index,
      }));
      await lanes.putReceipts(long);
      return (await summary({}, { caller: { ...caller, mostSlots: 8 } })).json.as_of;
    };

    expect(await asOfWith({ tenant, slot: 0, late: false })).toBe('2026-11-21T10:24:00.003Z');
    expect(await asOfWith({ tenant, slot: 7, late: true })).toBe('2026-11-21T10:24:00.031Z');
  });

  describe('is as of', () => {
    const asOf = async (eventUse: ReadDeps['eventUse']) =>
      (await summary({}, { caller: { ...caller, mostSlots: 2 } }, { eventUse })).json.as_of;
    const useWith = async (sent: Sending, atMs = nowMs - hourMs) => {
      const use = new MemoryUse();
      await use.count(tenant, { ...nothingCounted, sent }, atMs);
      return use;
    };
    const sentMs = nowMs - 20_000;

    it('now, once each lane has what was sent to it', async () => {
      const [a, b] = [
        { slot: 0, receivedAtMs: sentMs },
        { slot: 1, late: true, receivedAtMs: sentMs + 9 },
      ];
      const use = await useWith({ 0: { lastMs: sentMs }, '1_late': { lastMs: sentMs + 9, beforeMs: 5 } });
      await count(stored('a', a));
      expect(await asOf(use)).toBe(iso(sentMs + 9));
      await count(stored('b', b));

      expect(await asOf(use)).toBe(iso(nowMs));
    });

    it('now, also if what was sent is folded', async () => {
      await count(stored('a', { receivedAtMs: sentMs }));
      await fold();

      expect(await asOf(await useWith({ 0: { lastMs: sentMs } }))).toBe(iso(nowMs));
    });

    it('the oldest batch that a lane may lack, whatever the others have', async () => {
      await count(stored('a', { receivedAtMs: sentMs }));
      const sent = { 0: { lastMs: sentMs }, 1: { lastMs: sentMs - minuteMs, beforeMs: 0 } };

      expect(await asOf(await useWith(sent))).toBe(iso(sentMs - minuteMs));
    });

    it('what is decided for sure, if the ledger is away', async () => {
      for (const slot of [0, 1])
        for (const late of [false, true])
          await count(stored(`of ${slot}`, { slot, late, receivedAtMs: nowMs - hourMs - slot }));
      const find = () => Promise.reject(new Unavailable('away'));

      expect(await asOf({ find })).toBe(iso(nowMs - hourMs - 1));
    });
  });

  it('of another environment is another one', async () => {
    await count(stored('a'));

    const other = { ...caller, tenant: { ...tenant, environment: 'staging' } };
    expect((await summary({}, { caller: other })).json).toMatchObject({ total: 0, by_type: [] });
  });

  it.each([
    ['window', { window: '2h' }],
    ['format', { format: 'xml' }],
    ['window', { window: '1h', from: '2h' }],
    ['windw', { windw: '7d' }],
    ['to', { to: '2026-11-21T10:00:00Z' }],
    ['to', { from: '2h', to: 'x' }],
    ['from', { from: 'yesterday' }],
    ['from', { from: '2026-11-21T10:00:00' }],
    ['from', { from: '2h', to: '2h' }],
    ['from', { from: '2026-11-22T10:00:00Z' }],
    ['from', { from: '2026-11-20T10:00:01Z', to: '2026-12-21T10:00:01Z' }],
  ])('names the parameter %s of %j, rather than answering another question', async (parameter, query) => {
    await expect(summary(query as unknown as Record<string, string>)).rejects.toMatchObject({
      code: 'invalid_parameter',
      extra: { parameter, detail: expect.stringContaining(`"${parameter}" `) },
    });
  });

  it('is of the whole hours from one instant to another, and says which they are', async () => {
    for (const hour of [6, 7, 8, 9]) await countAt(today + hour * hourMs + 30 * minuteMs);
    const asked = async (from: string, to?: string) => {
      const { json } = await summary({ from, ...(to !== undefined && { to }) });
      return [json.from.slice(11, 16), json.to.slice(11, 16), json.total];
    };

    expect(await asked('2026-11-21T07:00:00Z', '2026-11-21T08:00:00Z')).toEqual(['07:00', '08:00', 5]);
    expect(await asked('2026-11-21T07:59:59+00:00', '2026-11-21T08:00:00.001Z')).toEqual([
      '07:00',
      '09:00',
      10,
    ]);
    expect(await asked('2h')).toEqual(['08:00', '11:00', 10]);
  });

  it('and a series cost nothing of the limit if the question is wrong', async () => {
    const summaryLeases = { admit: () => expect.fail('the limit was asked') };
    const refused = { code: 'invalid_parameter' };

    await expect(summary({ windw: '7d' }, {}, { summaryLeases })).rejects.toMatchObject(refused);
    const series = { resource: '/v1/accounts/{account_id}/series', query: { interval: 'week' } };
    await expect(get(series, { summaryLeases })).rejects.toMatchObject(refused);
  });

  it('and a series count as one read each', async () => {
    let reads = 0;
    const leases = new Leases(new MemoryUse(), clock);
    const admit: Leases['admit'] = (...asked) => {
      reads += 1;
      return leases.admit(...asked);
    };
    const summaryLeases = { admit };

    await summary({}, {}, { summaryLeases });
    const series = { resource: '/v1/accounts/{account_id}/series', query: { interval: 'hour' } };
    await get(series, { summaryLeases });

    expect(reads).toBe(2);
  });

  it('is CSV where that is asked for, with the headers of the limit', async () => {
    await count(stored('a'));
    const question = (resource: string, query: Record<string, string>) =>
      createRead(deps())(httpRequest({ method: 'GET', resource, query: { ...query, format: 'csv' } }));

    const [summed, series] = [
      await question('/v1/accounts/{account_id}/summary', { window: '1h' }),
      await question('/v1/accounts/{account_id}/series', { interval: 'hour', from: '1m' }),
    ];

    expect(summed.headers).toMatchObject({
      'content-type': 'text/csv; charset=utf-8',
      'X-RateLimit-Limit': String(caller.summaryReadsPerMinute),
    });
    expect(summed.body).toContain('total,,5,0,,,\r\nby_type,page.view,5,');
    expect(series.headers).toMatchObject({ 'content-type': 'text/csv; charset=utf-8' });
    expect(series.body).toBe('from,count,sum\r\n2026-11-21T10:00:00.000Z,5,\r\n');
  });

  it('is of 31 days at most', async () => {
    const asked = { from: '2026-10-21T11:00:00Z', to: '2026-11-21T11:00:00Z' };
    const { json } = await summary(asked, { caller: { ...caller, retentionDays: 90 } });

    expect([json.from, json.to]).toEqual(['2026-10-21T11:00:00.000Z', '2026-11-21T11:00:00.000Z']);
  });

  it('has the sum, the least and the greatest of the values, folded or not', async () => {
    const priced = (...values: (number | undefined)[]) =>
      fresh(values.map((value) => event({ service: 'shop', ...(value !== undefined && { value }) })));
    await count({ ...stored('a'), ...priced(0.1, 0.2) });
    await fold();
    await count({ ...stored('b'), ...priced(999_999_999_999, -3, undefined) });

    const values = { count: 4, sum: '999999999996.3', least: '-3', greatest: '999999999999' };
    expect((await summary()).json).toMatchObject({
      ...{ total: 5, values },
      by_type: [{ type: 'page.view', count: 5, values }],
      by_service: [{ service: 'shop', count: 5, values }],
    });
  });

  it('of an hour or a day reads no folds', async () => {
    const stored = () => expect.fail('a fold was asked for');
    for (const window of ['1h', '24h']) await summary({ window }, {}, { days: { ...unwilling(), stored } });
  });
});

const unwilling = (...refused: (keyof Days)[]): Days => {
  const refuse = async () => {
    throw new Unavailable('not now');
  };
  const willing = {
    stored: days.stored.bind(days),
    hours: days.hours.bind(days),
    store: days.store.bind(days),
  };
  return { ...willing, ...Object.fromEntries(refused.map((verb) => [verb, refuse])) };
};
const today = floorTo(nowMs, dayMs);

const recordAt = (at: number, batchId: string, list = events(5, { timestamp: at, user_id: 'ann' })) => ({
  ...stored(batchId),
  ...fresh(list),
});
/** Counts events of that time into documents, at once or at another time. */
async function countAt(at: number, countedAtMs = at, list?: Parameters<typeof recordAt>[2]) {
  const { to } = changeOf(recordAt(at, `b${at}-${countedAtMs}`, list), countedAtMs);
  const clockThen = new TestClock(countedAtMs);
  await countDirectly({ lanes, clock: clockThen, pauses: { contested: async () => {} } }, [{ to }]);
}

describe('a summary of several days', () => {
  const ask = async (overrides: Partial<ReadDeps> = {}) => {
    const ranges: [string, number][] = [];
    const watched: Pick<Lanes, 'counted' | 'receipts' | 'lastFoldedRun' | 'documentsBetween' | 'tail'> = {
      receipts: lanes.receipts.bind(lanes),
      counted: lanes.counted.bind(lanes),
      lastFoldedRun: lanes.lastFoldedRun.bind(lanes),
      tail: lanes.tail.bind(lanes),
      documentsBetween: async (own, kind, fromMs, toMs) => {
        const page = await lanes.documentsBetween(own, kind, fromMs, toMs);
        if (!own.late) ranges.push([kind, ((page.nextMs ?? toMs) - fromMs) / hourMs]);
        return page;
      },
    };
    const request = httpRequest({
      method: 'GET',
      resource: '/v1/accounts/{account_id}/summary',
      path: { account_id: 'acme' },
      query: { window: '30d' },
    });
    const { body } = await createRead(deps({ lanes: watched, ...overrides }))(request);
    const hoursRead = ranges.filter(([kind]) => kind === 'hour').reduce((sum, [, hours]) => sum + hours, 0);
    return { json: JSON.parse(body), hoursRead };
  };
  const folds = async () =>
    (await days.stored('day', tenant, 1, today - 40 * dayMs, today, nowMs)).filter(
      ({ isCurrent }) => isCurrent,
    );
  const agos = [1, 2, 3, 5, 8, 13];
  const countSome = async () => {
    for (const ago of agos) await countAt(today - ago * dayMs + 7 * hourMs);
    await countAt(nowMs);
  };

  it('reads hour by hour at first, and folds a few days each time until all days with events are folded', async () => {
    await countSome();

    const first = await ask();
    expect(first).toMatchObject({ hoursRead: 720, json: { total: 35 } });
    expect((await folds()).map(({ key }) => (today - key.dayMs) / dayMs).toSorted()).toEqual([1, 2, 3, 5]);
    const second = await ask();
    const third = await ask();

    expect(second).toEqual({ ...first, hoursRead: 720 - 4 * 24 });
    expect(third).toEqual({ ...first, hoursRead: 720 - 6 * 24 });
    expect(await folds()).toHaveLength(agos.length);
  });

  it('never shows a folded day without the events that were counted into it late', async () => {
    await countSome();
    await ask();

    await countAt(today - 2 * dayMs + 20 * hourMs, nowMs);

    expect((await ask()).json).toMatchObject({ total: 40, top_users: [{ user_id: 'ann', count: 40 }] });
    expect((await ask()).json).toMatchObject({ total: 40 });
  });

  it('adds to a folded day what no document has yet, and nothing twice once it is folded', async () => {
    const at = today - 2 * dayMs + 7 * hourMs;
    await count(recordAt(at, 'a'));
    await fold();
    await ask();
    expect(await folds()).toMatchObject([
      { key: { dayMs: today - 2 * dayMs }, foldedTo: [placeOf(changeOf(recordAt(at, 'a'), nowMs).to), ''] },
    ]);

    await count(recordAt(at, 'b'));
    await count({ ...recordAt(at, 'c'), header: stored('c', { late: true }).header });
    expect(await ask()).toMatchObject({ json: { total: 15 }, hoursRead: 720 - 24 });

    await fold();
    expect(await ask()).toMatchObject({ json: { total: 15 }, hoursRead: 720 - 24 });
    await fold({ ...lane, late: true });
    for (let again = 0; again < 3; again += 1) expect((await ask()).json.total).toBe(15);
  });

  it('has nothing twice if it reads an older run than the day was folded with', async () => {
    await count(recordAt(today - 2 * dayMs + 7 * hourMs, 'a'));
    await fold();
    await ask();
    expect(await folds()).toHaveLength(1);
    lanes.lastFoldedRun = async () => undefined;

    expect(await ask()).toMatchObject({ json: { total: 5 }, hoursRead: 720 - 24 });
  });

  it('does not fold a day while a run is being folded into it: other hours may not have it yet', async () => {
    const at = today - 2 * dayMs + 7 * hourMs;
    await count(recordAt(at, 'a'));
    const mark = lanes.markFolded.bind(lanes);
    lanes.markFolded = async () => expect((await ask()).json.total).toBe(5);
    await fold();
    expect(await folds()).toEqual([]);

    lanes.markFolded = mark;
    await fold();
    await ask();

    expect(await folds()).toHaveLength(1);
    expect((await ask()).json.total).toBe(5);
  });

  it('of days with more names than a document takes is read from folds too, and adds up', async () => {
    const random = seededRandom(5);
    const name = () => Buffer.from(random.bytes(40)).toString('base64url');
    const named = (timestamp: number) =>
      Array.from({ length: 250 }, () => event({ timestamp, type: name(), service: name() }));
    for (let hour = 0; hour < 6; hour += 1) {
      const at = today - dayMs + hour * hourMs;
      await countAt(at, at, named(at));
    }
    const total = 6 * 250;
    await ask();

    const { json, hoursRead } = await ask();

    expect(hoursRead).toBe(720 - 24);
    for (const names of [json.by_type, json.by_service]) {
      expect(names[0].count).toBeGreaterThan(1000);
      expect(names.reduce((sum: number, { count }: { count: number }) => sum + count, 0)).toBe(total);
    }
    expect(json.total).toBe(total);
  });

  describe('with more events than a request may read', () => {
    const few = { readBytes: 1, workBytes: 1, workMs: 1000, folds: { days: 4, bytes: 1 } };
    const some = (overrides: Partial<ReadDeps> = {}) => ask({ summaryLimits: few, ...overrides });

    it('is not ready at first; each request folds a day, and the answer is that of all hours', async () => {
      await countSome();
      const expected = (await ask({ days: unwilling('store') })).json;
      // The hours of the last two come as one page.
      for (let requests = 1; requests <= agos.length - 2; requests += 1) {
        await expect(some()).rejects.toMatchObject({ code: 'summary_not_ready' });
        expect(await folds()).toHaveLength(requests);
      }

      const { json } = await some();

      expect(json).toEqual(expected);
      expect(json).toMatchObject({ total: 35, as_of: '2026-11-21T10:25:00.000Z' });
    });

    it('takes days as they were folded if events came into them since, says so, and reads the stalest first', async () => {
      await countSome();
      for (const ago of [1, 2]) {
        const clockThen = { clock: new TestClock(nowMs - ago * 1000) };
        await ask(clockThen);
        await ask(clockThen);
      }
      const late = async (ago: number) => countAt(today - ago * dayMs + 20 * hourMs, nowMs);
      const all = await folds();
      expect(all).toHaveLength(agos.length);
      for (const ago of [1, 8, 13]) await late(ago);
      const madeAtMs = (ago: number) =>
        all.find(({ key }) => key.dayMs === today - ago * dayMs)?.madeAtMs ?? expect.fail();

      const first = await some();
      expect(first.json.total).toBe(35);
      expect(first.json.as_of).toBe(new Date(Math.min(madeAtMs(1), madeAtMs(8), madeAtMs(13))).toISOString());
      expect(await folds()).toHaveLength(3);

      const oneADay = { ...few, workBytes: 1 + Math.max(...all.map(({ hourBytes }) => hourBytes)) };
      for (const total of [40, 45, 50])
        expect((await some({ summaryLimits: oneADay })).json).toMatchObject({ total });
      expect(await folds()).toHaveLength(agos.length);
      expect((await some()).json).toMatchObject({ total: 50, as_of: '2026-11-21T10:25:00.000Z' });
    });

    it('folds a day that has just closed instead of reading it, if the day before it was too large to be read', async () => {
      await countAt(today - 2 * dayMs + 7 * hourMs);
      await ask({ clock: new TestClock(today - hourMs) });
      expect(await folds()).toHaveLength(1);
      for (const hour of [7, 9, 11]) await countAt(today - dayMs + hour * hourMs);
      const limits = { ...few, workBytes: 1000 };

      await expect(some({ summaryLimits: limits, days: unwilling('hours') })).rejects.toMatchObject({
        code: 'summary_not_ready',
      });
      expect(await some({ summaryLimits: limits })).toMatchObject({
        json: { total: 20 },
        hoursRead: 720 - 2 * 24,
      });
      expect(await folds()).toHaveLength(2);
    });

    it('reads a stale day by the hour if it cannot be folded', async () => {
      await countAt(today - dayMs + 7 * hourMs);
      await ask();
      await countAt(today - dayMs + 9 * hourMs, nowMs);

      const { json, hoursRead } = await ask({ days: unwilling('hours') });

      expect(json).toMatchObject({ total: 10, as_of: '2026-11-21T10:25:00.000Z' });
      expect(hoursRead).toBe(720);
    });

    it('reads whole days by the hour for a time only', async () => {
      await countSome();
      const slow = new TestClock(nowMs);
      const documentsBetween: typeof lanes.documentsBetween = async (...range) => {
        slow.nowMs += few.workMs;
        return lanes.documentsBetween(...range);
      };
      const late = { ...lanes, lastFoldedRun: lanes.lastFoldedRun.bind(lanes), tail: lanes.tail.bind(lanes) };
      const slowly = {
        clock: slow,
        lanes: {
          ...late,
          receipts: lanes.receipts.bind(lanes),
          counted: lanes.counted.bind(lanes),
          documentsBetween,
        },
      };
      const wide = { ...summaryLimits, workMs: few.workMs };

      await expect(
        createRead(deps({ ...slowly, summaryLimits: wide }))(
          httpRequest({
            method: 'GET',
            resource: '/v1/accounts/{account_id}/summary',
            path: { account_id: 'acme' },
            query: { window: '30d' },
          }),
        ),
      ).rejects.toMatchObject({ code: 'summary_not_ready' });
    });
  });

  it('is read once for all who ask an instance for it meanwhile, and anew for whoever asks later', async () => {
    await countSome();
    let runs = 0;
    const lastFoldedRun: Lanes['lastFoldedRun'] = async (own) => {
      runs += 1;
      return lanes.lastFoldedRun(own);
    };
    const watched = {
      receipts: lanes.receipts.bind(lanes),
      counted: lanes.counted.bind(lanes),
      tail: lanes.tail.bind(lanes),
      documentsBetween: lanes.documentsBetween.bind(lanes),
      lastFoldedRun,
    };
    const read = createRead(deps({ lanes: watched }));
    const asking = (window: string, account = tenant.account) =>
      read(
        httpRequest({
          method: 'GET',
          resource: '/v1/accounts/{account_id}/summary',
          path: { account_id: account },
          query: { window },
          caller: { ...caller, tenant: { ...tenant, account } },
        }),
      );
    const totals = async (...asked: Promise<{ body: string }>[]) =>
      (await Promise.all(asked)).map(({ body }) => JSON.parse(body).total);

    expect(await totals(asking('30d'), asking('30d'), asking('30d'))).toEqual([35, 35, 35]);
    expect(runs).toBe(2);
    expect(await totals(asking('30d'), asking('1h'), asking('30d', 'other'))).toEqual([35, 5, 0]);
    expect(runs).toBe(2 + 6);
    await count(stored('later'));
    expect(await totals(asking('30d'))).toEqual([40]);
  });

  it('does not fold a day that may still be counted into without a mark', async () => {
    await countAt(today - hourMs);
    const clockAt = (atMs: number) => ({ clock: new TestClock(atMs) });

    await ask(clockAt(today + hourMs - 1));
    expect(await folds()).toEqual([]);
    await ask(clockAt(today + hourMs));
    expect(await folds()).toHaveLength(1);
  });

  it.each([
    ['be read', 'stored'],
    ['be made', 'hours'],
    ['be stored', 'store'],
  ] as const)('is the same if folds cannot %s, with a warning in the log', async (_, refused) => {
    await countSome();
    const expected = (await ask()).json;
    const lines: unknown[] = [];
    const logger = { warn: (line: unknown) => lines.push(line) };

    const { json } = await ask({ days: unwilling(refused), logger: logger as unknown as ReadDeps['logger'] });

    expect(json).toEqual(expected);
    expect(lines).toContain('folds of days are unavailable');
  });

  it('fails on a bug in folding', async () => {
    await countSome();
    const broken = async () => {
      throw new TypeError('a bug');
    };

    await expect(ask({ days: { ...unwilling(), store: broken } })).rejects.toThrow(TypeError);
  });
});

it.each(['/v1/batches/{batch_id}', '/v1/accounts/{account_id}/summary', '/v1/usage', '/v1/quarantine'])(
  '%s takes no parameter that it does not know, and none twice',
  async (resource) => {
    const asked = (query: Record<string, string[]>) =>
      createRead(deps())({
        ...httpRequest({ method: 'GET', resource }),
        multiValueQueryStringParameters: query,
      });
    const refusal = (parameter: string) => ({ code: 'invalid_parameter', extra: { parameter } });

    await expect(asked({ cache: ['no'] })).rejects.toMatchObject(refusal('cache'));
    await expect(asked({ window: ['1h', '1h'] })).rejects.toMatchObject(refusal('window'));
    await expect(asked({ ['x'.repeat(99)]: ['1'] })).rejects.toMatchObject(refusal('x'.repeat(64)));
  },
);

it('health is liveness only, says so, and needs no caller, whatever its query', async () => {
  const { json } = await get({ resource: '/health', query: { at: '1' } });

  expect(json).toEqual({ status: 'alive', dependencies: 'not_checked' });
});

describe('the report', () => {
  let meter: TestMeter;
  beforeEach(() => {
    meter = new TestMeter();
  });
  const unchanged = new MemoryAccounts();
  const accountsOf = (tenants: ReportDeps['accounts']['tenants']): ReportDeps['accounts'] => ({
    tenants,
    findAccount: (id) => unchanged.findAccount(id),
    update: (...change) => unchanged.update(...change),
  });
  const accounts = accountsOf(async function* () {
    yield { tenant, mostSlots: 2 };
    yield { tenant: { ...tenant, account: 'idle' }, mostSlots: 1 };
  });
  const reportAt = (atMs: number, some: Partial<ReportDeps> = {}, remainingMs = () => 300_000) =>
    createReport({
      ...nothingTallied,
      ...{ accounts, lanes, days, meter, logger: silentLogger, limits: runLimits },
      ...{ auditLog: unchanged.auditLog, busiest: new MemoryBusiest(), slots: { most: 8, automatic: true } },
      eventUse: new MemoryUse(),
      auditor: { actor: { who: 'advisor', from: 'report' }, random: seededRandom() },
      ...{ clock: new TestClock(atMs), pauses: { contested: async () => {} }, random: () => 0 },
      ...some,
    })(remainingMs);
  const report = () => reportAt(nowMs);
  const runsOf = (late: boolean) => [...lanes.runs.values()].filter((run) => run.lane.late === late);

  it('finds no imbalance in a ledger that adds up, and counts the active accounts', async () => {
    await count(stored('a', { slot: 1 }));

    expect(await report()).toMatchObject({ activeAccounts: 1, imbalance: 0 });
    expect(meter.values(metricNames.ledgerImbalance)).toEqual([0]);
  });

  it('finds events that were received and have no outcome, folded or not, in any lane', async () => {
    await count({ ...stored('a'), duplicates: 0 });
    await fold();
    await count({ ...stored('b'), duplicates: 0 });
    await count({ ...stored('c', { slot: 1, late: true }), duplicates: 0 });

    expect(await report()).toMatchObject({ imbalance: 3 });
  });

  it('checks what was received as long ago as records may be old, and counts only accounts of the last day', async () => {
    await count({ ...stored('a'), duplicates: 0 });
    await fold();

    expect(checkedMs).toBeGreaterThanOrEqual((delivery.mostRecordAgeHours + 24) * hourMs);
    expect(await reportAt(nowMs + 7 * dayMs)).toMatchObject({ activeAccounts: 0, imbalance: 1 });
    expect(await reportAt(nowMs + 9 * dayMs)).toMatchObject({ activeAccounts: 0, imbalance: 0 });
  });

  it('begins no tenant without time for it, publishes what it saw, and fails', async () => {
    await count({ ...stored('a'), duplicates: 0 });
    const many = accountsOf(async function* () {
      for (let index = 0; index < 40; index += 1)
        yield {
          tenant: { ...tenant, account: index === 0 ? tenant.account : `idle-${index}` },
          mostSlots: 1,
        };
    });
    const begun: string[] = [];
    const lastFoldedRun = lanes.lastFoldedRun.bind(lanes);
    lanes.lastFoldedRun = async (own) => {
      if (!own.late) begun.push(own.tenant.account);
      return lastFoldedRun(own);
    };
    const runIn = async (random: () => number) => {
      begun.length = 0;
      let asked = 0;
      const remainingMs = () => (asked++ < 20 ? 60_001 : 60_000);
      await expect(reportAt(nowMs, { accounts: many, random }, remainingMs)).rejects.toThrow(
        'There was no time to look after 20 of 40 environments.',
      );
      return [...begun];
    };
    let next = 0;

    const first = await runIn(() => next++);
    const second = await runIn(() => next--);

    expect([first.length, new Set([...first, ...second]).size]).toEqual([20, 40]);
    expect(meter.values(metricNames.unseenEnvironments)).toEqual([20, 20]);
    expect(meter.values(metricNames.ledgerImbalance)).toEqual([1, 0]);
    expect(meter.values(metricNames.activeAccounts)).toEqual([]);
  });

  it('looks after many tenants at once', async () => {
    let [under, most] = [0, 0];
    const many = accountsOf(async function* () {
      for (let index = 0; index < 40; index += 1)
        yield { tenant: { ...tenant, account: `idle-${index}` }, mostSlots: 1 };
    });
    const lastFoldedRun: Lanes['lastFoldedRun'] = async () => {
      under += 1;
      most = Math.max(most, under);
      await new Promise(setImmediate);
      under -= 1;
      return undefined;
    };
    lanes.lastFoldedRun = lastFoldedRun;

    await reportAt(nowMs, { accounts: many });

    expect(most).toBe(16 * 2);
  });

  it('folds the runs that are due, and the ledger adds up before and after', async () => {
    await count(stored('a'));
    await count(stored('l', { late: true, slot: 1 }));
    await report();
    expect(lanes.runs.size).toBe(0);

    const results = [await reportAt(nowMs + hourMs), await reportAt(nowMs + hourMs)];

    expect(runsOf(false)).toMatchObject([{ state: 'folded', lane: { slot: 0 } }]);
    expect(runsOf(true)).toMatchObject([{ state: 'folded', lane: { slot: 1 } }]);
    expect(results).toMatchObject(results.map(() => ({ activeAccounts: 1, imbalance: 0 })));
  });

  it('says how long the oldest receipt that no run has folded has been waiting', async () => {
    expect(await reportAt(nowMs)).toMatchObject({ imbalance: 0 });
    await count(stored('a'));
    await lanes.putReceipts([changeOf(stored('l', { late: true, slot: 1 }), nowMs + 90).to]);

    await reportAt(nowMs + hourMs);
    await reportAt(nowMs + hourMs);

    expect(meter.values(metricNames.oldestUnfolded)).toEqual([0, hourMs - 30, 0]);
  });

  it('looks after the other lanes and accounts where one cannot be read, and then fails', async () => {
    await count(stored('a'));
    await count(stored('l', { late: true, slot: 1 }));
    const tail = lanes.tail.bind(lanes);
    lanes.tail = async (own, range) => {
      if (!own.late) throw new TypeError('a bug');
      return tail(own, range);
    };

    await expect(reportAt(nowMs + hourMs)).rejects.toThrow('a bug');

    expect(runsOf(true)).toMatchObject([{ state: 'folded' }]);
    expect(meter.values(metricNames.oldestUnfolded)).toHaveLength(1);
  });

  it('reports also where a run cannot be folded', async () => {
    await count(stored('a'));
    await count(stored('l', { late: true, slot: 1 }));
    const announce = lanes.announce.bind(lanes);
    lanes.announce = async (run) => {
      if (!run.lane.late) throw new TypeError('a bug');
      return announce(run);
    };

    for (const hours of [1, 2])
      expect(await reportAt(nowMs + hours * hourMs)).toMatchObject({ activeAccounts: 1, imbalance: 0 });

    expect(runsOf(true)).toMatchObject([{ state: 'folded' }]);
    expect(meter.values(metricNames.oldestUnfolded)).toEqual([hourMs - 30, 2 * hourMs - 30]);
  });
});

it('health with deep=1 leads to where a key is asked for, by GET and HEAD alike', async () => {
  const request = httpRequest({ resource: '/health', query: { deep: '1' } });

  expect(await createRead(deps())(request)).toMatchObject({
    statusCode: 307,
    headers: { location: 'v1/health' },
    body: '',
  });
});
