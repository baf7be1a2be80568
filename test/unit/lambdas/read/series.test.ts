import fc from 'fast-check';
import { beforeEach, describe, expect, it } from 'vitest';
import { MemoryLanes } from '../../../../adapters/counting/memory-lanes.ts';
import { MemoryDays } from '../../../../adapters/documents/memory-days.ts';
import { MemoryUse } from '../../../../adapters/limits/memory-use.ts';
import { runLimits } from '../../../../domain/counting/next-run.ts';
import { otherName } from '../../../../domain/documents/names.ts';
import type { AcceptedEvent } from '../../../../domain/event/event.ts';
import { decimalOf, scaledOf } from '../../../../domain/event/value.ts';
import type { Series } from '../../../../domain/reading/series.ts';
import { changeOf, type RecordOutcome } from '../../../../domain/storing/record-outcome.ts';
import { dayMs, floorTo, hourMs, iso, minuteMs } from '../../../../domain/system/time.ts';
import { countDirectly } from '../../../../lambdas/counting/count-directly.ts';
import { foldRun } from '../../../../lambdas/counting/fold-run.ts';
import { type SummaryLimits, summaryLimits } from '../../../../lambdas/read/read-window.ts';
import { nameOfSeries, readSeries, readSeriesQuestion } from '../../../../lambdas/read/series.ts';
import { readSummary, readSummaryQuestion } from '../../../../lambdas/read/summary.ts';
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

/** Nothing that is asked for is hidden. */
const longKept = { ...caller, retentionDays: 90 };
const toRequest = (query: Record<string, string>, mostSlots = 1) =>
  httpRequest({ method: 'GET', query, caller: { ...longKept, mostSlots } });
const deps = (limits: SummaryLimits) => ({
  ...{ lanes, days, eventUse: new MemoryUse(), clock, logger: silentLogger, summaryLimits: limits },
});
const series = async (
  query: Record<string, string>,
  { limits = summaryLimits, slots = 1 }: { limits?: SummaryLimits; slots?: number } = {},
): Promise<Series> => readSeries(deps(limits), readSeriesQuestion(toRequest(query, slots), nowMs));
const summary = async (query: Record<string, string>, slots = 1) =>
  readSummary(deps(summaryLimits), readSummaryQuestion(toRequest(query, slots), nowMs));

type Place = { slot?: number; late?: boolean };
const record = (
  list: readonly AcceptedEvent[],
  batchId: string,
  { slot = 0, late = false }: Place = {},
): RecordOutcome => ({
  header: {
    ...{ tenant, batchId, part: 0, parts: 1, slot, late, kind: 'events', layout: 1 },
    ...{ events: list.length, receivedAtMs: nowMs, retentionDays: 30, region: 'r', requestId: 'r' },
  },
  ...fresh(list),
  ...{ duplicates: 0, conflicts: 0, bytes: 100 },
});
/** As a plain receipt, which no document has yet. */
const putInTail = (list: readonly AcceptedEvent[], batchId = 'tail', place: Place = {}) =>
  lanes.putReceipts([changeOf(record(list, batchId, place), nowMs).to]);
async function fold({ slot = 0, late = false }: Place = {}): Promise<void> {
  const others = { limits: runLimits, meter: new TestMeter(), logger: silentLogger };
  await foldRun(
    { lanes, clock: new TestClock(nowMs + 2 * hourMs), pauses, ...others },
    { tenant, slot, late },
  );
}
const countAt = (list: readonly AcceptedEvent[], batchId = 'counted', place: Place = {}) =>
  countDirectly({ lanes, clock, pauses }, [{ to: changeOf(record(list, batchId, place), nowMs).to }]);

