import { expect, it } from 'vitest';
import { percentOfUsual } from '../../../../domain/service-levels/usual-throughput.ts';
import { dayMs, hourMs, minuteMs } from '../../../../domain/system/time.ts';

const now = Date.UTC(2026, 10, 30, 12, 7);
const last = Date.UTC(2026, 10, 30, 11);
const of = (lastHour: number, yesterday: number, weekAgo: number) => (atMs: number) =>
  new Map([
    [last, lastHour],
    [last - dayMs, yesterday],
    [last - 7 * dayMs, weekAgo],
    // Not compared: it has not ended.
    [last + hourMs, 1],
  ]).get(atMs) ?? 0;

it.each([
  ['as much as ever', of(5000, 5000, 5000), 100],
  ['a tenth', of(500, 5000, 5000), 10],
  ['nothing', of(0, 5000, 5000), 0],
  ['less than on a busy day a week ago, and as much as yesterday', of(2000, 2000, 90_000), 100],
  ['less than yesterday, and as much as a week ago', of(2000, 90_000, 2000), 100],
])('%s is told as a percentage of the usual', (_what, receivedIn, percent) => {
  for (const minutes of [0, 30, 52])
    expect(percentOfUsual(receivedIn, now + minutes * minuteMs)).toBe(percent);
});

it.each([
  ['in its first week', of(5000, 5000, 0)],
  ['with a few events an hour', of(0, 999, 5000)],
])('nothing is told of a stage %s', (_what, receivedIn) => {
  expect(percentOfUsual(receivedIn, now)).toBeUndefined();
});
