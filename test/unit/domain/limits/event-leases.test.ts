import { seededRandom } from '@weir/twin/faults';
import { describe, expect, it } from 'vitest';
import { MemoryEventUse } from '../../../../adapters/limits/memory-event-use.ts';
import { EventLeases } from '../../../../domain/limits/event-leases.ts';
import type { EventUse } from '../../../../domain/limits/port.ts';
import { minuteMs, secondMs } from '../../../../domain/system/time.ts';
import { TestClock } from '../../../support/clock.ts';
import { VirtualTime } from '../../../support/virtual-time.ts';

const tenant = { account: 'acme', environment: 'production', generation: 0 };
const other = { ...tenant, environment: 'staging' };
const rate = { eventsPerMinute: 6000 };
const perMs = rate.eventsPerMinute / minuteMs;
const burst = 3 * rate.eventsPerMinute;

class CountedUse implements EventUse {
  readonly #use = new MemoryEventUse();
  calls = 0;

  charge: EventUse['charge'] = (...charge) => {
    this.calls += 1;
    return this.#use.charge(...charge);
  };
}

function instance(use: EventUse = new MemoryEventUse(), clock = new TestClock()) {
  const leases = new EventLeases(use, clock);
  const admit = (events: number, of = tenant) => leases.admit(of, events, rate);
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
    expect(await admitAll(10)).toBe(rate.eventsPerMinute);
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

/**
 * Instances with clocks of their own send as fast as they can to one table, in virtual time. Some freeze before the table
 * has answered, some after.
 */
async function simulate(seed: number, instances: number, skewMs: number) {
  const time = new VirtualTime();
  const random = seededRandom(seed);
  const memory = new MemoryEventUse();
  const use: EventUse = {
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
    const leases = new EventLeases(use, { now: () => time.now() + ownMs });
    while (time.now() < startMs + 4 * minuteMs) {
      const events = 1 + Math.floor(random() ** 4 * 500);
      const { isAdmitted, retryMs } = await leases.admit(tenant, events, rate);
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
