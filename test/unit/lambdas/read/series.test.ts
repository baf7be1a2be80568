import fc from 'fast-check';
import { beforeEach, describe, expect, it } from 'vitest';
import { MemoryLanes } from '../../../../adapters/counting/memory-lanes.ts';
import { MemoryDays } from '../../../../adapters/documents/memory-days.ts';
import { runLimits } from '../../../../domain/counting/next-run.ts';
import { otherName } from '../../../../domain/documents/names.ts';
import type { AcceptedEvent } from '../../../../domain/event/event.ts';
import type { Series } from '../../../../domain/reading/series.ts';
import { changeOf, type RecordOutcome } from '../../../../domain/storing/record-outcome.ts';
import { dayMs, floorTo, hourMs, iso, minuteMs } from '../../../../domain/system/time.ts';
import { countDirectly } from '../../../../lambdas/counting/count-directly.ts';
import { foldRun } from '../../../../lambdas/counting/fold-run.ts';
import { type SummaryLimits, summaryLimits } from '../../../../lambdas/read/read-window.ts';
import { createReadSeries, readSeriesQuestion } from '../../../../lambdas/read/series.ts';
import { createReadSummary, readSummaryQuestion } from '../../../../lambdas/read/summary.ts';
import { TestClock } from '../../../support/clock.ts';
import { anyEvents, event, events, fresh, nowMs } from '../../../support/events.ts';
import { silentLogger, TestMeter } from '../../../support/meter.ts';
import { caller, httpRequest } from '../../../support/requests.ts';

const { tenant } = caller;
const clock = new TestClock(nowMs);
const pauses = { contested: async () => {} };
let lanes: MemoryLanes;
let days: MemoryDays;
beforeEach(() => renew());
const renew = () => {
  lanes = new MemoryLanes(2);
  days = new MemoryDays(lanes);
};

const toRequest = (query: Record<string, string>) => httpRequest({ method: 'GET', query });
const deps = (limits: SummaryLimits) => ({
  ...{ lanes, days, clock, logger: silentLogger, summaryLimits: limits },
});
const series = async (query: Record<string, string>, limits = summaryLimits): Promise<Series> =>
  createReadSeries(deps(limits))(readSeriesQuestion(toRequest(query), nowMs));
const summary = async (query: Record<string, string>) =>
  createReadSummary(deps(summaryLimits))(readSummaryQuestion(toRequest(query), nowMs));

const record = (list: readonly AcceptedEvent[], batchId: string): RecordOutcome => ({
  header: {
    ...{ tenant, batchId, part: 0, parts: 1, slot: 0, late: false, kind: 'events', layout: 1 },
    ...{ events: list.length, receivedAtMs: nowMs, retentionDays: 30, region: 'r', requestId: 'r' },
  },
  ...fresh(list),
  ...{ duplicates: 0, conflicts: 0, bytes: 100 },
});
/** As a plain receipt, which no document has yet. */
const putInTail = (list: readonly AcceptedEvent[], batchId = 'tail') =>
  lanes.putReceipts([changeOf(record(list, batchId), nowMs).to]);
async function fold(): Promise<void> {
  const others = { limits: runLimits, meter: new TestMeter(), logger: silentLogger };
  await foldRun(
    { lanes, clock: new TestClock(nowMs + 2 * hourMs), pauses, ...others },
    { tenant, slot: 0, late: false },
  );
}
const countAt = (list: readonly AcceptedEvent[], batchId = 'counted') =>
  countDirectly({ lanes, clock, pauses }, [{ to: changeOf(record(list, batchId), nowMs).to }]);

