import { seededRandom } from '@weir/twin/faults';
import { describe, expect, it, vi } from 'vitest';
import { MemoryUse } from '../../../../adapters/limits/memory-use.ts';
import { Leases, type Limited } from '../../../../domain/limits/leases.ts';
import type { Use } from '../../../../domain/limits/port.ts';
import { hourMs, minuteMs, secondMs } from '../../../../domain/system/time.ts';
import { TestClock } from '../../../support/clock.ts';
import { VirtualTime } from '../../../support/virtual-time.ts';

const tenant = { account: 'acme', environment: 'production', generation: 0 };
const other = { ...tenant, environment: 'staging' };
const rate = { perMinute: 6000 };
const limited = { rate, isRateHard: true };
const perMs = rate.perMinute / minuteMs;
const burst = 3 * rate.perMinute;

class CountedUse extends MemoryUse {
  calls = 0;

  override charge: Use['charge'] = (...charge) => {
    this.calls += 1;
    return super.charge(...charge);
  };
}

function instance(use: Use = new MemoryUse(), clock = new TestClock(), of: Limited = limited) {
  const leases = new Leases(use, clock);
  const admit = (units: number, by = tenant) => leases.admit(by, { units, events: units }, of);
  const admitAll = async (each: number) => {
    let events = 0;
    while ((await admit(each)).isAdmitted) events += each;
    return events;
  };
  return { clock, admit, admitAll };
}

describe('an instance', () => {
  it('admits the burst at once, and then the rate', async () => {
    const { clock, admitAll } = instance();

    expect(await admitAll(10)).toBe(burst);
    clock.nowMs += minuteMs;
    expect(await admitAll(10)).toBe(rate.perMinute);
  });

  it('keeps accounts and environments apart', async () => {
    const { admit, admitAll } = instance();
    await admitAll(10);

    expect(await admit(10, other)).toMatchObject({ isAdmitted: true });
  });

  it('tells when a refused batch is admitted, to the millisecond', async () => {
    const { clock, admit, admitAll } = instance();
    await admitAll(10);
    const { retryMs } = await admit(500);
    clock.nowMs += retryMs - 1;

    expect(await admit(500)).toMatchObject({ isAdmitted: false, retryMs: 1 });
    clock.nowMs += 1;
    expect(await admit(500)).toMatchObject({ isAdmitted: true });
  });

  it('refuses without a call what the table would refuse', async () => {
    const use = new CountedUse();
    const { admit, admitAll } = instance(use);
    await admitAll(10);
    const { calls } = use;
    for (let request = 0; request < 100; request += 1) await admit(10);

    expect(use.calls).toBe(calls);
  });

  it('admits a batch that is heavier than the burst if nothing is used', async () => {
    const { clock, admit } = instance();

    expect(await admit(2 * burst)).toMatchObject({ isAdmitted: true });
    const { isAdmitted, retryMs } = await admit(2 * burst);
    expect(isAdmitted).toBe(false);
    clock.nowMs += retryMs;
    expect(await admit(2 * burst)).toMatchObject({ isAdmitted: true });
  });

  it('tells what is left of a minute, and when all of it is back', async () => {
    const { clock, admit } = instance();

    expect(await admit(500)).toMatchObject({ left: 6000, fullMs: 0 });
    expect(await admit(12_500)).toMatchObject({ left: 5000, fullMs: 10_000 });
    clock.nowMs += 4000;
    expect(await admit(0)).toMatchObject({ left: 5400, fullMs: 6000 });
  });
});

