// The life of accounts, as clients and operators meet it: another tier under load, suspended with and without reads, deleted
// and created again.

import { afterEach, expect } from 'vitest';
import { MemoryPlanKeys } from '../../../adapters/accounts/memory-plan-keys.ts';
import { createAccount } from '../../../cli/account/create.ts';
import { deleteAccount } from '../../../cli/account/delete.ts';
import { setAccount } from '../../../cli/account/set.ts';
import { changeStatus } from '../../../cli/account/status.ts';
import { suspendTier } from '../../../cli/account/tier-status.ts';
import type { Operator } from '../../../cli/operator.ts';
import { longestPrincipalAgeMs, planKeyTiedAfterMs } from '../../../domain/accounts/accounts.ts';
import type { PlanKeys } from '../../../domain/accounts/port.ts';
import { laneKey, type Tenant } from '../../../domain/keys.ts';
import { metricNames } from '../../../domain/service-levels/metrics.ts';
import { dayMs, minuteMs } from '../../../domain/system/time.ts';
import type { RunningWeir } from '../../../local/weir.ts';
import { readTables } from '../../storm/tables.ts';
import { createAccountOn, operatorOf } from '../../support/accounts.ts';
import { type Api, createApi } from '../../support/api.ts';
import { events } from '../../support/events.ts';
import { eventually } from '../../support/eventually.ts';
import { it } from '../../support/shared-weir.ts';
import { streamOf } from '../../support/stream.ts';
import { startLoad } from '../../support/watched-load.ts';
import { sealed } from '../../unit/lambdas/settle/fixture.ts';

let twin: RunningWeir;
let operator: Operator;
it.beforeAll(async ({ weir }) => {
  twin = weir.twin;
  operator = { ...(await operatorOf(twin)), clock: twin.clock };
});
afterEach(() => twin.faults.clear());

const tenantOf = (account: string, generation = 0): Tenant => ({
  account,
  environment: 'production',
  generation,
});
const apiOf = ({ api_key }: { readonly api_key: string }) => createApi(twin.url, api_key);

async function store(api: Api, account: string): Promise<string> {
  const { status, json } = await api.post('/v1/events', [{ type: 'tick', event_id: `${account}-1` }]);
  expect(status).toBe(202);
  await eventually(
    async () => (await api.get(json.receipt)).json.status,
    (state) => state === 'stored',
    60_000,
  );
  return json.receipt;
}

const pagesOf = async (tenant: Tenant) => {
  const owner = laneKey({ tenant, slot: 0, late: false }).slice(0, -2);
  return (await readTables(twin)).pages.filter((page) => page.owner === owner);
};

it('keys of API Gateway and those in memory, on which verbs are tested, do the same', async () => {
  const [slow, fast] = [operator.output('UsagePlanRate50'), operator.output('UsagePlanRate500')];
  const steps = async (planKeys: PlanKeys) => {
    const one = await planKeys.create('contract', 'contract-value-of-one');
    const other = await planKeys.create('contract', 'contract-value-of-other');
    await planKeys.create('contract-2', 'contract-value-of-a-third');
    const isTaken = await planKeys.create('contract', one.value).catch(() => 'taken');
    const before = await planKeys.planOf(one);
    await planKeys.attach(one, slow);
    await planKeys.attach(one, slow);
    await planKeys.attach(other, fast);
    const plans = [await planKeys.planOf(one), await planKeys.planOf(other)];
    const found = (await planKeys.find('contract')).map(({ value }) => value);
    await planKeys.remove(one);
    await planKeys.remove(one);
    const left = (await planKeys.find('contract')).map(({ value }) => value);
    return { isTaken, before, plans, found, left, none: await planKeys.find('contrac') };
  };

  const ofTwin = await steps(operator.planKeys);

  expect(ofTwin).toEqual(await steps(new MemoryPlanKeys()));
  expect(ofTwin).toEqual({
    isTaken: 'taken',
    before: undefined,
    plans: [slow, fast],
    found: ['contract-value-of-one', 'contract-value-of-other'],
    left: ['contract-value-of-other'],
    none: [],
  });
});

it('another tier is set under load, and no request is refused', async () => {
  const { api_key } = await createAccountOn(twin, 'growing', 'custom');
  const send = async () => (await createApi(twin.url, api_key).post('/v1/events', [{ type: 'tick' }])).status;
  const load = startLoad(twin, send, api_key);
  await load.goOn();

  await setAccount(operator, 'growing', { tier: 'enterprise', limits: { slots: 6 } });
  await load.goOn();
  await load.moveTimeBy(longestPrincipalAgeMs);
  await load.goOn();
  await load.moveTimeBy(planKeyTiedAfterMs);
  await load.goOn();
  // The key of before is removed, and nobody uses it.
  await load.moveTimeBy(minuteMs);
  await setAccount(operator, 'growing', {});
  await load.goOn();
  const statuses = await load.end();

  expect(statuses).toEqual(statuses.map(() => 202));
  expect(await operator.planKeys.find('weir-dev-growing')).toHaveLength(1);
}, 120_000);

it('an account that is on a priority stream that its stage has left out is served from the standard one', async () => {
  const { api_key } = await createAccount(
    { ...operator, hasPriorityStream: true },
    { account_id: 'moved-off', environment: 'production', tier: 'enterprise', scopes: ['ingest', 'read'] },
  );
  expect((await operator.accounts.findAccount('moved-off'))?.stream).toBe('priority');

  await store(apiOf({ api_key }), 'moved-off');
});

