import { beforeEach, expect, it } from 'vitest';
import { MemoryUse } from '../../../../adapters/limits/memory-use.ts';
import { emptyIntake, type Intake } from '../../../../domain/documents/intake.ts';
import { dayMs, hourMs, minuteMs } from '../../../../domain/system/time.ts';
import { correctUse } from '../../../../lambdas/report/correct-use.ts';
import { TestClock } from '../../../support/clock.ts';
import { caller } from '../../../support/requests.ts';

const { tenant } = caller;
const dayStart = Date.parse('2026-11-21T00:00:00.000Z');
const clock = new TestClock();
let eventUse = new MemoryUse();
beforeEach(async () => {
  eventUse = new MemoryUse();
  await eventUse.count(tenant, { events: 100, over: 0 }, dayStart + 5 * hourMs);
});

const received = (
  ...hours: readonly (readonly [atMs: number, events: number])[]
): ReadonlyMap<number, Intake> =>
  new Map(hours.map(([atMs, events]) => [atMs, { ...emptyIntake, received: events }]));
const correctAt = async (atMs: number, hours: ReadonlyMap<number, Intake>) => {
  clock.nowMs = atMs;
  await correctUse({ eventUse, clock }, tenant, hours);
  return (await eventUse.find(tenant, clock.nowMs)).counted.month.events;
};

const ofTheDay = received(
  [dayStart - hourMs, 1000],
  [dayStart, 30],
  [dayStart + 23 * hourMs, 50],
  [dayStart + dayMs, 5000],
);

it('is by all hours of the day before, and of no other', async () => {
  expect(await correctAt(dayStart + dayMs + 6 * hourMs, ofTheDay)).toBe(80);
});

it('is not before records that lag are stored, and then once an hour', async () => {
  expect(await correctAt(dayStart + dayMs + 6 * hourMs - 1, ofTheDay)).toBe(100);
  expect(await correctAt(dayStart + dayMs + 6 * hourMs + 15 * minuteMs, ofTheDay)).toBe(100);
  expect(await correctAt(dayStart + dayMs + 23 * hourMs + 14 * minuteMs, ofTheDay)).toBe(80);
});

it('is made good once a backlog is stored', async () => {
  await correctAt(dayStart + dayMs + 7 * hourMs, received([dayStart, 10]));

  expect(await correctAt(dayStart + dayMs + 8 * hourMs, ofTheDay)).toBe(80);
});

it('takes away what was counted of which nothing was received', async () => {
  expect(await correctAt(dayStart + dayMs + 6 * hourMs, received())).toBe(0);
});
