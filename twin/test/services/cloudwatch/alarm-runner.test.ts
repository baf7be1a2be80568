import { expect, it } from 'vitest';
import { minutesToEvaluate } from '../../../src/services/cloudwatch/alarms/alarm-runner.ts';

const week = 7 * 1440;

it('evaluates every minute of some hours', () => {
  expect(minutesToEvaluate(100, 105)).toEqual([101, 102, 103, 104, 105]);
  expect(minutesToEvaluate(0, 360)).toHaveLength(360);
});

it('evaluates a longer time by the minute at its ends, and by the hour between', () => {
  const minutes = minutesToEvaluate(1000, 1000 + week);

  expect(minutes.slice(0, 180)).toEqual(Array.from({ length: 180 }, (_, index) => 1001 + index));
  expect(minutes.slice(180, -180).every((minute) => minute % 60 === 0)).toBe(true);
  expect(minutes.at(-1)).toBe(1000 + week);
  expect(minutes).toEqual([...new Set(minutes)].toSorted((one, other) => one - other));
  expect(minutes.length).toBeLessThan(180 * 2 + 7 * 24);
});

it('has a bound for years', () => {
  expect(minutesToEvaluate(0, 100 * 365 * 1440).length).toBeLessThan(1000);
});
