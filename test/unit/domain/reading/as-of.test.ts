import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { MemoryUse } from '../../../../adapters/limits/memory-use.ts';
import { streamKey } from '../../../../domain/keys.ts';
import { Leases } from '../../../../domain/limits/leases.ts';
import { longestSendingMs, sendingOf, sendingThen, sendingWithout } from '../../../../domain/limits/sent.ts';
import { completeUntilMs, longestOpenMs } from '../../../../domain/reading/as-of.ts';
import { dayMs, hourMs, minuteMs, secondMs } from '../../../../domain/system/time.ts';
import { TestClock } from '../../../support/clock.ts';
import { nowMs } from '../../../support/events.ts';
import { tenantOf } from '../../../support/lanes.ts';

const tenant = tenantOf('acme');
const ago = (ms: number) => nowMs - ms;
const until = (sent: Parameters<typeof completeUntilMs>[0]['sent'], decidedMs?: number) =>
  completeUntilMs({ sent, decidedMs }, nowMs);

describe('a lane is complete', () => {
  const last = { lastMs: ago(hourMs), beforeMs: ago(2 * hourMs) };

  it('until now if nothing was sent to it, or if all of it is decided', () => {
    expect(until(undefined)).toBe(nowMs);
    expect(until(undefined, ago(hourMs))).toBe(nowMs);
    expect(until(last, ago(hourMs))).toBe(nowMs);
  });

  it('until the last batch if that is not decided, and all before it are', () => {
    expect(until(last, ago(2 * hourMs))).toBe(last.lastMs);
    expect(until({ ...last, beforeMs: 0 })).toBe(last.lastMs);
  });

  it('until the newest that is decided, if more is open', () => {
    expect(until(last, ago(3 * hourMs))).toBe(ago(3 * hourMs));
  });

  it('until the newest that is decided while batches are sent: others may be on their way', () => {
    const recent = { lastMs: ago(longestSendingMs), beforeMs: ago(minuteMs) };
    expect(until(recent, ago(longestSendingMs))).toBe(ago(longestSendingMs));
    expect(until({ ...recent, lastMs: ago(longestSendingMs + 1) }, ago(longestSendingMs + 1))).toBe(nowMs);
  });

  it('until the newest that is decided, if nobody knows what was sent', () => {
    expect(until('unknown', ago(hourMs))).toBe(ago(hourMs));
    expect(until('unknown')).toBe(ago(longestOpenMs));
  });

  it('until now, if what is open was sent longer ago than a record can wait: 8 days and 3 hours', () => {
    expect(longestOpenMs).toBe(8 * dayMs + 3 * hourMs);
    expect(until({ lastMs: ago(longestOpenMs), beforeMs: 0 })).toBe(nowMs);
    expect(until({ lastMs: ago(longestOpenMs - 1), beforeMs: 0 })).toBe(ago(longestOpenMs - 1));
  });

  it('until what a record can wait, if no more is known', () => {
    expect(until({ lastMs: ago(1), beforeMs: ago(2) })).toBe(ago(longestOpenMs));
    expect(until({ lastMs: ago(hourMs), beforeMs: ago(longestOpenMs) })).toBe(ago(hourMs));
  });

  it('never later than now, by clocks that differ', () => {
    expect(until({ lastMs: nowMs + 9, beforeMs: nowMs + 5 }, nowMs + 7)).toBe(nowMs);
    expect(until('unknown', nowMs + 7)).toBe(nowMs);
  });
});

describe('what is sent', () => {
  const records = [0, 1].flatMap((slot) =>
    [true, false].map((late) => ({ partitionKey: streamKey(tenant, slot, late) })),
  );

  it('is noted for each lane of the batch, and for a batch that is sent again by its first attempt', () => {
    const lastMs = nowMs;
    expect(sendingOf(records, nowMs, nowMs + longestSendingMs)).toEqual({
      ...{ 0: { lastMs }, '0_late': { lastMs }, 1: { lastMs }, '1_late': { lastMs } },
    });
    expect(sendingOf(records, nowMs, nowMs + longestSendingMs + 1)).toEqual({});
  });

  it('names the batch before it, if that is not noted yet', () => {
    const [first, next] = [{ 0: { lastMs: 1 }, 1: { lastMs: 2 } }, { 1: { lastMs: 3 } }];
    expect(sendingThen(first, next)).toEqual({ 0: { lastMs: 1 }, 1: { lastMs: 3, beforeMs: 2 } });
  });

  it('is taken back of a batch that was never sent, here or in the table', () => {
    const noted = { 0: { lastMs: 1 }, 1: { lastMs: 3, beforeMs: 2 }, 2: { lastMs: 4, beforeMs: 2 } };
    const never = { 0: { lastMs: 1 }, 1: { lastMs: 3 }, 2: { lastMs: 2 }, 3: { lastMs: 5 } };
    const left = { 1: { lastMs: 2, beforeMs: 2 }, 2: noted[2] };
    expect(sendingWithout(noted, never)).toEqual({ left, written: { 3: { lastMs: 5 } } });
  });
});

