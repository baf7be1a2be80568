import { describe, expect, it } from 'vitest';
import { MemoryIncidents, MemoryReviewMark } from '../../../../adapters/service-levels/memory-incidents.ts';
import { MemoryMetricReader } from '../../../../adapters/service-levels/memory-metric-reader.ts';
import {
  MemoryAlarmReader,
  MemoryReportShelf,
  MemoryReportTopic,
} from '../../../../adapters/service-levels/memory-report-shelf.ts';
import { incidentId } from '../../../../domain/service-levels/incidents.ts';
import { indicatorOf } from '../../../../domain/service-levels/indicators.ts';
import { objectives } from '../../../../domain/service-levels/objectives.ts';
import { dayMs, floorTo, hourMs, minuteMs } from '../../../../domain/system/time.ts';
import { answerReport } from '../../../../lambdas/review/answer-report.ts';
import { type ReviewDeps, review } from '../../../../lambdas/review/review.ts';
import { readRequest } from '../../../../lambdas/review/wire.ts';
import { silentLogger } from '../../../support/meter.ts';

/** A Monday, five past midnight. */
const monday = Date.UTC(2026, 10, 30, 0, 5);
const measured = { stage: 'dev', api: { apiName: 'weir-dev', stageName: 'api' } };

function start(nowMs = monday) {
  const clock = { nowMs, now: () => clock.nowMs };
  const metrics = new MemoryMetricReader();
  const levels = new Map<string, number>();
  const deps = {
    ...{ measured, metrics, clock },
    alarms: new MemoryAlarmReader(),
    incidents: new MemoryIncidents(),
    mark: new MemoryReviewMark(),
    shelf: new MemoryReportShelf(),
    topic: new MemoryReportTopic(),
    publishLevel: ({ name }, { percent }) => levels.set(name, percent),
    logger: silentLogger,
  } satisfies ReviewDeps;
  /** Of so many requests an hour for the days, the last hour of which failed so many. */
  const receive = (requests: number, failed: number, days = 8) => {
    const [ingest] = objectives;
    if (ingest === undefined) throw new Error('There is no objective.');
    const { ingestRequests0: count, ingestFailures0: errors } = indicatorOf(ingest, measured).metrics;
    if (count === undefined || errors === undefined) throw new Error('It is measured otherwise.');
    const lastHour = floorTo(clock.nowMs, hourMs) - hourMs;
    for (let hour = lastHour - days * dayMs; hour <= lastHour; hour += hourMs)
      metrics.put(count, hour, requests);
    metrics.put(errors, lastHour, failed);
  };
  return { deps, clock, levels, receive };
}

