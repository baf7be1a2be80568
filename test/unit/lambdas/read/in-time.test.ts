// Which summaries and searches count as in time.

import { beforeEach, expect, it } from 'vitest';
import { metricNames } from '../../../../domain/service-levels/metrics.ts';
import { countSearch, countSummary } from '../../../../lambdas/read/in-time.ts';
import { TestClock } from '../../../support/clock.ts';
import { nowMs } from '../../../support/events.ts';
import { TestMeter } from '../../../support/meter.ts';
import { httpRequest } from '../../../support/requests.ts';

let clock: TestClock;
let meter: TestMeter;
beforeEach(() => {
  clock = new TestClock(nowMs);
  meter = new TestMeter();
});

const after = (tookMs: number) => {
  clock.nowMs = nowMs + tookMs;
  return httpRequest({ method: 'GET', takenAtMs: nowMs });
};

it('a summary that is kept is in time within 300 ms, and one that is read within a second', () => {
  for (const tookMs of [300, 301, 1000]) countSummary({ clock, meter }, after(tookMs), true);
  for (const tookMs of [301, 1000, 1001]) countSummary({ clock, meter }, after(tookMs), false);

  expect(meter.total(metricNames.summaryAnswers)).toBe(6);
  expect(meter.values(metricNames.summaryAnswersInTime)).toEqual([1, 0, 0, 1, 1, 0]);
});

it('a search is in time within 500 ms of when the gateway took it, a cold start included', () => {
  for (const tookMs of [500, 501]) countSearch({ clock, meter }, after(tookMs));

  expect(meter.total(metricNames.searchAnswers)).toBe(2);
  expect(meter.values(metricNames.searchAnswersInTime)).toEqual([1, 0]);
});
