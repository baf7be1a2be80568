import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { MemoryUse } from '../../../../adapters/limits/memory-use.ts';
import { nothingCounted } from '../../../../domain/limits/quota.ts';
import {
  burstMicros,
  costOf,
  microsOf,
  roomFor,
  standingOf,
  waitMs,
} from '../../../../domain/limits/rate.ts';
import { minuteMs } from '../../../../domain/system/time.ts';

const tenant = { account: 'acme', environment: 'production', generation: 0 };
const startMs = Date.parse('2026-11-21T10:25:00.000Z');
const rates = fc.record({ perMinute: fc.integer({ min: 60, max: 1e12 }) });
const requests = fc.array(
  fc.record({ pauseMs: fc.nat(90_000), share: fc.double({ min: 0.001, max: 1.5, noNaN: true }) }),
  { minLength: 1, maxLength: 60 },
);

/** Each request is a share of a minute's units. */
async function run(perMinute: number, all: readonly { readonly pauseMs: number; readonly share: number }[]) {
  const rate = { perMinute };
  const use = new MemoryUse();
  let [nowMs, usedUntil] = [startMs, 0];
  const admitted: { readonly atMs: number; readonly units: number }[] = [];
  for (const { pauseMs, share } of all) {
    nowMs += pauseMs;
    const units = Math.max(1, Math.round(share * perMinute));
    const cost = costOf(units, rate);
    const before = usedUntil;
    const charged = await use.charge(tenant, { cost, room: roomFor(cost), nowMs, count: nothingCounted });
    expect(charged.isCharged).toBe(waitMs(before, cost, nowMs) === 0);
    usedUntil = charged.usedUntil;
    if (charged.isCharged) admitted.push({ atMs: nowMs, units });
  }
  return { admitted, usedUntil, nowMs, rate };
}

describe('a rate', () => {
  it('admits in no window more than the burst, what comes back in it, and one request', () =>
    fc.assert(
      fc.asyncProperty(rates, requests, async ({ perMinute }, all) => {
        const { admitted } = await run(perMinute, all);
        for (const [from, first] of admitted.entries()) {
          let units = 0;
          for (const { atMs, units: more } of admitted.slice(from)) {
            // A request heavier than the burst is admitted alone.
            const heaviest = Math.max(0, more - 3 * perMinute, first.units - 3 * perMinute);
            units += more;
            const most = 3 * perMinute + ((atMs - first.atMs) * perMinute) / minuteMs + heaviest;
            expect(units).toBeLessThanOrEqual(most * (1 + 1e-9) + 1);
          }
        }
      }),
    ));

  it('tells the wait to the microsecond: not before it, and at it', () =>
    fc.assert(
      fc.property(rates, fc.integer({ min: 1, max: 1e12 }), fc.nat(400_000), (rate, units, aheadMs) => {
        const usedUntil = microsOf(startMs + aheadMs);
        const cost = costOf(units, rate);
        const wait = waitMs(usedUntil, cost, startMs);

        expect(waitMs(usedUntil, cost, startMs + Math.ceil(wait))).toBe(0);
        if (wait >= 1) expect(waitMs(usedUntil, cost, startMs + wait - 1)).toBeGreaterThan(0);
      }),
    ));

  it('costs many small requests no less than a large one', () =>
    fc.assert(
      fc.property(rates, fc.array(fc.integer({ min: 1, max: 1e6 }), { minLength: 1 }), (rate, parts) => {
        const sum = parts.reduce((all, part) => all + part, 0);
        expect(parts.reduce((all, part) => all + costOf(part, rate), 0)).toBeGreaterThanOrEqual(
          costOf(sum, rate),
        );
      }),
    ));

  it('tells what is left, which is admitted at once', () =>
    fc.assert(
      fc.property(rates, fc.nat(400_000), (rate, aheadMs) => {
        const usedUntil = microsOf(startMs + aheadMs);
        const { left, fullMs } = standingOf(usedUntil, startMs, rate);

        expect(left).toBeGreaterThanOrEqual(0);
        expect(left).toBeLessThanOrEqual(rate.perMinute);
        if (left > 0)
          expect(waitMs(usedUntil, Math.min(burstMicros, costOf(left, rate) - 1), startMs)).toBeLessThan(
            0.002,
          );
        expect(standingOf(usedUntil, startMs + Math.ceil(fullMs), rate).left).toBeGreaterThanOrEqual(
          rate.perMinute - 1,
        );
      }),
    ));
});
