import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { eventsPerMinuteAt, isOffPeak, mostOffPeakFactor } from '../../../../domain/limits/off-peak.ts';
import { dayMs, hourMs } from '../../../../domain/system/time.ts';

const hour = fc.integer({ min: 0, max: 23 });
const hours = fc
  .tuple(hour, hour)
  .filter(([from, to]) => from !== to)
  .map(([from, to]) => [from, to] as const);
const offPeak = fc.record({ hours, factor: fc.double({ min: 1, max: mostOffPeakFactor, noNaN: true }) });
const instant = fc.integer({ min: 0, max: Date.parse('2100-01-01') });
const eventsPerMinute = fc.integer({ min: 60, max: 1_000_000_000_000 });
const at = (time: string) => Date.parse(`2026-11-30T${time}Z`);

describe('off-peak hours', () => {
  it.each([
    [[22, 6], '21:59:59.999', false],
    [[22, 6], '22:00:00.000', true],
    [[22, 6], '00:00:00.000', true],
    [[22, 6], '05:59:59.999', true],
    [[22, 6], '06:00:00.000', false],
    [[1, 5], '00:59:59.999', false],
    [[1, 5], '01:00:00.000', true],
    [[1, 5], '05:00:00.000', false],
    [[18, 0], '23:59:59.999', true],
    [[18, 0], '00:00:00.000', false],
  ] as const)('%j: at %s it is %s', (between, time, expected) => {
    expect(isOffPeak({ hours: between, factor: 2 }, at(time))).toBe(expected);
  });

  it('are the same every day, and of each day as many hours as they say', () => {
    fc.assert(
      fc.property(offPeak, instant, (setting, nowMs) => {
        const [from, to] = setting.hours;
        const startMs = Math.floor(nowMs / hourMs) * hourMs;
        const day = Array.from({ length: 24 }, (_, index) => isOffPeak(setting, startMs + index * hourMs));

        expect(day.filter(Boolean)).toHaveLength((to - from + 24) % 24);
        expect(isOffPeak(setting, nowMs + dayMs)).toBe(isOffPeak(setting, nowMs));
      }),
    );
  });

  it('from and to exchanged are the rest of the day', () => {
    fc.assert(
      fc.property(offPeak, instant, ({ hours: [from, to], factor }, nowMs) => {
        expect(isOffPeak({ hours: [to, from], factor }, nowMs)).toBe(
          !isOffPeak({ hours: [from, to], factor }, nowMs),
        );
      }),
    );
  });
});

describe('the events a minute', () => {
  it('are never fewer than the account may send anyway, never more than the factor times that, and whole', () => {
    fc.assert(
      fc.property(eventsPerMinute, offPeak, instant, (limit, setting, nowMs) => {
        const now = eventsPerMinuteAt(limit, setting, nowMs);

        expect(now).toBeGreaterThanOrEqual(limit);
        expect(now).toBeLessThanOrEqual(limit * setting.factor);
        expect(Number.isSafeInteger(now)).toBe(true);
        if (!isOffPeak(setting, nowMs)) expect(now).toBe(limit);
      }),
    );
  });

  it('are multiplied in these hours', () => {
    const setting = { hours: [22, 6], factor: 2.5 } as const;

    expect(eventsPerMinuteAt(60_001, setting, at('23:00:00'))).toBe(150_002);
    expect(eventsPerMinuteAt(60_001, setting, at('12:00:00'))).toBe(60_001);
  });

  it('are the same all day in a stage without such hours', () => {
    expect(eventsPerMinuteAt(60_000, undefined, at('23:00:00'))).toBe(60_000);
  });
});