describe('a lease', () => {
  /** A batch each 20 ms, which is half of the rate. */
  async function steady(seconds: number) {
    const use = new CountedUse();
    const one = instance(use);
    for (let batch = 0; batch < seconds * 50; batch += 1) {
      await one.admit(1);
      one.clock.nowMs += 20;
    }
    return { ...one, use };
  }

  it('spares the table most writes of an account that sends all the time', async () => {
    const { use } = await steady(10);

    expect(use.calls).toBeLessThan(30);
  });

  it('is of what the batch needs for an account that sends rarely', async () => {
    const use = new CountedUse();
    const { clock, admit } = instance(use);
    for (let batch = 0; batch < 20; batch += 1) {
      clock.nowMs += secondMs;
      await admit(10);
    }
    // What is left tells what was charged.
    clock.nowMs += secondMs;

    expect(use.calls).toBe(20);
    expect((await admit(burst - 10)).isAdmitted).toBe(true);
  });

  it.each([
    ['lapses after a second', secondMs],
    ['does not come back with a clock that was set back', -1],
  ])('%s', async (_, movedMs) => {
    const { clock, admit, use } = await steady(2);
    // There is something left of a lease.
    while (true) {
      const { calls } = use;
      await admit(1);
      if (use.calls === calls) break;
    }
    clock.nowMs += movedMs - 10_000 * (movedMs < 0 ? 1 : 0);
    const { calls } = use;
    await admit(1);

    expect(use.calls).toBe(calls + 1);
  });
});

describe('quotas', () => {
  const quotas = { day: 1000, month: 1500 };
  const hard: Limited = { rate, isRateHard: true, quotas, areQuotasHard: true };
  const soft: Limited = { ...hard, areQuotasHard: false };
  const startMs = Date.parse('2026-11-29T10:00:00.000Z');
  const start = (of: Limited, use: Use = new MemoryUse()) => {
    const one = instance(use, new TestClock(startMs), of);
    return { ...one, use, counted: async () => (await use.find(tenant, one.clock.nowMs)).counted };
  };

  it('admit no event more than they say, and tell until when', async () => {
    const { admit } = start(hard);
    for (let batch = 0; batch < 10; batch += 1) expect((await admit(99)).isAdmitted).toBe(true);

    expect(await admit(11)).toMatchObject({ isAdmitted: false, over: 'day', retryMs: 14 * hourMs });
    expect(await admit(10)).toMatchObject({ isAdmitted: true, counted: { day: { events: 1000 } } });
  });

  it('begin again with the day, up to that of the month', async () => {
    const { admit, clock } = start(hard);
    await admit(1000);
    clock.nowMs = startMs + 14 * hourMs;

    expect(await admit(501)).toMatchObject({ isAdmitted: false, over: 'month', retryMs: 24 * hourMs });
    expect((await admit(500)).isAdmitted).toBe(true);
    clock.nowMs += 24 * hourMs;
    expect((await admit(1000)).isAdmitted).toBe(true);
  });

  it('cost the table a call a second at most once they are full', async () => {
    const use = new CountedUse();
    const { admit } = start(hard, use);
    await admit(1000);
    const { calls } = use;
    for (let request = 0; request < 100; request += 1) await admit(10);

    expect(use.calls).toBe(calls);
  });

  it('that are raised meanwhile admit at once', async () => {
    const { admit, clock, use } = start(hard);
    await admit(1000);
    const raised = new Leases(use, clock);

    expect((await admit(10)).isAdmitted).toBe(false);
    const higher = { ...hard, quotas: { day: 2000, month: 2000 } };
    expect((await raised.admit(tenant, { units: 10, events: 10 }, higher)).isAdmitted).toBe(true);
  });

  it('that are soft admit all, and say so', async () => {
    const { admit, clock, counted } = start(soft);
    expect(await admit(1000)).not.toHaveProperty('over');

    expect(await admit(10)).toMatchObject({ isAdmitted: true, over: 'day', retryMs: 0 });
    clock.nowMs += 2 * secondMs;
    await admit(1);
    expect(await counted()).toMatchObject({ day: { events: 1011, over: 11 } });
  });

  it('do not count yesterday what a lease admitted until the correction, nor today', async () => {
    const { admit, clock, counted } = start(hard);
    clock.nowMs = startMs + 14 * hourMs - 4100;
    for (let batch = 0; batch < 200; batch += 1) {
      await admit(1);
      clock.nowMs += 20;
    }
    const yesterday = (await counted()).day.events;
    clock.nowMs += 2 * secondMs;
    await admit(1);

    expect(yesterday).toBeLessThan(200);
    expect(await counted()).toMatchObject({ day: { events: 1 }, month: { events: yesterday + 1 } });
  });

  it('tell the end of the day that others have begun to a clock that is behind', async () => {
    const use = new MemoryUse();
    const { admit, clock } = start(hard, use);
    clock.nowMs = startMs + 14 * hourMs - 1;
    await use.count(tenant, { events: 1000, over: 0 }, clock.nowMs + 1);

    expect(await admit(1)).toMatchObject({ isAdmitted: false, over: 'day', retryMs: 24 * hourMs + 1 });
  });

  it('take back what came to nothing, and its units with the lease', async () => {
    const { clock, counted } = start(hard);
    const use = new MemoryUse();
    const leases = new Leases(use, clock);
    await leases.admit(tenant, { units: 100, events: 1000 }, hard);
    await leases.giveBack(tenant, { units: 100, events: 1000 });

    expect((await use.find(tenant, clock.nowMs)).counted.day).toEqual({ events: 0, over: 0 });
    expect(await leases.admit(tenant, { units: 100, events: 1000 }, hard)).toMatchObject({
      isAdmitted: true,
    });
    expect(leases.standing(tenant, rate).left).toBe(6000);
    expect((await counted()).day.events).toBe(0);
  });

  it('count what leases admitted, once the next write comes', async () => {
    const { admit, clock, counted } = start(hard);
    for (let batch = 0; batch < 200; batch += 1) {
      await admit(1);
      clock.nowMs += 20;
    }
    clock.nowMs += 2 * secondMs;
    await admit(1);

    expect(await counted()).toMatchObject({ day: { events: 201, over: 0 } });
  });
});

