import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeEach, describe, expect, it } from 'vitest';
import { createAccount } from '../../../../cli/account/create.ts';
import { deleteAccount } from '../../../../cli/account/delete.ts';
import { setAccount } from '../../../../cli/account/set.ts';
import type { Operator } from '../../../../cli/operator.ts';
import { planKeyAt, planKeyTiedAfterMs, settingsOf } from '../../../../domain/accounts/accounts.ts';
import { hourMs, minuteMs } from '../../../../domain/system/time.ts';
import { Killed, killedAt } from '../killed-operator.ts';
import { startOperator } from '../operator-fixture.ts';

let { accounts, planKeys, weir, clock, operator } = startOperator();
beforeEach(async () => {
  ({ accounts, planKeys, weir, clock, operator } = startOperator());
  await weir('account', 'create', '--account', 'acme');
});

const json = async (...argv: string[]) => {
  const { code, out, err } = await weir(...argv, '--json');
  expect(code, err).toBe(0);
  return JSON.parse(out);
};
const set = (...argv: string[]) => json('account', 'set', '--account', 'acme', ...argv);
const found = async () => {
  const account = await accounts.findAccount('acme');
  if (!account) throw new Error('There is no account.');
  return account;
};
const keysOf = (name = 'weir-dev-acme') => planKeys.stored(name).map(({ value, plan }) => [value, plan]);

it('another tier is in force with what is of the account, and is in the audit log', async () => {
  await set('--retention-days', '60', '--events-per-day', '1000');
  clock.nowMs += minuteMs;

  const changed = await set('--tier', 'enterprise');

  expect(changed).toMatchObject({
    changed: true,
    before: { tier: 'standard', requests_per_second: 50, slots: 1, retention_days: 60 },
    after: {
      tier: 'enterprise',
      requests_per_second: 500,
      slots: 4,
      retention_days: 60,
      events_per_day: 1000,
    },
  });
  expect(await found()).toMatchObject({
    tier: 'enterprise',
    overrides: { retentionDays: 60, eventsPerDay: 1000 },
    mostSlots: 4,
  });
  const { entries } = await json('audit', '--account', 'acme', '--from', '30s');
  expect(entries).toHaveLength(1);
  expect(entries[0]).toMatchObject({
    what: 'account.changed',
    who: 'operator ada',
    before: { tier: 'standard', slots: 1, overrides: ['events_per_day', 'retention_days'] },
    after: { tier: 'enterprise', slots: 4, overrides: ['events_per_day', 'retention_days'] },
  });
});

it('what is cleared is that of the tier again, and the others stay', async () => {
  await set('--requests-per-second', '250', '--slots', '3', '--events-per-month', '77');

  const { after } = await set('--clear', 'requests-per-second,slots');

  expect(after).toMatchObject({ requests_per_second: 50, slots: 1, events_per_month: 77, most_slots: 3 });
  expect(after.overrides).toEqual(['events_per_month']);
});

it('limits are observed, quotas are soft, until that is cleared', async () => {
  const { before, after } = await set('--limits', 'observe', '--quotas', 'soft');

  expect(before).toMatchObject({ limits: 'enforce', quotas: null });
  expect(after).toMatchObject({ limits: 'observe', quotas: 'soft', overrides: ['limits', 'quotas'] });
  expect(await found()).toMatchObject({ limitsMode: 'observe', quotaMode: 'soft' });
  await set('--slots', '2');
  expect(await found()).toMatchObject({ limitsMode: 'observe', quotaMode: 'soft' });

  const cleared = await set('--clear', 'limits,quotas');
  expect(cleared.after).toMatchObject({ limits: 'enforce', quotas: null, overrides: ['slots'] });
  const { entries } = await json('audit', '--account', 'acme', '--from', '30s');
  expect(entries.at(-1).before).toMatchObject({ limits: 'observe', quotas: 'soft' });
});

it('the same again changes nothing, and says so', async () => {
  await set('--slots', '2');

  const { code, out } = await weir('account', 'set', '--account', 'acme', '--slots', '2');

  expect({ code, out }).toEqual({ code: 0, out: 'The account acme has these settings already.' });
  expect(await json('audit', '--account', 'acme')).toMatchObject({ entries: { length: 3 } });
});

