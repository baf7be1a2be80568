// What report makes of the load of accounts: the list of the busiest, advice, and more slots.

import fc from 'fast-check';
import { beforeEach, describe, expect, it } from 'vitest';
import { MemoryAccounts } from '../../../../adapters/accounts/memory-accounts.ts';
import { MemoryBusiest } from '../../../../adapters/accounts/memory-busiest.ts';
import { MemoryLanes } from '../../../../adapters/counting/memory-lanes.ts';
import { MemoryDays } from '../../../../adapters/documents/memory-days.ts';
import { MemoryUse } from '../../../../adapters/limits/memory-use.ts';
import { type Account, slotsAt, withSettings } from '../../../../domain/accounts/accounts.ts';
import type { ApiKey } from '../../../../domain/accounts/api-keys.ts';
import { auditEntry, auditedAccount } from '../../../../domain/accounts/audit.ts';
import { slotHolds } from '../../../../domain/accounts/slot-advice.ts';
import { runLimits } from '../../../../domain/counting/next-run.ts';
import { emptyDocument } from '../../../../domain/documents/documents.ts';
import { emptyIntake } from '../../../../domain/documents/intake.ts';
import { floorTo, hourMs, minuteMs } from '../../../../domain/system/time.ts';
import { Unavailable } from '../../../../domain/system/unavailable.ts';
import { createReport, type ReportDeps } from '../../../../lambdas/report/report.ts';
import { seededRandom, TestClock } from '../../../support/clock.ts';
import { nowMs } from '../../../support/events.ts';
import { silentLogger, TestMeter } from '../../../support/meter.ts';
import { nothingTallied } from '../../../support/tally.ts';

let accounts: MemoryAccounts;
let busiest: MemoryBusiest;
let lanes: MemoryLanes;
let clock: TestClock;
let random: ReturnType<typeof seededRandom>;
const start = () => {
  accounts = new MemoryAccounts();
  busiest = new MemoryBusiest();
  lanes = new MemoryLanes();
  clock = new TestClock(floorTo(nowMs, hourMs) + 30 * minuteMs);
  random = seededRandom();
};
beforeEach(start);

const operator = { who: 'operator ada', from: 'host' };

async function create(id: string, parts: Partial<Account> = {}, environments = ['production']) {
  const account: Account = {
    ...{ id, createdAtMs: 0, tier: 'standard', overrides: {}, status: 'active' },
    ...{ mostSlots: 1, generation: 0, planKey: `key of ${id}` },
    ...parts,
  };
  const key = (environment: string): ApiKey => ({
    ...{
      id: `${id} ${environment}`,
      account: id,
      generation: account.generation,
      environment,
      scopes: ['read'],
    },
    ...{ hash: new Uint8Array(32), createdAtMs: 0, createdBy: 'operator ada' },
  });
  const [first = '', ...others] = environments;
  await accounts.create(account, key(first), []);
  for (const other of others)
    await accounts.keys.add(
      key(other),
      auditEntry({ actor: operator, random }, 0, { account: id, what: 'key.created', after: {} }),
    );
}

type Place = {
  readonly environment?: string;
  readonly slot?: number;
  readonly late?: boolean;
  readonly atMs?: number;
};

/** As an account that sends so much of what a slot holds, all through an hour. */
async function receive(account: string, slots: number, place: Place = {}) {
  const { environment = 'production', slot = 0, late = false, atMs = clock.nowMs - hourMs } = place;
  const lane = { tenant: { account, environment, generation: 0 }, slot, late };
  const events = Math.round(slots * slotHolds.events * 3600);
  const fields = { ...emptyIntake, received: events, stored: events, records: events / 100, bytes: events };
  const key = { lane, kind: 'intake', hourMs: floorTo(atMs, hourMs) } as const;
  await lanes.putDocument({ ...emptyDocument(key), expiresAtMs: clock.nowMs + hourMs, fields });
}

const report = (some: Partial<ReportDeps> = {}) =>
  createReport({
    ...nothingTallied,
    ...{ accounts, lanes, days: new MemoryDays(lanes), busiest, clock },
    ...{ meter: new TestMeter(), logger: silentLogger },
    ...{ limits: runLimits, pauses: { contested: async () => {} }, random: () => 0 },
    ...{ auditLog: accounts.auditLog, slots: { most: 8, automatic: true } },
    eventUse: new MemoryUse(),
    auditor: { actor: { who: 'advisor', from: 'report' }, random },
    ...some,
  })(() => 300_000);