describe('a series', () => {
  it('has a point for each hour, also where nothing was, and by default those of a day', async () => {
    await countAt([...events(2), event({ timestamp: nowMs - 3 * hourMs })]);
    await putInTail([event({ timestamp: nowMs - 3 * hourMs })]);

    const { points, ...rest } = await series({ interval: 'hour' });

    expect(rest).toEqual({
      ...{ account_id: 'acme', environment: 'production', interval: 'hour', tz: 'UTC', total: 4 },
      ...{ from: '2026-11-20T11:00:00.000Z', to: '2026-11-21T11:00:00.000Z', as_of: iso(nowMs) },
    });
    expect(points).toHaveLength(24);
    expect(points.filter(({ count }) => count > 0)).toEqual([
      { from: '2026-11-21T07:00:00.000Z', count: 2 },
      { from: '2026-11-21T10:00:00.000Z', count: 2 },
    ]);
  });

  it('has minutes that do not begin at a full hour', async () => {
    await countAt([
      event({ timestamp: nowMs - 90 * minuteMs }),
      event({ timestamp: nowMs - 2 * minuteMs - 1 }),
    ]);
    await putInTail([event({ timestamp: nowMs + 59_999 }), event({ timestamp: nowMs + minuteMs })]);

    const { points, total } = await series({ interval: 'minute' });

    expect([points.length, points[0]?.from, total]).toEqual([60, '2026-11-21T09:26:00.000Z', 2]);
    expect(points.filter(({ count }) => count > 0).map(({ from }) => from)).toEqual([
      '2026-11-21T10:22:00.000Z',
      '2026-11-21T10:25:00.000Z',
    ]);
  });

  it('has the days of a zone, which are longer or shorter where clocks change', async () => {
    const at = (text: string) => event({ timestamp: Date.parse(text) });
    await countAt([at('2026-10-24T22:30:00Z'), at('2026-10-25T22:30:00Z'), at('2026-10-25T23:00:00Z')]);

    const asked = { from: '2026-10-24T22:00:00Z', to: '2026-10-26T23:00:00Z' };
    const { points, tz } = await series({ interval: 'day', tz: 'europe/berlin', ...asked });

    expect([tz, points]).toEqual([
      'Europe/Berlin',
      [
        { from: '2026-10-24T22:00:00.000Z', count: 2 },
        { from: '2026-10-25T23:00:00.000Z', count: 1 },
      ],
    ]);
  });

  it('has the 20 greatest groups, all others, and what has none', async () => {
    const list = Array.from({ length: 25 }, (_, index) =>
      events(30 - index, { service: `s${String(index).padStart(2, '0')}` }),
    ).flat();
    await countAt([...list, event()]);

    const { groups = [], total } = await series({ interval: 'hour', group_by: 'service' });

    expect(groups.map(({ service }) => service).slice(0, 2)).toEqual(['s00', 's01']);
    expect(groups.slice(20).map(({ service, count }) => [service, count])).toEqual([
      [otherName, 10 + 9 + 8 + 7 + 6],
      ['(none)', 1],
    ]);
    expect(groups.reduce((sum, { count }) => sum + count, 0)).toBe(total);
  });

  it('is read once for all who ask for the same at once', async () => {
    await countAt([event()]);
    let runs = 0;
    const lastFoldedRun = lanes.lastFoldedRun.bind(lanes);
    lanes.lastFoldedRun = (lane) => {
      runs += 1;
      return lastFoldedRun(lane);
    };
    const read = createReadSeries(deps(summaryLimits));
    const ask = (query: Record<string, string>) => read(readSeriesQuestion(toRequest(query), nowMs));

    await Promise.all([ask({ interval: 'hour' }), ask({ interval: 'hour' })]);
    expect(runs).toBe(2);
    const others: Record<string, string>[] = [
      { interval: 'minute' },
      { interval: 'hour', from: '2h' },
      { interval: 'hour', group_by: 'type' },
    ];
    const totals = await Promise.all([...others, { interval: 'hour' }].map(ask));

    expect(runs).toBe(2 + 4 * 2);
    expect(totals.map(({ groups }) => groups?.length)).toEqual([undefined, undefined, 1, undefined]);
  });

  it('of 48 hours is read, whatever they hold', async () => {
    for (const ago of [1, 9, 20, 40]) await countAt([event({ timestamp: nowMs - ago * hourMs })], `b${ago}`);
    const tight = { ...summaryLimits, readBytes: 0 };

    const { points, total } = await series({ interval: 'hour', from: '47h' }, tight);

    expect([points.length, total]).toEqual([48, 4]);
  });

  it('of days of UTC reads folds, and any other one of more than 48 hours is bounded', async () => {
    for (const ago of [2, 5, 9]) await countAt([event({ timestamp: nowMs - ago * dayMs })], `b${ago}`);
    const utc = { interval: 'day', from: '10d', group_by: 'type' };
    const first = await series(utc);
    const kinds: number[] = [];
    const documentsBetween = lanes.documentsBetween.bind(lanes);
    lanes.documentsBetween = async (lane, kind, fromMs, toMs) => {
      const page = await documentsBetween(lane, kind, fromMs, toMs);
      if (kind === 'hour') kinds.push(...page.documents.map((document) => document.key.hourMs));
      return page;
    };

    expect(await series(utc)).toEqual(first);
    expect(first.total).toBe(3);
    expect(kinds).toEqual([]);
    const tight = { ...summaryLimits, readBytes: 0 };
    await expect(series({ interval: 'hour', from: '10d' }, tight)).rejects.toMatchObject({
      code: 'invalid_parameter',
      extra: { parameter: 'from', detail: expect.stringContaining('48 hours') },
    });
    expect((await series({ interval: 'hour', from: '10d' })).total).toBe(3);
  });

  it.each([
    ['interval', {}],
    ['format', { interval: 'hour', format: 'CSV' }],
    ['interval', { interval: 'week' }],
    ['window', { interval: 'hour', window: '24h' }],
    ['group_by', { interval: 'hour', group_by: 'user_id' }],
    ['group_by', { interval: 'minute', group_by: 'type' }],
    ['tz', { interval: 'hour', tz: 'UTC' }],
    ['tz', { interval: 'day', tz: 'Mars/Olympus' }],
    ['tz', { interval: 'day', tz: 'Asia/Kolkata' }],
    ['to', { interval: 'hour', to: 'now' }],
    ['from', { interval: 'hour', from: '1h', to: '2h' }],
    ['from', { interval: 'minute', from: '1001m', to: 'now' }],
    ['from', { interval: 'minute', from: '1441m', to: '1440m' }],
    ['from', { interval: 'hour', from: '31d' }],
    ['from', { interval: 'day', from: '31d' }],
    ['from', { interval: 'day', from: '2000-01-01T00:00:00Z' }],
  ])('is refused for its %s: %j', async (parameter, query) => {
    await expect(series(query as unknown as Record<string, string>)).rejects.toMatchObject({
      ...{ code: 'invalid_parameter', extra: { parameter } },
    });
  });

  it.each([
    [1000, { interval: 'minute', from: '1000m', to: 'now' }],
    [1, { interval: 'minute', from: '1440m', to: '1439m' }],
    [744, { interval: 'hour', from: '743h' }],
    [31, { interval: 'day', from: '30d' }],
    [7, { interval: 'day' }],
  ])('has %i points of %j', async (count, query) => {
    expect((await series(query as unknown as Record<string, string>)).points).toHaveLength(count);
  });
});

