import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { MemoryUse } from '../../../../adapters/limits/memory-use.ts';
import {
  type Counted,
  countedAt,
  periodAt,
  periodNames,
  projected,
  quotaOver,
  shareReached,
} from '../../../../domain/limits/quota.ts';
import { dayMs, minuteMs } from '../../../../domain/system/time.ts';

const times = fc.integer({
  min: Date.parse('2000-01-01T00:00:00Z'),
  max: Date.parse('2100-01-01T00:00:00Z'),
});
const at = (text: string) => Date.parse(text);

describe('a period', () => {
  it('holds its time, and is followed by the next one without a gap', () =>
    fc.assert(
      fc.property(fc.constantFrom(...periodNames), times, (name, nowMs) => {
        const { startMs, endMs } = periodAt(name, nowMs);
        expect(startMs <= nowMs && nowMs < endMs).toBe(true);
        expect(periodAt(name, endMs).startMs).toBe(endMs);
        expect(periodAt(name, startMs - 1).endMs).toBe(startMs);
      }),
    ));

  it.each([
    ['2026-02-28T23:59:59.999Z', '2026-02-01', '2026-03-01'],
    ['2028-02-29T12:00:00.000Z', '2028-02-01', '2028-03-01'],
    ['2026-12-31T23:59:59.999Z', '2026-12-01', '2027-01-01'],
  ])('of a month at %s is from %s until %s', (now, from, to) => {
    expect(periodAt('month', at(now))).toEqual({ startMs: at(from), endMs: at(to) });
  });
});

/** Batches of an account, some of them refused, through days and months. */
const batches = fc.array(
  fc.record({ pauseMs: fc.nat(2 * dayMs), events: fc.integer({ min: 1, max: 500 }) }),
  { maxLength: 40 },
);

describe('a hard quota', () => {
  it('is never exceeded, in no day and in no month, and admits whatever has room', () =>
    fc.assert(
      fc.asyncProperty(batches, fc.nat(2000), fc.nat(6000), async (all, day, month) => {
        const tenant = { account: 'acme', environment: 'production', generation: 0 };
        const [use, quotas] = [new MemoryUse(), { day, month }];
        const used = new Map<number, number>();
        let nowMs = at('2026-11-21T10:25:00.000Z');
        for (const { pauseMs, events } of all) {
          nowMs += pauseMs + minuteMs;
          const periods = periodNames.map((name) => ({ quota: quotas[name], key: keyOf(name, nowMs) }));
          const hasRoom = periods.every(({ quota, key }) => (used.get(key) ?? 0) + events <= quota);
          const charge = { cost: 1, room: 1000, quotas, nowMs, count: { events, over: 0 } };
          const { isCharged, counted } = await use.charge(tenant, charge);
          expect(isCharged).toBe(hasRoom);
          if (isCharged) for (const { key } of periods) used.set(key, (used.get(key) ?? 0) + events);
          for (const name of periodNames)
            expect(counted[name].events).toBe(used.get(keyOf(name, nowMs)) ?? 0);
        }
      }),
    ));

  it('that is over for longer is the one that is told', () => {
    const counted: Counted = { dayMs: 0, day: { events: 9, over: 0 }, month: { events: 9, over: 0 } };

    expect(quotaOver({ day: 10, month: 10 }, counted, 1)).toBeUndefined();
    expect(quotaOver({ day: 9, month: 10 }, counted, 1)).toBe('day');
    expect(quotaOver({ day: 9, month: 9 }, counted, 1)).toBe('month');
  });
});

/** Days are positive, and months are not. */
const keyOf = (name: (typeof periodNames)[number], nowMs: number) =>
  name === 'day' ? periodAt('day', nowMs).startMs : -periodAt('month', nowMs).startMs;

describe('what is counted', () => {
  it('is nothing of a day that has only begun, and the same of one that a clock is behind', () => {
    const [dayStart, one] = [at('2026-11-30T00:00:00Z'), { events: 5, over: 2 }];
    const counted: Counted = { dayMs: dayStart, day: one, month: one };

    expect(countedAt(counted, dayStart - 1)).toBe(counted);
    expect(countedAt(counted, dayStart + dayMs - 1)).toBe(counted);
    const none = { events: 0, over: 0 };
    expect(countedAt(counted, dayStart + dayMs)).toEqual({ dayMs: dayStart + dayMs, day: none, month: none });
    expect(countedAt({ ...counted, dayMs: dayStart - dayMs }, dayStart)).toEqual({
      dayMs: dayStart,
      day: none,
      month: one,
    });
  });

  it.each([
    [49, undefined],
    [50, 50],
    [79, 50],
    [80, 80],
    [99, 80],
    [100, 100],
    [1000, 100],
  ])('of %i of 100 has reached %s percent', (used, share) => {
    expect(shareReached(used, 100)).toBe(share);
  });

  it('is projected to the end of its period, from its first hundredth on', () => {
    const day = periodAt('day', at('2026-11-21T00:00:00Z'));

    expect(projected(100, day, day.startMs + dayMs / 4)).toBe(400);
    expect(projected(100, day, day.endMs)).toBe(100);
    expect(projected(7, day, day.startMs)).toBe(700);
  });
});