const found = async (id = 'whale') => {
  const account = await accounts.findAccount(id);
  if (!account) throw new Error('There is no account.');
  return account;
};
const slotsOf = async (id = 'whale') => slotsAt(await found(id), clock.nowMs + 2 * minuteMs).slots.length;
const entries = (id = 'whale') => accounts.auditLog.list(id, { fromMs: 0, toMs: clock.nowMs + 1 });
const adviceFor = async () => (await busiest.find())?.advice.map(({ account }) => account);

it('whatever it sends and whenever report runs, slots only rise, within the bound, and at most once an hour', async () => {
  const hours = fc.array(
    fc.record({
      fill: fc.double({ min: 0, max: 20, noNaN: true }),
      // Runs are repeated and late at times.
      waitsMinutes: fc.array(fc.integer({ min: 0, max: 40 }), { minLength: 1, maxLength: 6 }),
    }),
    { minLength: 1, maxLength: 8 },
  );
  await fc.assert(
    fc.asyncProperty(hours, fc.integer({ min: 2, max: 8 }), async (load, most) => {
      start();
      await create('whale');
      const seen: number[] = [];
      for (const { fill, waitsMinutes } of load) {
        await receive('whale', fill);
        for (const minutes of waitsMinutes) {
          await report({ slots: { most, automatic: true } });
          seen.push((await found()).mostSlots);
          clock.nowMs += minutes * minuteMs;
        }
      }
      const raisedAtMs = (await entries()).map(({ atMs }) => atMs);
      expect(seen).toEqual(seen.toSorted((one, other) => one - other));
      expect(Math.max(...seen)).toBeLessThanOrEqual(most);
      for (const [index, atMs] of raisedAtMs.entries())
        expect(atMs - (raisedAtMs[index - 1] ?? Number.NEGATIVE_INFINITY)).toBeGreaterThanOrEqual(hourMs);
    }),
    { numRuns: 60 },
  );
});