const anyZone = fc.constantFrom(
  'UTC',
  'Europe/Berlin',
  'America/New_York',
  'America/Santiago',
  'Pacific/Auckland',
);
const anyQuestion = fc.oneof(
  fc.record({
    interval: fc.constant('minute'),
    from: fc.integer({ min: 1, max: 999 }).map((ago) => `${ago}m`),
  }),
  fc.record({
    interval: fc.constant('hour'),
    from: fc.integer({ min: 1, max: 700 }).map((ago) => `${ago}h`),
    group_by: fc.option(fc.constantFrom('type', 'service')),
  }),
  fc.record({
    interval: fc.constant('day'),
    from: fc.integer({ min: 1, max: 29 }).map((ago) => `${ago}d`),
    group_by: fc.option(fc.constantFrom('type', 'service')),
    tz: anyZone,
  }),
);

it('a series is the count of all events by brute force, in total and by group, and adds up to the summary', async () => {
  const lists = fc.tuple(anyEvents(60), anyEvents(40), anyEvents(20));
  await fc.assert(
    fc.asyncProperty(
      lists,
      fc.array(anyQuestion, { minLength: 4, maxLength: 4 }),
      async (parts, questions) => {
        renew();
        const [counted, folded, tail] = parts;
        await countAt(counted, 'c');
        await putInTail(folded, 'f');
        await fold();
        await putInTail(tail, 't');
        const all = parts.flat();

        for (const asked of questions) {
          const query = Object.fromEntries(
            Object.entries(asked).filter(([, value]) => value !== null),
          ) as Record<string, string>;
          const shown = await series(query);
          const ends = [...shown.points.slice(1).map(({ from }) => from), shown.to].map((text) =>
            Date.parse(text),
          );
          const within = (point: number) =>
            all.filter(
              ({ timestamp }) =>
                timestamp >= Date.parse(shown.points[point]?.from ?? '') && timestamp < (ends[point] ?? 0),
            );
          const expected = shown.points.map((_, point) => within(point).length);

          expect(shown.points.map(({ count }) => count)).toEqual(expected);
          expect(shown.total).toBe(expected.reduce((sum, count) => sum + count, 0));
          const key = query.group_by as 'type' | 'service' | undefined;
          for (const group of (key && shown.groups) || [])
            expect(group.counts).toEqual(
              shown.points.map(
                (_, point) =>
                  within(point).filter((each) => (each[key as 'type'] ?? '(none)') === group[key as 'type'])
                    .length,
              ),
            );
          if (key) expect(shown.groups?.reduce((sum, { count }) => sum + count, 0)).toBe(shown.total);
          if (query.interval === 'minute') continue;
          expect((await summary({ from: shown.from, to: shown.to })).total).toBe(shown.total);
        }
      },
    ),
    { numRuns: 15 },
  );
}, 60_000);

it('whole days of another zone are read by the hour, and none of their events is left to a fold', async () => {
  const day = floorTo(nowMs, dayMs) - 3 * dayMs;
  await countAt([event({ timestamp: day }), event({ timestamp: day + 23 * hourMs })]);
  await summary({ window: '7d' });

  const { points } = await series({
    interval: 'day',
    tz: 'Europe/Berlin',
    from: iso(day),
    to: iso(day + dayMs),
  });

  expect(points.map(({ count }) => count)).toEqual([1, 1]);
});