describe('a rate that is only observed', () => {
  it('admits all, and counts what it would have refused', async () => {
    const use = new MemoryUse();
    const { clock, admit } = instance(use, new TestClock(), { rate, isRateHard: false });
    expect(await admit(burst)).not.toHaveProperty('over');

    for (let batch = 0; batch < 5; batch += 1)
      expect(await admit(500)).toMatchObject({ isAdmitted: true, over: 'rate', retryMs: 0 });
    clock.nowMs += secondMs;
    await admit(500);
    const { counted } = await use.find(tenant, clock.nowMs);
    expect(counted.day).toEqual({ events: burst + 3000, over: 3000 });
    // What is over is not charged, so that the limit is judged as if it had been refused.
    clock.nowMs += minuteMs;
    expect(await admit(500)).not.toHaveProperty('over');
  });

  it('writes what is over once a second, however much of it comes', async () => {
    const use = new MemoryUse();
    const count = vi.spyOn(use, 'count');
    const { clock, admit } = instance(use, new TestClock(), limited);
    await admit(burst);
    for (let request = 0; request < 300; request += 1) {
      clock.nowMs += 10;
      await admit(2000);
    }

    expect(count.mock.calls.length).toBeLessThanOrEqual(3);
  });
});

describe('an instance that is killed', () => {
  const killed = new Error('killed');
  /** Sends each 20 ms, until it dies at a step of a charge, or between two. */
  async function untilKilled(step: 'before' | 'after' | 'between') {
    const memory = new MemoryUse();
    let charges = 0;
    const use: Pick<Use, 'charge' | 'count' | 'takeBack'> = {
      count: (...count) => memory.count(...count),
      takeBack: (...back) => memory.takeBack(...back),
      charge: async (...charge) => {
        charges += 1;
        if (charges === 4 && step === 'before') throw killed;
        const charged = await memory.charge(...charge);
        if (charges === 4 && step === 'after') throw killed;
        return charged;
      },
    };
    const { clock, admit } = instance(use as Use);
    let sent = 0;
    for (let batch = 0; batch < 200 && !(step === 'between' && charges === 4); batch += 1) {
      try {
        await admit(1);
      } catch (error) {
        expect(error).toBe(killed);
        break;
      }
      sent += 1;
      clock.nowMs += 20;
    }
    expect(charges).toBe(4);
    const next = instance(memory, clock);
    const admitted = await next.admitAll(1);
    const { counted } = await memory.find(tenant, clock.nowMs);
    return { sent, admitted, counted: counted.day.events, usedMs: clock.nowMs - new TestClock().nowMs };
  }
  const mostLeased = (secondMs / 2) * perMs;

  it.each(['before', 'after', 'between'] as const)(
    'at a charge (%s) leaves no more than the limit, and takes its lease with it at most',
    async (step) => {
      const { sent, admitted, counted, usedMs } = await untilKilled(step);
      const allowed = burst + usedMs * perMs;

      expect(sent + admitted).toBeLessThanOrEqual(allowed);
      expect(sent + admitted).toBeGreaterThanOrEqual(allowed - mostLeased - 2);
      // What its lease admitted since its last charge is not counted, until the day is corrected.
      expect(counted).toBeLessThanOrEqual(sent + admitted + 1);
      expect(counted).toBeGreaterThanOrEqual(sent + admitted - mostLeased);
    },
  );
});

