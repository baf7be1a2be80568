import { beforeEach, describe, expect, it } from 'vitest';
import { MemoryPlatformKeys } from '../../../../adapters/signing/memory-platform-keys.ts';
import { MemoryCounts } from '../../../../adapters/storing/memory-counts.ts';
import type { Aggregates, Days } from '../../../../domain/documents/port.ts';
import { makeBatchId, makeSeed } from '../../../../domain/record/batch-id.ts';
import { metricNames } from '../../../../domain/service-levels/metrics.ts';
import { countRecords, documentsTouched, marksOf } from '../../../../domain/storing/counting.ts';
import { changeOf, type RecordOutcome } from '../../../../domain/storing/record-outcome.ts';
import { dayMs, floorTo, hourMs } from '../../../../domain/system/time.ts';
import { Unavailable } from '../../../../domain/system/unavailable.ts';
import { createRead, type ReadDeps } from '../../../../lambdas/read/read.ts';
import { createReport } from '../../../../lambdas/report/report.ts';
import { seededRandom, TestClock } from '../../../support/clock.ts';
import { event, events, fresh, nowMs } from '../../../support/events.ts';
import { silentLogger, TestMeter } from '../../../support/meter.ts';
import { caller, httpRequest, type RequestParts } from '../../../support/requests.ts';

const { tenant } = caller;
let counts: MemoryCounts;
let platformKeys: MemoryPlatformKeys;
beforeEach(() => {
  counts = new MemoryCounts();
  platformKeys = new MemoryPlatformKeys(seededRandom(4));
});

const clock = new TestClock(nowMs);
const deps = (overrides: Partial<ReadDeps> = {}): ReadDeps => ({
  aggregates: counts,
  days: counts,
  receipts: counts,
  quarantine: counts.quarantine,
  platformKeys,
  clock,
  logger: silentLogger,
  ...overrides,
});
const get = async (parts: RequestParts, overrides: Partial<ReadDeps> = {}) => {
  const answer = await createRead(deps(overrides))(httpRequest({ method: 'GET', ...parts }));
  return { ...answer, json: JSON.parse(answer.body) };
};

const stored = (batchId: string, slot = 0): RecordOutcome => ({
  header: {
    tenant,
    batchId,
    part: 0,
    parts: 1,
    slot,
    late: false,
    kind: 'events',
    layout: 1,
    events: 6,
    receivedAtMs: nowMs,
    retentionDays: 30,
    region: 'r',
    requestId: 'r',
  },
  ...fresh(events(5)),
  duplicates: 1,
  conflicts: 0,
  bytes: 100,
});
const count = (record: RecordOutcome) =>
  counts.commit({
    changes: [changeOf(record, nowMs + 30)],
    documents: countRecords([record], []),
    marks: [],
  });
const mint = async (parts = 1) =>
  makeBatchId(
    makeSeed(nowMs, seededRandom(2).bytes(8)),
    { parts, lateParts: 0, events: 6, slot: 0, retentionDays: caller.retentionDays },
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
    await count(stored('a', 0));
    await count(stored('b', 1));

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

  it('of an hour or a day reads no folds', async () => {
    const current = () => expect.fail('a fold was asked for');
    for (const window of ['1h', '24h']) await summary({ window }, {}, { days: { ...unwilling(), current } });
  });
});

const unwilling = (...refused: (keyof Days)[]): Days => {
  const refuse = async () => {
    throw new Unavailable('not now');
  };
  const days = {
    current: counts.current.bind(counts),
    hours: counts.hours.bind(counts),
    store: counts.store.bind(counts),
  };
  return { ...days, ...Object.fromEntries(refused.map((verb) => [verb, refuse])) };
};
const today = floorTo(nowMs, dayMs);

