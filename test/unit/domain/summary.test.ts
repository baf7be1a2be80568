import { expect, it } from 'vitest';
import { createPause } from '../../../domain/back-off.ts';
import { countRecords } from '../../../domain/counting.ts';
import { burnRatePairs, errorBudget, objectives } from '../../../domain/objectives.ts';
import { boundsOf, isWindow, summarise } from '../../../domain/summary.ts';
import { iso } from '../../../domain/time.ts';
import { TestClock } from '../../support/clock.ts';
import { event, nowMs } from '../../support/events.ts';

const tenant = { account: 'acme', environment: 'production' };

it('a window is of whole hours and ends with the hour under way', () => {
  const { fromMs, toMs } = boundsOf('24h', nowMs);

  expect([iso(fromMs), iso(toMs)]).toEqual(['2026-11-20T11:00:00.000Z', '2026-11-21T11:00:00.000Z']);
});

it('a window that begins exactly now still holds the hour that begins', () => {
  const onTheHour = Date.parse('2026-11-21T10:00:00.000Z');

  expect(iso(boundsOf('1h', onTheHour).toMs)).toBe('2026-11-21T11:00:00.000Z');
});

it.each(['2h', '', 'constructor', '__proto__'])('%j is no window', (name) => {
  expect(isWindow(name)).toBe(false);
});

it('a summary folds documents and lists the greatest first', () => {
  const fresh = ['a', 'b', 'b'].map((type, index) => event({ event_id: `${index}`, type, service: 'web' }));
  const header = {
    tenant,
    batchId: 'b',
    part: 0,
    parts: 1,
    slot: 0,
    layout: 1,
    events: 4,
    receivedAtMs: nowMs,
    retentionDays: 30,
    region: 'r',
    requestId: 'r',
  } as const;
  const documents = countRecords([{ header, fresh, duplicates: 1, conflicts: 0, bytes: 1 }], []);
  const of = (kind: string) => documents.filter(({ key }) => key.kind === kind);

  const summary = summarise(tenant, boundsOf('1h', nowMs), of('hour'), of('intake'), nowMs);

  expect(summary).toMatchObject({
    account_id: 'acme',
    total: 3,
    by_type: [
      { type: 'b', count: 2 },
      { type: 'a', count: 1 },
    ],
    by_service: [{ service: 'web', count: 3 }],
    duplicates: 1,
    conflicts: 0,
  });
});

it('pauses double, stay under their cap and never fall under half', async () => {
  const clock = new TestClock();
  const pause = createPause(clock, () => 0.5, { firstMs: 100, mostMs: 500 });

  for (let attempt = 0; attempt < 5; attempt += 1) await pause(attempt);

  expect(clock.slept).toEqual([75, 150, 300, 375, 375]);
});

it('objectives have distinct names and a budget that is not nothing', () => {
  expect(new Set(objectives.map(({ name }) => name)).size).toBe(objectives.length);
  for (const objective of objectives) expect(errorBudget(objective)).toBeGreaterThan(0);
  for (const pair of burnRatePairs) expect(pair.longMinutes).toBe(12 * pair.shortMinutes);
});
