import { beforeEach, describe, expect, it } from 'vitest';
import { MemoryAccounts } from '../../../../adapters/accounts/memory-accounts.ts';
import { MemoryBusiest } from '../../../../adapters/accounts/memory-busiest.ts';
import { MemoryLanes } from '../../../../adapters/counting/memory-lanes.ts';
import { MemoryDays } from '../../../../adapters/documents/memory-days.ts';
import { MemoryUse } from '../../../../adapters/limits/memory-use.ts';
import { runLimits } from '../../../../domain/counting/next-run.ts';
import type { Days } from '../../../../domain/documents/port.ts';
import type { Tenant } from '../../../../domain/keys.ts';
import { changeOf, type RecordOutcome } from '../../../../domain/storing/record-outcome.ts';
import { dayMs, floorTo, hourMs, minuteMs } from '../../../../domain/system/time.ts';
import { Unavailable } from '../../../../domain/system/unavailable.ts';
import { countDirectly } from '../../../../lambdas/counting/count-directly.ts';
import { dayToFold, foldDays } from '../../../../lambdas/report/fold-days.ts';
import { createReport } from '../../../../lambdas/report/report.ts';
import { seededRandom, TestClock } from '../../../support/clock.ts';
import { event, fresh, nowMs } from '../../../support/events.ts';
import { tenantOf } from '../../../support/lanes.ts';
import { TestMeter } from '../../../support/meter.ts';
import { nothingTallied } from '../../../support/tally.ts';

const today = floorTo(nowMs, dayMs);
const yesterday = today - dayMs;
const pauses = { contested: async () => {} };
let lanes: MemoryLanes;
let days: MemoryDays;
let lines: unknown[][];
beforeEach(() => {
  lanes = new MemoryLanes();
  days = new MemoryDays(lanes);
  lines = [];
});
const logger = {
  info: (...line: unknown[]) => lines.push(['info', ...line]),
  warn: (...line: unknown[]) => lines.push(['warn', ...line]),
  error: (...line: unknown[]) => lines.push(['error', ...line]),
} as never;
const deps = (atMs = today + 2 * hourMs) => ({ lanes, days, clock: new TestClock(atMs), logger });

/** An event of yesterday, in a record that says that it holds so many. */
async function receive(account: string, received = 1000, slot = 0): Promise<void> {
  const receivedAtMs = yesterday + 12 * hourMs;
  const header: RecordOutcome['header'] = {
    ...{ tenant: tenantOf(account), batchId: `of-${account}`, part: 0, parts: 1, slot, late: false },
    ...{ kind: 'events', layout: 1, events: received, receivedAtMs, retentionDays: 30 },
    ...{ region: 'r', requestId: 'r' },
  };
  const outcome = {
    header,
    ...fresh([event({ timestamp: receivedAtMs })]),
    ...{ duplicates: received - 1, conflicts: 0, bytes: 100 },
  };
  const clock = new TestClock(receivedAtMs);
  await countDirectly({ lanes, clock, pauses }, [{ to: changeOf(outcome, receivedAtMs).to }]);
}
const seen = (account: string, received = 1000, mostSlots = 1) => ({
  ...{ tenant: tenantOf(account), mostSlots, received },
});
const foldsOf = (kind: 'day' | 'hours', tenant: Tenant, slots = 1) =>
  days.stored(kind, tenant, slots, yesterday, today, today + 2 * hourMs);