it('prints what changes, before and after, on 80 columns', async () => {
  const { out } = await weir('account', 'set', '--account', 'acme', '--tier', 'custom', '--slots', '2');

  expect(out).toMatch(/SETTING +BEFORE +AFTER/);
  expect(out).toMatch(/requests_per_second +50 +1,000/);
  expect(out).toMatch(/slots +1 +2 \(own\)/);
  expect(out).toContain('The request rate is in force from 2026-11-21 10:35 UTC on');
  const [rows = ''] = out.split('\nIn force');
  for (const line of rows.split('\n')) expect(line.length).toBeLessThanOrEqual(80);
});

it('a shorter retention hides events at once, says so, and is remembered once it is raised', async () => {
  await set('--retention-days', '60');
  const lower = await weir('account', 'set', '--account', 'acme', '--retention-days', '40');
  const raise = await weir('account', 'set', '--account', 'acme', '--retention-days', '50');

  expect(lower.out).toContain('Events of more than 40 days ago are hidden from then on');
  expect(raise.out).not.toContain('hidden');
  expect((await found()).formerRetentions?.map(({ value }) => value)).toEqual([30, 40]);
});

describe('another request rate', () => {
  it('is a new key on another plan. The one of before is used until AWS has tied the new one, and then removed', async () => {
    const before = await found();
    await set('--requests-per-second', '500');
    const after = await found();

    expect(keysOf()).toEqual([
      [before.planKey, 'output:UsagePlanRate50'],
      [after.planKey, 'output:UsagePlanRate500'],
    ]);
    expect(planKeyAt(after, clock.nowMs)).toBe(before.planKey);
    expect(planKeyAt(after, clock.nowMs + planKeyTiedAfterMs)).toBe(after.planKey);
    await set();
    expect(keysOf()).toHaveLength(2);
    clock.nowMs += hourMs;
    await set();
    expect(keysOf()).toEqual([[after.planKey, 'output:UsagePlanRate500']]);
  });

  it('changed back at once keeps the key that is used, and leaves no other behind', async () => {
    const before = await found();
    await set('--requests-per-second', '500');
    await set('--clear', 'requests-per-second');
    const after = await found();

    expect(planKeyAt(after, clock.nowMs)).toBe(before.planKey);
    expect(keysOf()).toEqual([
      [before.planKey, 'output:UsagePlanRate50'],
      [after.planKey, 'output:UsagePlanRate50'],
    ]);
  });

  it('is no new key where the plan is the same', async () => {
    const { planKey } = await found();
    await set('--slots', '2', '--events-per-minute', '600');

    expect((await found()).planKey).toBe(planKey);
    expect(keysOf()).toHaveLength(1);
  });
});

it('of two operators at once one changes the settings', async () => {
  const find = accounts.findAccount.bind(accounts);
  accounts.findAccount = async (id) => {
    const account = await find(id);
    accounts.findAccount = find;
    await weir('account', 'set', '--account', 'acme', '--tier', 'enterprise');
    return account;
  };

  const { code, err } = await weir('account', 'set', '--account', 'acme', '--slots', '3');

  expect(code).toBe(1);
  expect(err).toContain('changed meanwhile');
  expect(await found()).toMatchObject({ tier: 'enterprise', overrides: {} });
});

it('a policy that is set meanwhile stays', async () => {
  const update = accounts.update.bind(accounts);
  accounts.update = async (...args) => {
    accounts.change('acme', { policy: 'strict' }, []);
    return update(...args);
  };

  await set('--slots', '3');

  expect(await found()).toMatchObject({ policy: 'strict', overrides: { slots: 3 } });
});