describe('an account that fills its slots', () => {
  it('gets more, with an entry of who raised them, and what is not of its slots stays', async () => {
    await create('whale', { overrides: { retentionDays: 60 } });
    await create('minnow');
    await receive('whale', 1.5);
    await receive('minnow', 0.9);

    await report();

    expect(await found()).toMatchObject({ overrides: { retentionDays: 60, slots: 2 }, mostSlots: 2 });
    expect(await found('minnow')).toMatchObject({ overrides: {}, mostSlots: 1 });
    expect(await entries()).toEqual([
      expect.objectContaining({
        ...{ who: 'advisor', from: 'report', what: 'account.changed', atMs: clock.nowMs },
        before: expect.objectContaining({ slots: 1, retention_days: 60 }),
        after: expect.objectContaining({ slots: 2, retention_days: 60 }),
      }),
    ]);
    expect(await adviceFor()).toEqual([]);
  });

  it('gets them in steps of an hour, until it has enough, and no more of the same load', async () => {
    await create('whale');
    const steps: number[] = [];
    for (let run = 0; run < 24; run += 1) {
      await receive('whale', 3.5);
      await report();
      steps.push(await slotsOf());
      clock.nowMs += 15 * minuteMs;
    }

    expect(steps).toEqual([...Array(4).fill(2), ...Array(20).fill(4)]);
    expect(await entries()).toHaveLength(2);
  });

  it('is left alone for an hour after an operator has changed its slots, and advised', async () => {
    await create('whale', { tier: 'enterprise', mostSlots: 4 });
    const before = await found();
    const after = withSettings(before, { tier: 'enterprise', overrides: { slots: 1 } }, clock.nowMs);
    const entry = auditEntry({ actor: operator, random }, clock.nowMs, {
      ...{ account: 'whale', what: 'account.changed' },
      ...{ before: auditedAccount(before), after: auditedAccount(after) },
    });
    await accounts.update(before, after, entry);
    await receive('whale', 5);

    await report();
    expect([await slotsOf(), await adviceFor()]).toEqual([1, ['whale']]);
    clock.nowMs += hourMs;
    await report();
    expect([await slotsOf(), await adviceFor()]).toEqual([2, []]);
  });

  it('is not left alone because an operator has changed something else', async () => {
    await create('whale');
    const before = await found();
    const after = withSettings(before, { tier: 'standard', overrides: { retentionDays: 60 } }, clock.nowMs);
    const entry = auditEntry({ actor: operator, random }, clock.nowMs, {
      ...{ account: 'whale', what: 'account.changed' },
      ...{ before: auditedAccount(before), after: auditedAccount(after) },
    });
    await accounts.update(before, after, entry);
    await receive('whale', 1.5);

    await report();

    expect(await slotsOf()).toBe(2);
  });

  it('gets no more than the stage allows', async () => {
    await create('whale', { overrides: { slots: 3 }, mostSlots: 3 });
    await receive('whale', 50);

    await report({ slots: { most: 4, automatic: true } });
    expect(await slotsOf()).toBe(4);
    clock.nowMs += 2 * hourMs;
    await report({ slots: { most: 4, automatic: true } });
    expect([await slotsOf(), await adviceFor()]).toEqual([4, []]);
  });

  it('is only advised where the stage leaves it to its operators', async () => {
    await create('whale');
    await receive('whale', 2.5);

    await report({ slots: { most: 8, automatic: false } });

    expect(await slotsOf()).toBe(1);
    expect(await busiest.find()).toMatchObject({
      automatic: false,
      advice: [{ account: 'whale', environment: 'production', from: 1, to: 2, needs: 3 }],
    });
  });

  it('is only advised if it keeps the order of its events', async () => {
    await create('whale', { tier: 'custom' });
    await receive('whale', 2.5);

    await report();

    expect([await slotsOf(), await adviceFor()]).toEqual([1, ['whale']]);
  });

  it('gets none for a backfill: its late events are not among those that fill a slot', async () => {
    await create('whale');
    await receive('whale', 5, { late: true });

    await report();

    expect([await slotsOf(), await adviceFor()]).toEqual([1, []]);
  });

  it('is judged by all its slots together, each environment by itself', async () => {
    await create('whale', { tier: 'enterprise', mostSlots: 4 }, ['production', 'staging']);
    for (const slot of [0, 1, 2, 3]) await receive('whale', 0.9, { slot });
    await receive('whale', 3, { environment: 'staging' });

    await report();
    expect(await slotsOf()).toBe(4);
    await receive('whale', 4.5, { environment: 'staging', atMs: clock.nowMs - 2 * hourMs });
    await report();

    expect(await slotsOf()).toBe(5);
  });

  it('that was changed meanwhile is left to the next run', async () => {
    await create('whale');
    await receive('whale', 1.5);

    await report({ accounts: { ...ports(), update: async () => false } });

    expect([await slotsOf(), await adviceFor()]).toEqual([1, ['whale']]);
  });

  it('that cannot be changed does not keep others from theirs, and then the run fails', async () => {
    await create('another');
    await create('whale');
    for (const id of ['another', 'whale']) await receive(id, 1.5);
    const findAccount: ReportDeps['accounts']['findAccount'] = async (id) => {
      if (id === 'another') throw new Unavailable('the table is away');
      return accounts.findAccount(id);
    };

    await expect(report({ accounts: { ...ports(), findAccount } })).rejects.toThrow('the table is away');

    expect(await slotsOf()).toBe(2);
    expect(await busiest.find()).toMatchObject({ accounts: { length: 2 } });
  });
});

const ports = (): ReportDeps['accounts'] => ({
  tenants: () => accounts.tenants(),
  findAccount: (id) => accounts.findAccount(id),
  update: (...change) => accounts.update(...change),
});

it('the busiest accounts are those of this hour and the one before, live and late', async () => {
  for (const id of ['early', 'late', 'live', 'idle']) await create(id);
  await receive('early', 0.9, { atMs: clock.nowMs - 2 * hourMs });
  await receive('live', 0.2);
  await receive('late', 0.1, { late: true, atMs: clock.nowMs });

  await report();

  expect(await busiest.find()).toMatchObject({
    ...{ atMs: clock.nowMs, unseen: 0, automatic: true, advice: [] },
    accounts: [
      { account: 'live', environments: ['production'] },
      { account: 'late', environments: ['production'] },
    ],
  });
});