describe('the day that has closed', () => {
  it('is folded from an hour after its end, for three hours', () => {
    const at = (ms: number) => dayToFold(today + ms);

    expect([at(hourMs - 1), at(hourMs), at(4 * hourMs - 1), at(4 * hourMs)]).toEqual([
      undefined,
      yesterday,
      yesterday,
      undefined,
    ]);
  });

  it('is folded for each environment that received much in it, into both documents', async () => {
    for (const account of ['busy', 'quiet']) await receive(account);

    expect(await foldDays(deps(), [seen('busy'), seen('quiet', 999)], () => true)).toEqual([]);

    for (const kind of ['day', 'hours'] as const) {
      expect(await foldsOf(kind, tenantOf('busy'))).toMatchObject([
        { isCurrent: true, key: { dayMs: yesterday } },
      ]);
      expect(await foldsOf(kind, tenantOf('quiet'))).toEqual([]);
    }
    expect(lines).toEqual([['info', 'days were folded ahead of their readers', { folded: 1, left: 0 }]]);
  });

  it('is folded once, of all slots', async () => {
    await receive('busy', 1000, 1);
    await foldDays(deps(), [seen('busy', 1000, 2)], () => true);
    const [first] = await foldsOf('day', tenantOf('busy'), 2);
    let read = 0;
    const counted: Days = {
      stored: days.stored.bind(days),
      store: days.store.bind(days),
      hours: async (...of) => {
        read += 1;
        return days.hours(...of);
      },
    };

    await foldDays({ ...deps(today + 3 * hourMs), days: counted }, [seen('busy', 1000, 2)], () => true);

    expect(first?.state.slots).toBe(2);
    expect([read, await foldsOf('day', tenantOf('busy'), 2)]).toEqual([0, [first]]);
  });

  it('is folded for those that received the most first, as long as there is time, and for the others in the next run', async () => {
    const accounts = ['a', 'b', 'c', 'd'];
    for (const account of accounts) await receive(account);
    const all = accounts.map((account, index) => seen(account, 1000 + index));
    const isFolded = async () =>
      (await Promise.all(accounts.map((account) => foldsOf('hours', tenantOf(account))))).map(
        ({ length }) => length,
      );
    let asked = 0;

    await foldDays(deps(), all, () => asked++ < 2);
    expect(await isFolded()).toEqual([0, 0, 1, 1]);
    await foldDays(deps(), all, () => true);

    expect(await isFolded()).toEqual([1, 1, 1, 1]);
    expect(lines.map(([, , of]) => of)).toEqual([
      { folded: 2, left: 2 },
      { folded: 2, left: 0 },
    ]);
  });

  it('is left for a later run while a run of it is being folded, or in an outage, and a bug fails the others not', async () => {
    for (const account of ['a', 'b', 'c']) await receive(account);
    const failing = (account: string, error?: Error): Days => ({
      stored: days.stored.bind(days),
      store: days.store.bind(days),
      hours: async (key, slots) => {
        if (key.tenant.account !== account) return days.hours(key, slots);
        if (error) throw error;
        return undefined;
      },
    });
    const all = ['a', 'b', 'c'].map((account) => seen(account));
    class Away extends Unavailable {}

    expect(await foldDays({ ...deps(), days: failing('a') }, [seen('a')], () => true)).toEqual([]);
    expect(
      await foldDays({ ...deps(), days: failing('a', new Away('away')) }, [seen('a')], () => true),
    ).toEqual([]);
    expect(await foldsOf('day', tenantOf('a'))).toEqual([]);
    const bug = new TypeError('a bug');
    expect(await foldDays({ ...deps(), days: failing('a', bug) }, all, () => true)).toEqual([bug]);

    expect(await foldsOf('day', tenantOf('c'))).toHaveLength(1);
    expect(lines.map(([level]) => level)).toEqual(['info', 'warn', 'info', 'error', 'info']);
  });
});

describe('report', () => {
  const accounts = new MemoryAccounts();
  const report = (atMs: number, remainingMs = () => 5 * minuteMs) =>
    createReport({
      ...nothingTallied,
      ...{ ...deps(atMs), limits: runLimits, pauses, random: () => 0, meter: new TestMeter() },
      accounts: {
        tenants: async function* () {
          yield { tenant: tenantOf('acme'), mostSlots: 1 };
        },
        findAccount: (id) => accounts.findAccount(id),
        update: (...change) => accounts.update(...change),
      },
      ...{ auditLog: accounts.auditLog, busiest: new MemoryBusiest(), slots: { most: 8, automatic: true } },
      ...{
        eventUse: new MemoryUse(),
        auditor: { actor: { who: 'advisor', from: 'report' }, random: seededRandom() },
      },
    })(remainingMs);

  it('folds the day by what was received in it', async () => {
    await receive('acme');

    await report(today + minuteMs);
    expect(await foldsOf('day', tenantOf('acme'))).toEqual([]);
    await report(today + 2 * hourMs);

    expect(await foldsOf('day', tenantOf('acme'))).toHaveLength(1);
  });

  it('folds none without time for it, and fails on a bug', async () => {
    await receive('acme');
    let asked = 0;
    await report(today + 2 * hourMs, () => (asked++ === 0 ? 5 * minuteMs : minuteMs));
    expect(await foldsOf('day', tenantOf('acme'))).toEqual([]);
    days.stored = () => Promise.reject(new TypeError('a bug'));

    await expect(report(today + 2 * hourMs)).rejects.toThrow('a bug');
  });
});
