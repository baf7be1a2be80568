// A stage with a priority stream: an account moves to it and back under load, and whoever is on it waits for nobody else.

import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { stale, unexplained } from '@weir/twin/enforcement';
import { afterAll, afterEach, beforeAll, expect, it } from 'vitest';
import { createAccount } from '../../cli/account/create.ts';
import { setAccount } from '../../cli/account/set.ts';
import type { Operator } from '../../cli/operator.ts';
import { runCli } from '../../cli/run.ts';
import { longestPrincipalAgeMs } from '../../domain/accounts/accounts.ts';
import type { TierName } from '../../domain/accounts/tiers.ts';
import { mapBounded } from '../../domain/system/bounded.ts';
import { dayMs, hourMs } from '../../domain/system/time.ts';
import { synthesize } from '../../local/synthesize.ts';
import { unusedGrants } from '../../local/unused-grants.ts';
import { type RunningWeir, startWeir } from '../../local/weir.ts';
import { operatorOf } from '../support/accounts.ts';
import { createApi } from '../support/api.ts';
import { eventually } from '../support/eventually.ts';
import { hurried } from '../support/hurried.ts';
import { removeTwinFolder } from '../support/logs.ts';
import { startLoad } from '../support/watched-load.ts';

/** Which has one. */
const stage = 'emulator';
const folder = mkdtempSync(join(tmpdir(), 'weir-streams-'));
const project = join(import.meta.dirname, '..', '..');

let twin: RunningWeir;
let operator: Operator;
beforeAll(async () => {
  const assembly = await synthesize({ project, stage, folder: join(project, '.weir', 'assembly') });
  twin = await startWeir({ ...hurried, folder, stage, assembly });
  operator = { ...(await operatorOf(twin, stage)), clock: twin.clock };
}, 180_000);
afterEach(() => twin.faults.clear());
afterAll(async () => {
  await twin.stop();
  removeTwinFolder(folder);
});

async function createOn(account_id: string, tier: TierName) {
  const { api_key } = await createAccount(operator, {
    ...{ account_id, tier, environment: 'production' },
    scopes: ['ingest', 'read'],
  });
  const api = createApi(twin.url, api_key);
  return {
    api_key,
    api,
    total: async (window = '24h') =>
      (await api.get(`/v1/accounts/${account_id}/summary?window=${window}`)).json.total,
  };
}

/** The partition keys of an account's records, on each stream by its name. */
async function keysOf(account: string): Promise<Readonly<Record<string, readonly string[]>>> {
  const { streams } = await operator.records();
  const found: Record<string, string[]> = {};
  for (const stream of streams) {
    const { arn } = await stream.describe();
    const keys = new Set<string>();
    for (const shardId of await stream.shardIds())
      for await (const records of stream.read(shardId, 0, twin.clock.now() + 1))
        for (const { partitionKey } of records)
          if (partitionKey.startsWith(`${account}#`)) keys.add(partitionKey);
    const [, name = arn] = /-(PriorityEvents|LateEvents|Events)Stream/.exec(arn) ?? [];
    found[name] = [...keys].toSorted();
  }
  return found;
}

it('an account moves under load, nothing is refused or lost, and no lane is on two streams', async () => {
  const { api_key, api, total } = await createOn('moving', 'standard');
  let sent = 0;
  const receipts: string[] = [];
  const send = async () => {
    sent += 1;
    // Now and then an event that is late, too.
    const late = sent % 10 === 0 ? [{ type: 'late', timestamp: twin.clock.now() - 2 * dayMs }] : [];
    const { status, json } = await api.post('/v1/events', [{ type: 'tick' }, ...late]);
    receipts.push(json.receipt);
    return status;
  };
  const load = startLoad(twin, send, api_key);
  await load.goOn();

  for (const stream of ['priority', 'standard', 'priority'] as const) {
    const limits = stream === 'priority' ? { slots: 2 } : {};
    await setAccount(operator, 'moving', { stream, limits });
    for (const durationMs of [0, longestPrincipalAgeMs, longestPrincipalAgeMs]) {
      await load.moveTimeBy(durationMs);
      await load.goOn();
    }
  }
  const statuses = await load.end();

  expect(statuses).toEqual(statuses.map(() => 202));
  const late = Math.floor(sent / 10);
  await eventually(
    () => total('30d'),
    (seen) => seen === sent + late,
    60_000,
  );
  expect(await total()).toBe(sent);
  const states = await mapBounded(receipts, 8, async (receipt) => (await api.get(receipt)).json.status);
  expect(states).toEqual(receipts.map(() => 'stored'));
  const key = (slot: number, lane = '') => `moving#production#0#${slot}${lane}`;
  expect(await keysOf('moving')).toEqual({
    Events: [key(0), key(3)],
    PriorityEvents: [key(1), key(2)],
    LateEvents: [0, 1, 2, 3].map((slot) => key(slot, '#late')),
  });
}, 180_000);

it('a backlog of the standard stream delays nobody on the other', async () => {
  const standard = await createOn('flooding', 'standard');
  const enterprise = await createOn('priority', 'enterprise');
  const hold = twin.faults.inject({ on: { caller: 'consume' }, do: { kind: 'stop' } });
  const batch = Array.from({ length: 500 }, () => ({ type: 'flood' }));
  const post = async ({ api }: typeof standard, events: readonly object[]) => {
    // On a loaded machine, authorize may not have read the new key in time.
    const { json } = await eventually(
      () => api.post('/v1/events', events),
      ({ status }) => status === 202,
    );
    return json.receipt as string;
  };
  const statusOf = async ({ api }: typeof standard, receipt: string) => (await api.get(receipt)).json.status;

  const flood = await Promise.all(Array.from({ length: 20 }, () => post(standard, batch)));
  for (let sent = 1; sent <= 3; sent += 1) {
    const receipt = await post(enterprise, [{ type: 'tick' }]);
    await eventually(
      () => statusOf(enterprise, receipt),
      (status) => status === 'stored',
    );
    expect(await enterprise.total()).toBe(sent);
  }
  for (const receipt of flood) expect(await statusOf(standard, receipt)).toBe('pending');

  hold.remove();
  await eventually(standard.total, (seen) => seen === 20 * 500, 60_000);
}, 180_000);

it('no function is denied anything, and that of the stream uses what it may do to it', () => {
  const grants = twin.grants();

  expect(Object.values(grants).flatMap(({ denied }) => denied)).toEqual([]);
  const ofPriority = stale(
    grants,
    unusedGrants.filter(({ of }) => of === 'consume-priority'),
  );
  expect(ofPriority).toEqual([]);
  const onStream = (line: string) => line.startsWith('consume-priority ') && line.includes('stream/');
  expect(unexplained(grants).filter(onStream)).toEqual([]);
});

it('a replay of the stream reads all three', async () => {
  let out = '';
  const streams = { out: (text: string) => (out += text), err: () => {} };
  const from = new Date(twin.clock.now() - hourMs).toISOString();
  const argv = [
    'replay',
    '--from',
    from,
    '--dry-run',
    '--json',
    '--endpoint',
    twin.proxyUrl,
    '--stage',
    stage,
  ];

  expect(await runCli(argv, streams as never)).toBe(0);
  expect(JSON.parse(out)).toMatchObject({ shards: 3 });
});