/**
 * Instances with clocks of their own send as fast as they can to one table, in virtual time. Some freeze before the table
 * has answered, some after.
 */
async function simulate(seed: number, instances: number, skewMs: number) {
  const time = new VirtualTime();
  const random = seededRandom(seed);
  const memory = new MemoryUse();
  const use: Pick<Use, 'charge' | 'count' | 'takeBack'> = {
    count: (...count) => memory.count(...count),
    takeBack: (...back) => memory.takeBack(...back),
    charge: async (...charge) => {
      await time.sleep(3);
      const charged = await memory.charge(...charge);
      await time.sleep(random() < 0.01 ? 5 * secondMs * random() : 3);
      return charged;
    },
  };
  const startMs = time.now();
  const admitted: { readonly atMs: number; readonly events: number }[] = [];
  const works = Array.from({ length: instances }, async () => {
    const ownMs = Math.round((random() - 0.5) * skewMs);
    const leases = new Leases(use, { now: () => time.now() + ownMs });
    while (time.now() < startMs + 4 * minuteMs) {
      const events = 1 + Math.floor(random() ** 4 * 500);
      const { isAdmitted, retryMs } = await leases.admit(tenant, { units: events, events }, limited);
      if (isAdmitted) admitted.push({ atMs: time.now(), events });
      const isFrozen = random() < 0.005;
      await time.sleep(
        isFrozen ? 10 * secondMs * random() : isAdmitted ? 20 * random() : Math.min(retryMs, 500),
      );
    }
  });
  await time.run(Promise.all(works));
  return admitted;
}

/** How many events more than the rate were admitted, in the window in which it is most. */
function mostOverRate(admitted: readonly { readonly atMs: number; readonly events: number }[]): number {
  let [most, over, lastMs] = [0, 0, 0];
  for (const { atMs, events } of admitted) {
    over = Math.max(0, over - (atMs - lastMs) * perMs) + events;
    most = Math.max(most, over);
    lastMs = atMs;
  }
  return most;
}

const maxBatch = 500;

describe.each([1, 2, 3, 4, 5, 6])('several instances, seed %i', (seed) => {
  const instances = 3 * seed;
  /** What was leased in the second before, and a batch of each instance that froze once it was admitted. */
  const bound = burst + secondMs * perMs + instances * maxBatch;

  it('admit the burst, the rate, and little more', async () => {
    const admitted = await simulate(seed, instances, 0);

    expect(mostOverRate(admitted)).toBeLessThanOrEqual(bound);
    // They do not refuse what the limit allows.
    const total = admitted.reduce((sum, { events }) => sum + events, 0);
    expect(total).toBeGreaterThan(0.98 * (burst + 4 * minuteMs * perMs));
  });

  it('admit two seconds of the rate more if their clocks are two seconds apart', async () => {
    const admitted = await simulate(seed, instances, 2 * secondMs);

    expect(mostOverRate(admitted)).toBeLessThanOrEqual(bound + 2 * secondMs * perMs);
  });
});
