// Accounts that outgrow their slots: report raises them, or advises to, and verbs show who it is.

import { expect } from 'vitest';
import type { Operator } from '../../../cli/operator.ts';
import { runCli } from '../../../cli/run.ts';
import { longestPrincipalAgeMs, settingsOf, slotsAt } from '../../../domain/accounts/accounts.ts';
import { slotKey } from '../../../domain/keys.ts';
import type { RunningWeir } from '../../../local/weir.ts';
import { readTables } from '../../storm/tables.ts';
import { createAccountOn, operatorOf } from '../../support/accounts.ts';
import { createApi } from '../../support/api.ts';
import { eventually } from '../../support/eventually.ts';
import { it } from '../../support/shared-weir.ts';
import { receiveMuch } from '../../support/whales.ts';

let twin: RunningWeir;
let operator: Operator;
it.beforeAll(async ({ weir }) => {
  twin = weir.twin;
  operator = { ...(await operatorOf(twin)), clock: twin.clock };
});

const tenantOf = (account: string) => ({ account, environment: 'production', generation: 0 });
const found = async (id: string) =>
  (await operator.accounts.findAccount(id)) ?? expect.fail('There is no account.');

async function weir(...words: string[]) {
  let [out, err] = ['', ''];
  const streams = { out: (text: string) => (out += text), err: (text: string) => (err += text) };
  expect(await runCli([...words, '--json'], streams, async () => operator), err).toBe(0);
  return JSON.parse(out);
}

it('a whale gets more slots by itself, its batches spread over them, and its summary has all of them', async () => {
  const { api_key } = await createAccountOn(twin, 'whale', 'standard');
  const api = createApi(twin.url, api_key);
  const send = async () => (await api.post('/v1/events', [{ type: 'tick' }])).status;
  expect(await send()).toBe(202);
  await receiveMuch(twin, tenantOf('whale'), 2.5);

  await eventually(
    async () => {
      await twin.invoke('report', {});
      return settingsOf(await found('whale')).slots;
    },
    (slots) => slots === 2,
    60_000,
  );

  const entries = await operator.auditLog.list('whale', { fromMs: 0, toMs: twin.clock.now() + 1 });
  expect(entries.at(-1)).toMatchObject({
    ...{ who: 'advisor', from: 'report', what: 'account.changed' },
    ...{ before: { slots: 1 }, after: { slots: 2 } },
  });
  // Accounts of other flows may be busy, too.
  const { accounts } = await weir('top', '--limit', '50');
  expect(accounts).toContainEqual(expect.objectContaining({ account_id: 'whale', slots: 2 }));
  await eventually(
    async () => twin.events().map(({ event }) => event.detail as Record<string, unknown>),
    (details) => details.some(({ who, account_id }) => who === 'advisor' && account_id === 'whale'),
  );
  // In force once all readers know of it.
  twin.clock.moveBy(3 * longestPrincipalAgeMs);
  expect(slotsAt(await found('whale'), twin.clock.now()).slots).toEqual([0, 1]);
  for (let batch = 0; batch < 12; batch += 1) expect(await send()).toBe(202);
  await eventually(
    async () => (await api.get('/v1/accounts/whale/summary?window=24h')).json.total,
    (total) => total === 13,
    60_000,
  );
  const owner = slotKey(tenantOf('whale'), 0).slice(0, -2);
  const pages = (await readTables(twin)).pages.filter((page) => page.owner === owner);
  expect(new Set(pages.map(({ slot }) => slot))).toEqual(new Set(['0', '1']));
}, 120_000);

it('an account that keeps the order of its events is only advised, and a person decides', async () => {
  await createAccountOn(twin, 'orderly', 'custom');
  await receiveMuch(twin, tenantOf('orderly'), 1.5);

  const advised = await eventually(
    async () => {
      await twin.invoke('report', {});
      const { advice } = await weir('advise');
      return advice.find(({ account_id }: { account_id: string }) => account_id === 'orderly');
    },
    (advice) => advice !== undefined,
    60_000,
  );

  expect(advised).toMatchObject({
    ...{ environment: 'production', slots: 1, advised_slots: 2, needs_slots: 2 },
    ...{ because: { filled_by: 'events' }, raised: 'by you', keeps_order: true },
  });
  expect(settingsOf(await found('orderly')).slots).toBe(1);
  const words = advised.command.slice(advised.command.indexOf('account set')).split(' ');
  await weir(...words);
  expect(settingsOf(await found('orderly')).slots).toBe(2);
  expect((await weir('advise')).advice).not.toContainEqual(
    expect.objectContaining({ account_id: 'orderly' }),
  );
}, 120_000);