describe('a review', () => {
  it('publishes what has data, and nothing for what has none', async () => {
    const { deps, levels, receive } = start();
    receive(1000, 193);

    await review(deps);

    expect(levels.get('ingest-availability')).toBeCloseTo(99.9, 5);
    expect(levels.has('search-latency')).toBe(false);
  });

  it('keeps what rang since the last one, and leaves the notes of operators', async () => {
    const { deps, clock } = start();
    const of = { alarm: 'stream-lag', severity: 'page' } as const;
    deps.alarms.put({ ...of, atMs: monday - 30 * minuteMs, isOn: true });
    await review(deps);
    const [open] = await deps.incidents.list({ fromMs: monday, toMs: monday + 1 });
    await deps.incidents.addNote(open?.id ?? '', { atMs: monday, by: 'ada', from: 'host', text: 'hot' });

    deps.alarms.put({ ...of, atMs: monday + 10 * minuteMs, isOn: false });
    clock.nowMs += hourMs;
    await review(deps);

    expect(await deps.incidents.find(open?.id ?? '')).toMatchObject({
      toMs: monday + 10 * minuteMs,
      notes: [{ text: 'hot' }],
    });
  });

  it('makes the report of the week once, keeps it as page and text, and announces it with its place', async () => {
    const { deps, clock, receive } = start(monday - hourMs);
    receive(1000, 0);
    await review(deps);
    expect(deps.topic.messages).toEqual([]);

    for (let hours = 0; hours < 3; hours += 1) {
      clock.nowMs += hourMs;
      await review(deps);
    }

    expect(deps.topic.messages).toHaveLength(1);
    expect(deps.topic.messages[0]?.subject).toBe('Weir dev, weekly report, 23 Nov 2026 to 29 Nov 2026: ship');
    expect(deps.topic.messages[0]?.text).toContain('memory:reports/weekly/2026-11-23.html');
    expect([...deps.shelf.texts.keys()].toSorted()).toEqual([
      'reports/weekly/2026-11-23.html',
      'reports/weekly/2026-11-23.txt',
      'status/index.html',
    ]);
  });

  it('that fails leaves its mark where it was, so that the next one makes up for it', async () => {
    const { deps, clock } = start(monday - hourMs);
    await review(deps);
    clock.nowMs = monday;
    const broken = { ...deps, topic: { publish: () => Promise.reject(new Error('away')) } };
    await expect(review(broken)).rejects.toThrow('away');

    clock.nowMs += hourMs;
    await review(deps);

    expect(deps.topic.messages).toHaveLength(1);
  });

  it('cuts a message that SNS would refuse, as after a week in which an alarm flapped', async () => {
    const { deps, clock } = start(monday - hourMs);
    await review(deps);
    const of = { alarm: 'unauthorized', severity: 'ticket' } as const;
    for (let atMs = monday - 6 * dayMs; atMs < monday - hourMs; atMs += 2 * minuteMs) {
      const incident = { id: incidentId(of.alarm, atMs), ...of, fromMs: atMs, toMs: atMs + minuteMs };
      await deps.incidents.keep({ ...incident, notes: [] });
    }
    clock.nowMs = monday;

    await review(deps);

    const [message] = deps.topic.messages;
    expect(deps.shelf.texts.get('reports/weekly/2026-11-23.txt')?.length).toBeGreaterThan(256 * 1024);
    expect(Buffer.byteLength(message?.text ?? '')).toBeLessThan(256 * 1024);
    expect(message?.text).toContain('Cut here');
    expect(message?.text).toContain('As a page: aws s3 cp memory:reports/weekly/2026-11-23.html');
  });

  it('tells nothing of tickets on the status page', async () => {
    const { deps, receive } = start();
    receive(1000, 0);
    deps.alarms.put({ alarm: 'unauthorized', severity: 'ticket', atMs: monday - minuteMs, isOn: true });

    await review(deps);

    const page = deps.shelf.texts.get('status/index.html');
    expect(page).toContain('All promises are kept');
    expect(page).not.toContain('unauthorized');
  });

  it('writes a status page that names what is open, and nothing that operators noted', async () => {
    const { deps, receive } = start();
    receive(1000, 0);
    deps.alarms.put({ alarm: 'stream-lag', severity: 'page', atMs: monday - minuteMs, isOn: true });
    await review(deps);
    const [open] = await deps.incidents.list({ fromMs: monday, toMs: monday + 1 });
    await deps.incidents.addNote(open?.id ?? '', { atMs: 0, by: 'ada', from: 'host', text: 'of acme' });

    await review(deps);

    const page = deps.shelf.texts.get('status/index.html');
    expect(page).toContain('One incident is open');
    expect(page).toContain('stream-lag, since 30 Nov 2026 00:04');
    expect(page).not.toContain('of acme');
    expect(page).not.toContain('<script');
  });
});

describe('a report on demand', () => {
  it('is of the time that was asked for, and is not kept', async () => {
    const { deps, receive } = start();
    receive(1000, 500);
    const toMs = floorTo(monday, hourMs);

    const answer = await answerReport(deps, { report: { fromMs: toMs - dayMs, toMs } });

    expect(answer.text).toContain('FREEZE');
    expect(answer.text).toContain('500 of 193,000 answers failed; the budget was 193; 259 % used.');
    expect(answer.page).toContain('Weir dev: report');
    expect(deps.shelf.texts.size).toBe(0);
  });

  it.each([
    { fromMs: 0, toMs: hourMs + 1 },
    { fromMs: hourMs, toMs: hourMs },
    { fromMs: 0, toMs: 93 * dayMs },
    { fromMs: 'x' },
  ])('of %j is refused', (report) => {
    expect(() => readRequest({ report })).toThrow(/A report is/);
  });

  it('is none of what a schedule sends', () => {
    expect(readRequest({ 'detail-type': 'Scheduled Event' })).toBeUndefined();
  });
});