/** Counts events of that time, at once or at another time. */
async function countAt(at: number, countedAtMs = at, list = events(5, { timestamp: at, user_id: 'ann' })) {
  const record = { ...stored(`b${at}-${countedAtMs}`), ...fresh(list) };
  await counts.commit({
    changes: [changeOf(record, countedAtMs)],
    documents: countRecords([record], await counts.documents([...documentsTouched([record]).values()])),
    marks: marksOf([record], countedAtMs),
  });
}

describe('a summary of several days', () => {
  const ask = async (overrides: Partial<ReadDeps> = {}) => {
    const ranges: [string, number][] = [];
    const aggregates: Aggregates = {
      range: (asked, slot, kind, fromMs, toMs) => {
        ranges.push([kind, (toMs - fromMs) / hourMs]);
        return counts.range(asked, slot, kind, fromMs, toMs);
      },
    };
    const request = httpRequest({
      method: 'GET',
      resource: '/v1/accounts/{account_id}/summary',
      path: { account_id: 'acme' },
      query: { window: '30d' },
    });
    const { body } = await createRead(deps({ aggregates, ...overrides }))(request);
    const hoursRead = ranges.filter(([kind]) => kind === 'hour').reduce((sum, [, hours]) => sum + hours, 0);
    return { json: JSON.parse(body), hoursRead };
  };
  const folds = () => counts.current(tenant, 1, today - 40 * dayMs, today, nowMs);
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

  it('tries to fold a day with too many names once, until its mark changes, and folds older days meanwhile', async () => {
    const random = seededRandom(5);
    const name = () => Buffer.from(random.bytes(40)).toString('base64url');
    const named = (timestamp: number) =>
      Array.from({ length: 250 }, () => event({ timestamp, type: name(), service: name() }));
    for (const ago of [1, 2, 3, 4])
      for (let hour = 0; hour < 6; hour += 1) {
        const at = today - ago * dayMs + hour * hourMs;
        await countAt(at, at, named(at));
      }
    await countAt(today - 6 * dayMs);
    const tries: number[] = [];
    const hours: Days['hours'] = (day, slots) => {
      tries.push((today - day.dayMs) / dayMs);
      return counts.hours(day, slots);
    };
    const triedBy = async (answer: Promise<unknown>) => {
      tries.length = 0;
      await answer;
      return tries.toSorted();
    };
    const watched = () => ask({ days: { ...unwilling(), hours } });
    const total = 4 * 6 * 250 + 5;

    expect(await triedBy(watched())).toEqual([1, 2, 3, 4]);
    expect(await triedBy(watched())).toEqual([6]);
    expect(await triedBy(watched())).toEqual([]);
    expect(await watched()).toMatchObject({ hoursRead: 720 - 24, json: { total } });

    await countAt(today - 2 * dayMs, nowMs);
    expect(await triedBy(watched())).toEqual([2]);
    expect(await triedBy(watched())).toEqual([]);
    expect(await watched()).toMatchObject({ hoursRead: 720 - 24, json: { total: total + 5 } });
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
    ['be read', 'current'],
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

it('health is liveness only, says so, and needs no caller', async () => {
  const { json } = await get({ resource: '/health' });

  expect(json).toEqual({ status: 'alive', dependencies: 'not_checked' });
});

describe('the report', () => {
  let meter: TestMeter;
  beforeEach(() => {
    meter = new TestMeter();
  });
  const accounts = {
    async *tenants() {
      yield { tenant, mostSlots: 2 };
      yield { tenant: { ...tenant, account: 'idle' }, mostSlots: 1 };
    },
  };
  const report = () => createReport({ accounts, aggregates: counts, clock, meter, logger: silentLogger })();

  it('finds no imbalance in a ledger that adds up, and counts the active accounts', async () => {
    await count(stored('a', 1));

    expect(await report()).toEqual({ activeAccounts: 1, imbalance: 0 });
    expect(meter.values(metricNames.ledgerImbalance)).toEqual([0]);
  });

  it('finds events that were received and have no outcome', async () => {
    await count({ ...stored('a'), duplicates: 0 });

    expect(await report()).toMatchObject({ imbalance: 1 });
  });
});
