// GET /v1/usage and the limit of summary reads, as their function answers them.

import { beforeEach, describe, expect, it, vi } from 'vitest';
import { MemoryLanes } from '../../../../adapters/counting/memory-lanes.ts';
import { MemoryDays } from '../../../../adapters/documents/memory-days.ts';
import { MemoryUse } from '../../../../adapters/limits/memory-use.ts';
import { MemoryRejections } from '../../../../adapters/rejections/memory-rejections.ts';
import { MemoryAccountLevels } from '../../../../adapters/service-levels/memory-account-levels.ts';
import { MemoryPlatformKeys } from '../../../../adapters/signing/memory-platform-keys.ts';
import { MemoryIdentities } from '../../../../adapters/storing/memory-identities.ts';
import { MemoryPages } from '../../../../adapters/storing/memory-pages.ts';
import { Leases } from '../../../../domain/limits/leases.ts';
import { metricNames } from '../../../../domain/service-levels/metrics.ts';
import { Unavailable } from '../../../../domain/system/unavailable.ts';
import type { Caller } from '../../../../lambdas/edge/caller.ts';
import { ProblemError } from '../../../../lambdas/edge/http.ts';
import { createRead } from '../../../../lambdas/read/read.ts';
import { summaryLimits } from '../../../../lambdas/read/read-window.ts';
import { seededRandom, TestClock } from '../../../support/clock.ts';
import { silentLogger, TestMeter } from '../../../support/meter.ts';
import { caller, httpRequest } from '../../../support/requests.ts';

const nowMs = Date.parse('2026-11-21T12:00:00.000Z');
const { tenant } = caller;
let [clock, meter] = [new TestClock(nowMs), new TestMeter()];
let [eventUse, summaryReadUse] = [new MemoryUse(), new MemoryUse()];
beforeEach(() => {
  [clock, meter] = [new TestClock(nowMs), new TestMeter()];
  [eventUse, summaryReadUse] = [new MemoryUse(), new MemoryUse()];
});

function start(summaryLeases = new Leases(summaryReadUse, clock)) {
  const lanes = new MemoryLanes();
  const read = createRead({
    ...{ lanes, days: new MemoryDays(lanes), quarantine: lanes.quarantine, clock, meter, summaryLimits },
    ...{ platformKeys: new MemoryPlatformKeys(seededRandom(4)), logger: silentLogger },
    ...{ identities: new MemoryIdentities(), pages: new MemoryPages() },
    rejections: new MemoryRejections(),
    levels: new MemoryAccountLevels(),
    ...{ eventUse, summaryReadUse, summaryLeases, stageQuotaMode: 'observe' },
    readOpenApi: async () => '{}',
  });
  const usage = async (of: Caller = caller) =>
    JSON.parse((await read(httpRequest({ method: 'GET', resource: '/v1/usage', caller: of }))).body);
  const summary = (of: Partial<Caller> = {}) =>
    read(
      httpRequest({
        method: 'GET',
        resource: '/v1/accounts/{account_id}/summary',
        path: { account_id: 'acme' },
        caller: { ...caller, summaryReadsPerMinute: 2, ...of } as Caller,
      }),
    );
  return { usage, summary };
}

describe('usage', () => {
  it('of an account that never sent has its limits, and nothing used', async () => {
    const quota = { used: 0, left: expect.any(Number), share: 0, over: 0, projected: 0, mode: 'observe' };
    expect(await start().usage()).toEqual({
      account_id: 'acme',
      environment: 'production',
      tier: 'standard',
      as_of: '2026-11-21T12:00:00.000Z',
      requests_per_second: { limit: 50 },
      events_per_minute: {
        ...{ limit: 60_000, left: 60_000, full_at: '2026-11-21T12:00:00.000Z', mode: 'enforce' },
      },
      events_per_day: { ...quota, limit: 5_000_000, resets_at: '2026-11-22T00:00:00.000Z' },
      events_per_month: { ...quota, limit: 150_000_000, resets_at: '2026-12-01T00:00:00.000Z' },
      summary_reads_per_minute: {
        ...{ limit: 60, left: 60, full_at: '2026-11-21T12:00:00.000Z', mode: 'enforce' },
      },
    });
  });

  it('has what was used, its share, and what it would be at the end of the period', async () => {
    await eventUse.count(tenant, { events: 1_000_000, over: 50 }, nowMs);
    const { events_per_day, events_per_month } = await start().usage();

    expect(events_per_day).toMatchObject({ used: 1_000_000, share: 0.2, over: 50, projected: 2_000_000 });
    expect(events_per_month).toMatchObject({ used: 1_000_000, share: 0.0067, left: 149_000_000 });
    expect(events_per_month.projected).toBe(Math.round((1_000_000 * 30) / 20.5));
  });

  it('is of the environment of the caller, and of its generation', async () => {
    await eventUse.count(tenant, { events: 7, over: 0 }, nowMs);

    for (const other of [{ environment: 'staging' }, { generation: 1 }, { account: 'globex' }]) {
      const { events_per_day } = await start().usage({
        ...caller,
        tenant: { ...tenant, ...other },
      } as Caller);
      expect(events_per_day.used).toBe(0);
    }
  });

  it('says what becomes of what is over a limit', async () => {
    const hard = await start().usage({ ...caller, quotaMode: 'hard' });
    expect([hard.events_per_day.mode, hard.events_per_minute.mode]).toEqual(['hard', 'enforce']);

    const observed = await start().usage({ ...caller, quotaMode: 'hard', limitsMode: 'observe' });
    expect([observed.events_per_day.mode, observed.events_per_minute.mode]).toEqual(['observe', 'observe']);
  });
});

describe('the limit of summary reads', () => {
  it('lets those of three minutes pass at once, and refuses the next until Retry-After', async () => {
    const { summary } = start();
    for (let read = 0; read < 6; read += 1) expect((await summary()).statusCode).toBe(200);
    const refused = await summary().catch((error) => error);

    expect(refused).toBeInstanceOf(ProblemError);
    expect(refused).toMatchObject({
      code: 'rate_limited',
      extra: { retry_after: 30, 'violated-policies': ['summary_reads'] },
      headers: { RateLimit: '"summary_reads";r=0;t=30' },
    });
    expect(meter.total(metricNames.rateLimited)).toBe(1);
    clock.nowMs += 30_000;
    expect((await summary()).headers).toMatchObject({ 'RateLimit-Policy': '"summary_reads";q=2;w=60' });
  });

  it('that is only observed refuses nothing', async () => {
    const { summary } = start();
    for (let read = 0; read < 9; read += 1)
      expect((await summary({ limitsMode: 'observe' })).statusCode).toBe(200);

    expect(meter.total(metricNames.overLimitAccepted)).toBe(3);
  });

  it('refuses nothing while its table is away, and a metric says so', async () => {
    const away = vi.fn(async () => {
      throw new Unavailable('The table is away.');
    });
    const { summary } = start(new Leases({ charge: away, count: away, takeBack: vi.fn() }, clock));
    for (let read = 0; read < 9; read += 1) expect((await summary()).statusCode).toBe(200);

    expect(meter.total(metricNames.limitsSkipped)).toBe(9);
    // Not each of them waits for the table.
    expect(away).toHaveBeenCalledTimes(1);
  });
});