/** Those of which documents are read, from now on. */
function watchHours(): number[] {
  const hours: number[] = [];
  const documentsBetween = lanes.documentsBetween.bind(lanes);
  lanes.documentsBetween = async (lane, kind, fromMs, toMs) => {
    const page = await documentsBetween(lane, kind, fromMs, toMs);
    if (kind === 'hour') hours.push(...page.documents.map((document) => document.key.hourMs));
    return page;
  };
  return hours;
}

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

  it('is named by all that it depends on, so that only who asks for the same shares an answer', () => {
    const nameOf = (query: Record<string, string>, slots = 1) =>
      nameOfSeries(readSeriesQuestion(toRequest(query, slots), nowMs));
    const names = [
      nameOf({ interval: 'hour' }),
      nameOf({ interval: 'hour' }, 2),
      nameOf({ interval: 'minute' }),
      nameOf({ interval: 'day' }),
      nameOf({ interval: 'day', tz: 'Europe/Berlin' }),
      nameOf({ interval: 'hour', from: '2h' }),
      nameOf({ interval: 'hour', from: '2h', to: '1h' }),
      nameOf({ interval: 'hour', group_by: 'type' }),
      nameOf({ interval: 'hour', format: 'csv' }),
    ];

    expect(new Set(names).size).toBe(names.length);
    expect(nameOf({ interval: 'hour' })).toBe(names[0]);
  });

  it('has the sums of the values, also of groups, and zeros where nothing was', async () => {
    const agoMs = 3 * hourMs;
    await countAt([
      event({ value: 0.1 }),
      event({ type: 'order', value: 999_999_999_999 }),
      event({ timestamp: nowMs - agoMs, type: 'order', value: 999_999_999_999 }),
    ]);
    await putInTail([event({ value: 0.2 }), event({ type: 'order' })]);

    const { sum, points, groups } = await series({ interval: 'hour', from: '3h', group_by: 'type' });

    expect([sum, points.map((point) => point.sum)]).toEqual([
      '1999999999998.3',
      ['999999999999', '0', '0', '999999999999.3'],
    ]);
    expect(groups).toEqual([
      {
        type: 'order',
        count: 3,
        sum: '1999999999998',
        counts: [1, 0, 0, 2],
        sums: ['999999999999', '0', '0', '999999999999'],
      },
      { type: 'page.view', count: 2, sum: '0.3', counts: [0, 0, 0, 2], sums: ['0', '0', '0', '0.3'] },
    ]);
  });

  it('has no sums if no event has a value, nor by the minute or in days that begin within an hour', async () => {
    await countAt([event()]);
    expect(await series({ interval: 'hour', group_by: 'type' })).not.toHaveProperty('sum');
    await putInTail([event({ value: 1 })]);

    const asked: Record<string, string>[] = [{ interval: 'minute' }, { interval: 'day', tz: 'Asia/Kolkata' }];
    for (const query of asked) {
      const { points, ...rest } = await series(query);
      expect([rest.total, 'sum' in rest, points.some((point) => 'sum' in point)]).toEqual([2, false, false]);
    }
  });

  it.each([
    ['Asia/Kolkata', '2026-11-19T18:30:00.000Z'],
    ['Asia/Kathmandu', '2026-11-19T18:15:00.000Z'],
    ['Australia/Adelaide', '2026-11-19T13:30:00.000Z'],
  ])('has days of %s, which begin within an hour of UTC, folded or not', async (tz, start) => {
    const startMs = Date.parse(start);
    const at = (timestamp: number) => event({ timestamp });
    const list = [startMs - minuteMs, startMs, startMs + dayMs - 1, startMs + dayMs].map(at);
    await countAt(list);
    const ask = () => series({ interval: 'day', tz, from: iso(startMs), to: iso(startMs + dayMs) });
    const first = await ask();
    await summary({ window: '7d' });
    const hoursRead = watchHours();

    expect([first.tz, first.from, first.points]).toEqual([tz, start, [{ from: start, count: 2 }]]);
    expect(await ask()).toEqual(first);
    expect(hoursRead.filter((hour) => hour < floorTo(nowMs, dayMs))).toEqual([]);
  });

  it('of 48 hours is read, whatever they hold, and folds no day', async () => {
    for (const ago of [1, 9, 20, 40]) await countAt([event({ timestamp: nowMs - ago * hourMs })], `b${ago}`);
    const tight = { ...summaryLimits, readBytes: 0 };

    const { points, total } = await series({ interval: 'hour', from: '47h' }, { limits: tight });

    expect([points.length, total]).toEqual([48, 4]);
    expect(await days.stored('hours', tenant, 1, 0, nowMs, nowMs)).toEqual([]);
  });

  it('of hours reads a fold also for a part of its day, unless it is stale', async () => {
    const yesterday = floorTo(nowMs, dayMs) - dayMs;
    await countAt([yesterday + hourMs, yesterday + 20 * hourMs].map((timestamp) => event({ timestamp })));
    await summary({ window: '7d' });
    const hoursRead = watchHours();
    const asked = { interval: 'hour', from: iso(yesterday + 15 * hourMs), to: iso(yesterday + 22 * hourMs) };

    expect((await series(asked)).points.map(({ count }) => count)).toEqual([0, 0, 0, 0, 0, 1, 0]);
    expect(hoursRead).toEqual([]);
    await countAt([event({ timestamp: yesterday + 15 * hourMs })], 'late');
    expect((await series(asked)).points.map(({ count }) => count)).toEqual([1, 0, 0, 0, 0, 1, 0]);
    expect(hoursRead).toEqual([15, 20].map((hour) => yesterday + hour * hourMs));
  });

  it.each([
    ['days of UTC', { interval: 'day', from: '10d', group_by: 'type' }],
    ['hours', { interval: 'hour', from: '10d', group_by: 'type' }],
    ['days of another zone', { interval: 'day', from: '10d', tz: 'America/New_York', group_by: 'service' }],
    ['days that begin within an hour', { interval: 'day', from: '10d', tz: 'Asia/Kolkata' }],
  ])('of %s reads no hour of a closed day once all are folded', async (_, query) => {
    for (const ago of [2, 5, 9]) await countAt([event({ timestamp: nowMs - ago * dayMs })], `b${ago}`);
    const first = await series(query);
    const hoursRead = watchHours();

    expect(await series(query)).toEqual(first);
    expect(first.total).toBe(3);
    expect(hoursRead).toEqual([]);
  });

  it('of more hours than a request reads is not ready at first, and each request folds a day', async () => {
    for (const ago of [2, 5, 9]) await countAt([event({ timestamp: nowMs - ago * dayMs })], `b${ago}`);
    const tight = { readBytes: 1, workBytes: 1, workMs: 1000, folds: { days: 4, bytes: 1 } };
    const ask = () => series({ interval: 'hour', from: '10d' }, { limits: tight });
    const folds = async () => (await days.stored('hours', tenant, 1, 0, nowMs, nowMs)).length;

    for (const folded of [1, 2]) {
      await expect(ask()).rejects.toMatchObject({ code: 'summary_not_ready' });
      expect(await folds()).toBe(folded);
    }
    const { points, total } = await ask();

    expect([points.length, total]).toEqual([241, 3]);
  });

  it('of days folded before something was counted into them has it too, and folds them again', async () => {
    const at = { timestamp: nowMs - 5 * dayMs };
    await countAt([event(at)]);
    const ask = () => series({ interval: 'hour', from: '10d' });
    await ask();
    await countAt([event(at)], 'late');

    expect((await ask()).total).toBe(2);
    expect(await days.stored('hours', tenant, 1, 0, nowMs, nowMs)).toMatchObject([{ isCurrent: true }]);
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
    ['tz', { interval: 'day', tz: '+01:23' }],
    ['tz', { interval: 'day', tz: '-00:01', from: '3d' }],
    ['group_by', { interval: 'day', tz: 'Asia/Kolkata', group_by: 'type' }],
    ['group_by', { interval: 'day', tz: 'Asia/Kolkata', group_by: 'type', from: '3d' }],
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
/** Of which days begin within an hour of UTC. */
const anyOddZone = fc.constantFrom(
  'Asia/Kolkata',
  'Asia/Kathmandu',
  'Australia/Adelaide',
  'Pacific/Chatham',
  'America/St_Johns',
);
const anyGrouping = fc.option(fc.constantFrom('type', 'service'));
const anyAgo = (most: number, unit: string) =>
  fc.integer({ min: 1, max: most }).map((ago) => `${ago}${unit}`);
const anyQuestion = fc.oneof(
  fc.record({ interval: fc.constant('minute'), from: anyAgo(999, 'm') }),
  fc.record({ interval: fc.constant('hour'), from: anyAgo(700, 'h'), group_by: anyGrouping }),
  fc.record({ interval: fc.constant('day'), from: anyAgo(29, 'd'), group_by: anyGrouping, tz: anyZone }),
  fc.record({ interval: fc.constant('day'), from: anyAgo(29, 'd'), tz: anyOddZone }),
);
type Question = Record<string, string | null>;

/** What a series must show of these events: their counts and sums in its points, and in those of its groups. */
function recount(shown: Series, all: readonly AcceptedEvent[]) {
  const starts = shown.points.map(({ from }) => Date.parse(from));
  const ends = [...starts.slice(1), Date.parse(shown.to)];
  const within = starts.map((start, point) =>
    all.filter(({ timestamp }) => timestamp >= start && timestamp < (ends[point] ?? 0)),
  );
  const key = shown.group_by;
  const groups = shown.groups?.map((group) => {
    const own = within.map((list) => list.filter((each) => key && (each[key] ?? '(none)') === group[key]));
    return { counts: own.map((list) => list.length), sums: own.map(sumOf) };
  });
  return { counts: within.map((list) => list.length), sums: within.map(sumOf), groups };
}
const sumOf = (list: readonly AcceptedEvent[]) =>
  decimalOf(list.reduce((sum, { value }) => (value === undefined ? sum : sum + scaledOf(value)), 0n));

it('a series is the count and the sum of all events by brute force, in total and by group, and adds up to the summary', async () => {
  const lists = fc.tuple(...[60, 20, 40, 20, 20].map((most) => anyEvents(most)));
  await fc.assert(
    fc.asyncProperty(
      lists,
      fc.array(anyQuestion, { minLength: 4, maxLength: 4 }),
      async (parts, questions: Question[]) => {
        renew();
        const [counted = [], late = [], folded = [], stale = [], tail = []] = parts;
        await countAt(counted, 'c');
        await countAt(late, 'l', { slot: 1, late: true });
        await putInTail(folded, 'f', { slot: 1 });
        await fold({ slot: 1 });
        // Folds some of the days. Then some of these are stale.
        await series({ interval: 'hour', from: '28d' }, { slots: 2 });
        await countAt(stale, 's', { slot: 1 });
        await putInTail(tail, 't');

        for (const asked of questions) {
          const query = Object.fromEntries(
            Object.entries(asked).filter(([, value]) => value !== null),
          ) as Record<string, string>;
          const shown = await series(query, { slots: 2 });
          const { counts, sums, groups } = recount(shown, parts.flat());

          expect(shown.points.map(({ count }) => count)).toEqual(counts);
          expect(shown.total).toBe(counts.reduce((sum, count) => sum + count, 0));
          if (shown.sum !== undefined) expect(shown.points.map(({ sum }) => sum)).toEqual(sums);
          expect(shown.groups?.map((group) => group.counts)).toEqual(groups?.map((group) => group.counts));
          if (shown.sum !== undefined)
            expect(shown.groups?.map((group) => group.sums)).toEqual(groups?.map((group) => group.sums));
          if (shown.groups) expect(shown.groups.reduce((sum, { count }) => sum + count, 0)).toBe(shown.total);
          if (query.interval === 'minute' || Date.parse(shown.from) % hourMs !== 0) continue;
          const { total, values } = await summary({ from: shown.from, to: shown.to }, 2);
          expect([total, values?.sum]).toEqual([shown.total, shown.sum]);
        }
      },
    ),
    { numRuns: 25 },
  );
}, 60_000);