describe('a run that is killed at any call is finished by running it again', () => {
  type Run = (operator: Operator) => Promise<unknown>;
  const create: Run = (by) =>
    createAccount(by, { account_id: 'new', environment: 'production', tier: 'standard', scopes: ['read'] });
  const change: Run = (by) => setAccount(by, 'acme', { tier: 'enterprise' });
  const remove: Run = (by) => deleteAccount(by, 'acme', true);

  async function killAtEachCall(run: Run, check: () => Promise<void>) {
    for (const moment of ['before', 'after'] as const) {
      for (let call = 1; ; call += 1) {
        ({ accounts, planKeys, weir, clock, operator } = startOperator());
        await weir('account', 'create', '--account', 'acme');
        const { killed, wasKilled } = killedAt(operator, call, moment);
        const error = await run(killed).catch((reason) => reason);
        if (!wasKilled()) break;
        expect(error).toBeInstanceOf(Killed);
        await check();
        expect(call).toBeLessThan(50);
      }
    }
  }

  it('create', () =>
    killAtEachCall(create, async () => {
      const isThere = (await accounts.findAccount('new')) !== undefined;
      const again = await create(operator).catch((error) => error);
      expect(again instanceof Error).toBe(isThere);
      // The way out that the error names.
      await weir('account', 'set', '--account', 'new');
      const account = await accounts.findAccount('new');
      expect(keysOf('weir-dev-new')).toEqual([[account?.planKey, 'output:UsagePlanRate50']]);
      expect((await weir('key', 'create', '--account', 'new')).code).toBe(0);
    }));

  it('set', () =>
    killAtEachCall(change, async () => {
      await change(operator);
      const account = await found();
      expect(account).toMatchObject({ tier: 'enterprise', mostSlots: 4 });
      const [former, own, ...others] = keysOf();
      expect(former).toEqual([planKeyAt(account, clock.nowMs), 'output:UsagePlanRate50']);
      expect(own).toEqual([account.planKey, 'output:UsagePlanRate500']);
      expect(others).toEqual([]);
    }));

  it('delete', () =>
    killAtEachCall(remove, async () => {
      await remove(operator);
      expect(await accounts.findAccount('acme')).toBeUndefined();
      expect(await accounts.generationOf('acme')).toBe(1);
      expect(keysOf()).toEqual([]);
    }));
});

it.each([
  [['--slots', '0'], 'It is a whole number from 1 to 8.'],
  [['--slots', '9'], 'It is a whole number from 1 to 8.'],
  [['--slots', 'many'], 'It is a whole number from 1 to 8.'],
  [['--slots', '1.5'], 'It is a whole number from 1 to 8.'],
  [['--requests-per-second', '75'], 'It is one of 10, 50, 100'],
  [['--retention-days', '365'], 'It is a whole number from 30 to 90.'],
  [['--events-per-minute', '-1'], 'It is a whole number from 60 to 1000000000000.'],
  [['--tier', 'gold'], 'Allowed choices are standard, enterprise, custom'],
  [['--limits', 'off'], 'Allowed choices are enforce, observe'],
  [['--quotas', 'off'], 'Allowed choices are hard, soft, observe'],
  [['--limits', 'observe', '--clear', 'limits'], '--limits is set and cleared at once'],
  [['--clear', 'speed'], 'Choose from requests-per-second, events-per-minute'],
  [['--slots', '2', '--clear', 'slots'], 'is set and cleared at once'],
])('set with %j exits with 2, says what would be right, and changes nothing', async (argv, message) => {
  const before = await found();
  const result = await weir('account', 'set', '--account', 'acme', ...argv);

  expect(result).toMatchObject({ code: 2, out: '', err: expect.stringContaining(message) });
  expect(await found()).toEqual(before);
});

it('set of an account that is not there exits with 1', async () => {
  const result = await weir('account', 'set', '--account', 'nobody', '--slots', '2');

  expect(result).toMatchObject({ code: 1, err: expect.stringContaining('There is no account "nobody".') });
});

describe('the commands of the runbook of shedding', () => {
  const page = readFileSync(
    join(import.meta.dirname, '..', '..', '..', '..', 'docs', 'runbooks', 'shedding.md'),
    'utf8',
  );
  const [there = [], back = []] = [
    ...page.replaceAll(/\\\n\s+/g, '').matchAll(/(?:^ *|`)weir (account set [^`\n]*)/gm),
  ].map(([, command = '']) => command.replace('ACCOUNT', 'acme').split(' '));
  const settings = async () => {
    const { shed, ...limits } = settingsOf(await found());
    return { shed, limits };
  };

  it('change when an account is shed, and none of its limits; and back', async () => {
    const before = await found();
    const { limits } = await settings();

    await json(...there);
    expect(await settings()).toEqual({ shed: 'last', limits });
    expect(planKeyAt(await found(), clock.nowMs)).toBe(before.planKey);

    await json(...back);
    expect(await found()).toEqual(before);
  });

  it('leave what the account has of its own, without its options', async () => {
    await set('--events-per-minute', '90000', '--slots', '2');
    const before = await found();
    const { limits } = await settings();

    await json(
      ...there.join(' ').replace('--events-per-minute 60000', '').replace('--slots 1', '').split(/ +/),
    );
    expect(await settings()).toEqual({ shed: 'last', limits });

    await json(...back.join(' ').replace('events-per-minute,', '').replace('slots,', '').split(' '));
    expect(await found()).toEqual(before);
  });
});