/** One after another, through leases. The consumer of a lane may stop, and go on. */
type Step = {
  readonly waitMs: number;
  readonly slot: number;
  readonly isSent: boolean;
  readonly decide: readonly number[];
};

it('every batch that was answered before is decided, whatever lane waits for how long', async () => {
  const step: fc.Arbitrary<Step> = fc.record({
    // Longer than a lease, which notes its batches with the next charge.
    waitMs: fc.oneof(fc.integer({ min: 1001, max: 4000 }), fc.integer({ min: 1001, max: 2 * hourMs })),
    slot: fc.integer({ min: 0, max: 2 }),
    isSent: fc.boolean(),
    decide: fc.array(fc.integer({ min: 0, max: 2 }), { maxLength: 3 }),
  });
  await fc.assert(
    fc.asyncProperty(fc.array(step, { maxLength: 30 }), async (steps) => {
      const clock = new TestClock(nowMs);
      const use = new MemoryUse();
      const instances = [new Leases(use, clock), new Leases(use, clock)];
      const open: { readonly slot: number; readonly receivedMs: number; readonly answeredMs: number }[] = [];
      const decidedMs = new Map<number, number>();
      for (const [index, { waitMs, slot, isSent, decide }] of steps.entries()) {
        clock.nowMs += waitMs;
        const receivedMs = clock.nowMs;
        const sent = sendingOf([{ partitionKey: streamKey(tenant, slot, false) }], receivedMs, clock.nowMs);
        const asked = { units: 1, events: 1, sent };
        await instances[index % 2]?.admit(tenant, asked, limited);
        clock.nowMs += 5;
        if (isSent) open.push({ slot, receivedMs, answeredMs: clock.nowMs });
        else await instances[index % 2]?.giveBack(tenant, asked);
        for (const decided of decide) {
          const at = open.findIndex((batch) => batch.slot === decided);
          const [batch] = at < 0 ? [] : open.splice(at, 1);
          if (batch) decidedMs.set(decided, batch.receivedMs);
        }
        clock.nowMs += 1;
        const { sent: noted = {} } = await use.find(tenant, clock.nowMs);
        const bounds = [0, 1, 2].map((lane) =>
          completeUntilMs({ sent: noted[lane], decidedMs: decidedMs.get(lane) }, clock.nowMs),
        );
        const oldestMs = Math.min(...open.map(({ answeredMs }) => answeredMs));
        expect(Math.min(...bounds)).toBeLessThanOrEqual(oldestMs);
        const closeMs = clock.nowMs - longestSendingMs;
        if (open.length === 0) expect(Math.min(...bounds)).toBeGreaterThanOrEqual(closeMs);
      }
    }),
    { numRuns: 300 },
  );
});
const limited = { rate: { perMinute: 60_000 }, isRateHard: true };

it('nothing is held back by batches of a lease that were never sent', async () => {
  const clock = new TestClock(nowMs);
  const use = new MemoryUse();
  const leases = new Leases(use, clock);
  for (let batch = 0; batch < 40; batch += 1) {
    const asked = { units: 10, events: 10, sent: { 0: { lastMs: clock.nowMs } } };
    await leases.admit(tenant, asked, limited);
    await leases.giveBack(tenant, asked);
    clock.nowMs += 0.1 * secondMs;
  }
  const { sent } = await use.find(tenant, clock.nowMs);
  expect(completeUntilMs({ sent: sent?.[0], decidedMs: undefined }, clock.nowMs)).toBe(clock.nowMs);
});

it('a batch that a lease admits is noted with the next charge', async () => {
  const clock = new TestClock(nowMs);
  const use = new MemoryUse();
  const leases = new Leases(use, clock);
  const times: number[] = [];
  for (let batch = 0; batch < 40; batch += 1) {
    times.push(clock.nowMs);
    const asked = { units: 10, events: 10, sent: { 0: { lastMs: clock.nowMs } } };
    await leases.admit(tenant, asked, limited);
    clock.nowMs += 0.1 * secondMs;
  }
  const { lastMs = 0, beforeMs = 0 } = (await use.find(tenant, clock.nowMs)).sent?.[0] ?? {};
  expect(lastMs).toBeGreaterThan(clock.nowMs - secondMs);
  expect(beforeMs).toBe(times[times.indexOf(lastMs) - 1]);
});
