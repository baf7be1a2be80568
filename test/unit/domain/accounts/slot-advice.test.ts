import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Account } from '../../../../domain/accounts/accounts.ts';
import type { Load } from '../../../../domain/accounts/load.ts';
import {
  adviseSlots,
  busiestHour,
  fillOf,
  mayBeRaised,
  slotHolds,
} from '../../../../domain/accounts/slot-advice.ts';
import { mostSlotsOfAccount } from '../../../../domain/accounts/tiers.ts';
import { emptyIntake } from '../../../../domain/documents/intake.ts';
import { dayMs, hourMs, minuteMs } from '../../../../domain/system/time.ts';

const rate = fc.double({ min: 0, max: 50_000, noNaN: true });
const loads: fc.Arbitrary<Load> = fc.record({
  events: rate,
  records: fc.double({ min: 0, max: 5000, noNaN: true }),
  bytes: fc.double({ min: 0, max: 20_000_000, noNaN: true }),
});
const slots = fc.integer({ min: 1, max: mostSlotsOfAccount });

describe('advice', () => {
  it('never lowers, doubles at most, and stays within the bound', () => {
    fc.assert(
      fc.property(slots, loads, slots, (now, load, most) => {
        const advice = adviseSlots(now, load, most);
        if (!advice) return;
        expect(advice.from).toBe(now);
        expect(advice.to).toBeGreaterThan(now);
        expect(advice.to).toBeLessThanOrEqual(Math.min(2 * now, most));
      }),
    );
  });

  it('that is followed ends, and leaves no slot over full but at the bound', () => {
    fc.assert(
      fc.property(slots, loads, slots, (first, load, most) => {
        let now = first;
        let steps = 0;
        for (let advice = adviseSlots(now, load, most); advice; advice = adviseSlots(now, load, most)) {
          now = advice.to;
          steps += 1;
        }
        expect(steps).toBeLessThanOrEqual(3);
        expect(now >= most || fillOf(load).slots <= now).toBe(true);
        // A smaller load after it changes nothing.
        expect(adviseSlots(now, { events: 0, records: 0, bytes: 0 }, most)).toBeUndefined();
      }),
    );
  });

  it.each(['events', 'records', 'bytes'] as const)(
    'comes with what a slot holds of %s, and not before',
    (by) => {
      const full = { events: 0, records: 0, bytes: 0, [by]: slotHolds[by] };

      expect(adviseSlots(1, full, 8)).toBeUndefined();
      expect(adviseSlots(1, { ...full, [by]: slotHolds[by] * 1.01 }, 8)).toEqual({
        from: 1,
        to: 2,
        needs: 2,
      });
      expect(fillOf({ ...full, [by]: slotHolds[by] * 3 })).toEqual({ by, slots: expect.closeTo(3) });
    },
  );

  it('leaves room for bursts, and half of a slot to others, below what a shard takes', () => {
    expect(slotHolds.records * 3 * 2).toBeCloseTo(1000);
    expect(slotHolds.bytes * 3 * 2).toBeLessThan(1_000_000);
  });
});

describe('the busiest hour', () => {
  const hour = Date.parse('2026-11-30T10:00:00.000Z');
  const nowMs = hour + 30 * minuteMs;
  const received = (events: number) => ({ ...emptyIntake, received: events, records: 1, bytes: 1 });
  const of = (...hours: readonly (readonly [number, number])[]) =>
    busiestHour(new Map(hours.map(([atMs, events]) => [atMs, received(events)])), nowMs);

  it('is that of the highest rate, also if it is not over yet', () => {
    expect(of([hour - hourMs, 3600], [hour, 3600])).toMatchObject({ hourMs: hour, load: { events: 2 } });
    expect(of([hour - hourMs, 7201], [hour, 3600])).toMatchObject({ hourMs: hour - hourMs });
  });

  it('is none of those that are more than a day ago', () => {
    expect(of([hour - dayMs, 1_000_000], [hour, 1])).toMatchObject({ hourMs: hour });
    expect(of([hour - dayMs, 1_000_000])).toBeUndefined();
    expect(of()).toBeUndefined();
  });

  it('does not take a few seconds for an hour', () => {
    const begun = busiestHour(new Map([[hour, received(900)]]), hour + 1000);

    expect(begun?.load.events).toBe(1);
  });
});

describe('Weir raises', () => {
  const account: Account = {
    id: 'acme',
    createdAtMs: 0,
    tier: 'standard',
    overrides: {},
    status: 'active',
    mostSlots: 8,
    generation: 0,
    planKey: 'plan-key',
  };

  it.each<[boolean, string, Partial<Account>]>([
    [true, 'an account of a tier', {}],
    [false, 'no account that keeps the order of its events', { tier: 'custom' }],
    [true, 'one of the tier custom that has several slots', { tier: 'custom', overrides: { slots: 2 } }],
    [false, 'no account that is suspended', { status: 'suspended' }],
  ])('%s: %s', (expected, _, parts) => {
    expect(mayBeRaised({ ...account, ...parts })).toBe(expected);
  });
});