it('another tier changes nothing of what was stored before: its retention, and that it is found', async () => {
  const api = apiOf(await createAccountOn(twin, 'kept', 'standard'));
  const before = await store(api, 'kept');
  await setAccount(operator, 'kept', { tier: 'enterprise' });
  twin.clock.moveBy(2 * longestPrincipalAgeMs);
  for (let batch = 0; batch < 8; batch += 1)
    expect((await api.post('/v1/events', [{ type: 'tick', event_id: `after-${batch}` }])).status).toBe(202);
  await eventually(
    async () => (await api.get('/v1/accounts/kept/summary?window=24h')).json.total,
    (total) => total === 9,
    60_000,
  );

  const pages = await pagesOf(tenantOf('kept'));
  const daysOf = pages.map(({ events, ttl, receivedAtMs }) => [
    events[0]?.event_id,
    Math.floor((ttl * 1000 - receivedAtMs) / dayMs),
  ]);
  expect(daysOf.filter(([, days]) => days === 30)).toEqual([['kept-1', 30]]);
  expect(daysOf.filter(([, days]) => days === 90).length).toBeGreaterThan(0);
  expect(new Set(pages.map(({ slot }) => slot)).size).toBeGreaterThan(1);
  expect((await api.get(before)).json.status).toBe('stored');

  await setAccount(operator, 'kept', { tier: 'standard' });
  twin.clock.moveBy(longestPrincipalAgeMs);
  expect((await api.get('/v1/accounts/kept/summary?window=24h')).json.total).toBe(9);
}, 120_000);

it('a suspended account reads until its reads are refused too', async () => {
  const api = apiOf(await createAccountOn(twin, 'readable', 'standard'));
  const receipt = await store(api, 'readable');
  const statuses = async () => {
    twin.clock.moveBy(longestPrincipalAgeMs);
    return [(await api.post('/v1/events', [{ type: 'tick' }])).status, (await api.get(receipt)).status];
  };

  await changeStatus(operator, 'readable', 'suspended');
  expect(await statuses()).toEqual([403, 200]);
  await changeStatus(operator, 'readable', 'suspended', { reads: true });
  expect(await statuses()).toEqual([403, 403]);
  await changeStatus(operator, 'readable', 'active');
  expect(await statuses()).toEqual([202, 200]);
});

it('an account that is deleted and created again sees nothing old, and its late records are dropped', async () => {
  const first = await createAccountOn(twin, 'phoenix', 'standard');
  const old = apiOf(first);
  const receipt = await store(old, 'phoenix');

  await deleteAccount(operator, 'phoenix', true);
  twin.clock.moveBy(longestPrincipalAgeMs);
  expect((await old.get(receipt)).status).toBe(401);
  expect((await old.post('/v1/events', [{ type: 'tick' }])).status).toBe(401);

  const api = apiOf(await createAccountOn(twin, 'phoenix', 'standard'));
  expect((await api.get(receipt)).status).toBe(404);
  expect((await api.get('/v1/accounts/phoenix/summary?window=24h')).json.total).toBe(0);
  expect((await api.get('/v1/quarantine')).json.records).toBe(0);
  expect((await old.get(receipt)).status).toBe(401);

  twin.metrics.reset();
  const dropped = () => twin.metrics.series().find(({ name }) => name === metricNames.droppedRecords)?.sum;
  const late = sealed(events(3), {
    tenant: tenantOf('phoenix'),
    batchId: 'late',
    receivedAtMs: twin.clock.now(),
  });
  const stream = streamOf(twin);
  await stream.put(tenantOf('phoenix'), late);
  stream.end();
  await eventually(
    async () => dropped(),
    (sum) => sum === 1,
    60_000,
  );
  // The same event id is new to the new account.
  await store(api, 'phoenix');
  expect((await api.get('/v1/accounts/phoenix/summary?window=24h')).json).toMatchObject({
    total: 1,
    duplicates: 0,
  });
  expect((await pagesOf(tenantOf('phoenix'))).flatMap(({ events: own }) => own)).toHaveLength(1);
}, 120_000);

it('while the accounts table is away, records of deleted accounts do not hold the stream', async () => {
  const api = apiOf(await createAccountOn(twin, 'unheld', 'standard'));
  twin.clock.moveBy(longestPrincipalAgeMs);
  const receipt = (await api.post('/v1/events', [{ type: 'tick' }])).json.receipt;
  const away = twin.faults.inject({
    on: { caller: 'consume', service: 'dynamodb', text: 'generation#' },
    do: { kind: 'throttle' },
  });

  const second = (await api.post('/v1/events', [{ type: 'tick' }])).json.receipt;
  for (const one of [receipt, second])
    await eventually(
      async () => (await api.get(one)).json.status,
      (state) => state === 'stored',
      60_000,
    );
  expect(away.met()).toBeGreaterThan(0);
  away.remove();
}, 90_000);

it('all of a tier are suspended and resumed, and nobody else', async () => {
  const [shed, kept] = [
    apiOf(await createAccountOn(twin, 'shed', 'custom')),
    apiOf(await createAccountOn(twin, 'not-shed', 'standard')),
  ];
  // Only of this test: others on this twin send, too.
  const accounts = {
    ...operator.accounts,
    page: async () => {
      const found = await Promise.all(['shed', 'not-shed'].map((id) => operator.accounts.findAccount(id)));
      return { accounts: found.flatMap((account) => account ?? []) };
    },
    update: operator.accounts.update.bind(operator.accounts),
  } as Operator['accounts'];
  const done = await suspendTier(
    { ...operator, accounts },
    { tier: 'custom', reads: false, isSure: true },
    () => {},
  );
  twin.clock.moveBy(longestPrincipalAgeMs);

  expect(done).toMatchObject({ seen: 2, changed: 1 });
  expect((await shed.post('/v1/events', [{ type: 'tick' }])).status).toBe(403);
  expect((await kept.post('/v1/events', [{ type: 'tick' }])).status).toBe(202);
});
