// `weir slo`: the levels of an account, and the busiest accounts beside quiet ones.

import { beforeEach, expect, it } from 'vitest';
import { emptyDocument } from '../../../../domain/documents/documents.ts';
import { emptyIntake } from '../../../../domain/documents/intake.ts';
import type { Tenant } from '../../../../domain/keys.ts';
import { addUp, type MeasuredRequest } from '../../../../domain/service-levels/account-levels.ts';
import { dayMs, floorTo, hourMs } from '../../../../domain/system/time.ts';
import { startOperator } from '../operator-fixture.ts';

let { weir, records, clock } = startOperator();
beforeEach(async () => {
  ({ weir, records, clock } = startOperator());
  for (const account of ['acme', 'beta', 'gamma'])
    expect((await weir('account', 'create', '--account', account)).code).toBe(0);
});

const json = async (...argv: string[]) => {
  const { code, out, err } = await weir(...argv, '--json');
  expect(code, err).toBe(0);
  return JSON.parse(out);
};
const tenantOf = (account: string): Tenant => ({ account, environment: 'production', generation: 0 });
let deliveries = 0;
async function answer(account: string, count: number, more: Partial<MeasuredRequest> = {}): Promise<void> {
  const request = {
    tenant: tenantOf(account),
    atMs: clock.nowMs,
    group: 'ingest',
    outcome: 'answered',
  } as const;
  const hours = addUp(Array.from({ length: count }, () => ({ ...request, ...more })));
  deliveries += 1;
  await records.levels.add({ digest: String(deliveries), hours }, clock.nowMs);
}
async function store(account: string, count: number, slow: number, late = false): Promise<void> {
  const lane = { tenant: tenantOf(account), slot: 0, late };
  const key = { lane, kind: 'intake', hourMs: floorTo(clock.nowMs, hourMs) } as const;
  await records.lanes.putDocument({
    ...emptyDocument(key),
    fields: { ...emptyIntake, records: count, slow },
  });
}
const busy = (...accounts: string[]) =>
  records.busiest.keep({
    atMs: clock.nowMs,
    unseen: 0,
    accounts: accounts.map((account) => ({ account, generation: 0, environments: ['production'] })),
    othersDollarsPerHour: 0,
    automatic: true,
    advice: [],
  });

it('shows what an account got over 7 and 30 days, in each environment', async () => {
  await answer('acme', 99, { latencyMs: 20 });
  await answer('acme', 1, { outcome: 'failed', latencyMs: 900 });
  await store('acme', 10, 1);
  await store('acme', 50, 50, true);

  const { service_levels } = await json('slo', '--account', 'acme');

  expect(service_levels).toHaveLength(1);
  const [{ windows }] = service_levels;
  expect(windows.map(({ days }: { days: number }) => days)).toEqual([7, 30]);
  expect(windows[0].objectives).toMatchObject([
    { name: 'ingest-availability', total: 100, bad: 1, actual_percent: 99, met: false },
    { name: 'ingest-latency', total: 100, bad: 1, met: true },
    { name: 'read-availability', actual_percent: null },
    { name: 'freshness', total: 10, bad: 1, actual_percent: 90 },
  ]);
  const { out } = await weir('slo', '--account', 'acme');
  expect(out).toContain('acme, production, 7 days');
  expect(out).toMatch(/ingest-availability +99\.9 % +99 % +1 +100 +-900 %/);
  expect(out).toMatch(/read-availability +99\.9 % +no data/);
});

it('compares the busiest accounts with quiet ones, over the last 24 hours', async () => {
  await busy('acme');
  await answer('acme', 1000, { latencyMs: 5 });
  await answer('beta', 3, { latencyMs: 5 });
  await answer('beta', 1, { outcome: 'failed', latencyMs: 1800 });
  await answer('beta', 5, { atMs: clock.nowMs - 25 * hourMs, outcome: 'failed' });

  const { hours, groups } = await json('slo');

  expect(hours).toBe(24);
  expect(groups).toMatchObject([
    { group: 'busiest', accounts: ['acme'], ingest_latency: { p99_ms: 10 } },
    { group: 'quiet', accounts: ['beta'], ingest_latency: { p50_ms: 10, p99_ms: 2000 } },
  ]);
  expect(groups[1].objectives[0]).toMatchObject({ total: 4, bad: 1, actual_percent: 75 });
  const { out } = await weir('slo');
  expect(out).toMatch(/LAST 24 HOURS +BUSIEST +QUIET/);
  expect(out).toMatch(/ingest-availability +100 % +75 %/);
});

it('says what to do where report has not run, and for an account that is not there', async () => {
  expect(await weir('slo')).toMatchObject({
    code: 1,
    err: expect.stringContaining('Report has not run yet'),
  });
  expect(await weir('slo', '--account', 'nobody')).toMatchObject({
    code: 1,
    err: expect.stringContaining('nobody'),
  });
});

it('reports of an account what it got in a time, day by day, and what failed', async () => {
  await answer('acme', 99, { latencyMs: 20 });
  await answer('acme', 1, { outcome: 'failed', latencyMs: 900 });
  await answer('beta', 7, { outcome: 'failed' });
  clock.nowMs += 2 * dayMs;
  await answer('acme', 100, { latencyMs: 20 });

  const { environments } = await json('report', '--account', 'acme', '--from', '3d', '--to', '0m');
  const [{ objectives, days, failures }] = environments;

  expect(objectives[0]).toMatchObject({ name: 'ingest-availability', total: 100, bad: 1, met: false });
  expect(failures).toEqual([{ route_group: 'ingest', outcome: 'failed', count: 1 }]);
  const totals = (days as { objectives: { total: number }[] }[]).map((each) => each.objectives[0]?.total);
  expect(totals.reduce((sum: number, each = 0) => sum + each, 0)).toBe(100);
  const { out } = await weir('report', '--account', 'acme', '--from', '3d');
  expect(out).toContain('What failed: ingest failed 1.');
  expect(out).toMatch(/^\d{4}-\d\d-\d\d +99 % +99 % +no data +no data$/m);
});

it('writes no page of one account, and says what to do instead', async () => {
  expect(await weir('report', '--account', 'acme', '--out', 'a.html')).toMatchObject({
    code: 2,
    err: expect.stringContaining('redirect'),
  });
});
