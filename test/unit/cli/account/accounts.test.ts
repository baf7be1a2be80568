import { beforeEach, expect, it } from 'vitest';
import { auditEntry } from '../../../../domain/accounts/audit.ts';
import { minuteMs } from '../../../../domain/system/time.ts';
import { startOperator } from '../operator-fixture.ts';

let { accounts, weir, clock, operator } = startOperator();
beforeEach(async () => {
  ({ accounts, weir, clock, operator } = startOperator());
  await weir('account', 'create', '--account', 'acme', '--tier', 'enterprise');
});

const json = async (...argv: string[]) => {
  const { code, out, err } = await weir(...argv, '--json');
  expect(code, err).toBe(0);
  return JSON.parse(out);
};

it('show prints the settings, and no key', async () => {
  await weir('key', 'create', '--account', 'acme', '--environment', 'staging');

  expect(await json('account', 'show', '--account', 'acme')).toEqual({
    account_id: 'acme',
    created_at: '2026-11-21T10:25:00.000Z',
    status: 'active',
    suspension: null,
    tier: 'enterprise',
    stream: 'standard',
    priority_slots: [],
    requests_per_second: 500,
    events_per_minute: 2_000_000,
    events_per_day: 500_000_000,
    events_per_month: 15_000_000_000,
    summary_reads_per_minute: 1200,
    slots: 4,
    retention_days: 90,
    keep_rejected_days: 0,
    shed: 'last',
    limits: 'enforce',
    quotas: null,
    overrides: [],
    most_slots: 4,
    generation: 0,
    policy_name: null,
    signing: false,
    live_keys: 2,
    environments: ['production', 'staging'],
  });
  const { out } = await weir('account', 'show', '--account', 'acme');
  expect(out).toContain('tier          enterprise');
  expect(out).toMatch(/events_per_month +15,000,000,000 +tier$/m);
  expect(out).toMatch(/quotas +as the stage +stage$/m);
  expect(out).toMatch(/slots +4 +tier$/m);
  for (const line of out.split('\n')) expect(line.length).toBeLessThanOrEqual(80);
  expect(out).not.toContain((await accounts.findAccount('acme'))?.planKey);
});

it('list prints a page, and how to get the next one', async () => {
  for (const id of ['delta', 'beta', 'gamma']) await weir('account', 'create', '--account', id);

  const { out } = await weir('account', 'list', '--limit', '2');
  expect(out.split('\n').map((line) => line.split(' ')[0])).toEqual(['ACCOUNT', 'acme', 'beta', '', 'More:']);
  expect(out).toContain('npm run -s weir -- account list --limit 2 --after beta');
  for (const line of out.split('\n')) expect(line.length).toBeLessThanOrEqual(80);

  const page = await json('account', 'list', '--limit', '2', '--after', 'beta');
  expect(page.accounts.map(({ account_id }: { account_id: string }) => account_id)).toEqual([
    'delta',
    'gamma',
  ]);
  expect(page.next).toBeNull();
  expect((await weir('account', 'list', '--after', 'gamma')).out).toContain('There are no accounts');
});

it('suspend and resume change the status, are done once, and are in the audit log', async () => {
  const statusOf = async () => (await accounts.findAccount('acme'))?.status;

  expect(await json('account', 'suspend', '--account', 'acme')).toMatchObject({ changed: true });
  expect(await statusOf()).toBe('suspended');
  expect(await json('account', 'suspend', '--account', 'acme')).toMatchObject({ changed: false });
  clock.nowMs += minuteMs;
  expect(await json('account', 'resume', '--account', 'acme')).toMatchObject({ changed: true });
  expect(await statusOf()).toBe('active');
  expect((await weir('account', 'resume', '--account', 'acme')).out).toContain('is active already');

  const { entries } = await json('audit', '--account', 'acme', '--from', '30s');
  expect(entries).toEqual([
    {
      at: new Date(clock.nowMs).toISOString(),
      who: 'operator ada',
      from: 'host',
      what: 'account.resumed',
      environment: null,
      key_id: null,
      record: null,
      person: null,
      before: { status: 'suspended', reads: 'allowed' },
      after: { status: 'active' },
    },
  ]);
});

it('the audit log says who created what, without any secret', async () => {
  const created = await json('key', 'create', '--account', 'acme', '--scopes', 'read');
  clock.nowMs += minuteMs;

  const { out } = await weir('audit', '--account', 'acme');

  expect(out).toMatch(/2026-11-21T10:25:00\.000Z {2}account\.created {5}operator ada from host/);
  expect(out).toContain('  tier: none -> enterprise');
  expect(out).toContain(`key.created         operator ada from host\n  ${created.key_id}  production\n`);
  expect(out).toContain('  scopes: none -> read');
  expect(out).not.toContain('weir_');
  const after = await weir('audit', '--account', 'acme', '--from', '30s');
  expect(after.out).toBe('There is no entry in this time.');
});

it('entries of one change are listed in its order, and by who made it', async () => {
  const bob = { who: 'key 0123456789ab', from: '203.0.113.7' };
  const theirs = auditEntry({ actor: bob, random: operator.random }, clock.nowMs, {
    account: 'acme',
    what: 'quarantine.replay',
    after: {},
  });
  await accounts.auditLog.write([theirs]);
  for (let times = 0; times < 8; times += 1) {
    const { key_id } = await json('key', 'create', '--account', 'acme');
    await json('key', 'rotate', '--account', 'acme', '--key', key_id);
  }
  const whats = async (...who: string[]) =>
    (await json('audit', '--account', 'acme', ...who)).entries.map(({ what }: { what: string }) => what);

  const all = await whats('--who', 'ada');
  expect(all.length).toBe(2 + 8 * 3);
  // All have one time: only the order within a change is known.
  for (const [index, what] of all.entries())
    if (what === 'key.rotated') expect(all[index + 1]).toBe('key.created');
  expect(await whats('--who', 'operator ada')).toEqual(all);
  expect(await whats('--who', '0123456789ab')).toEqual(['quarantine.replay']);
  expect(await whats('--who', 'key ada')).toEqual([]);
});

it('of two operators at once one changes the status', async () => {
  const find = accounts.findAccount.bind(accounts);
  accounts.findAccount = async (id) => {
    const found = await find(id);
    if (found?.status === 'active') {
      accounts.findAccount = find;
      await weir('account', 'suspend', '--account', 'acme');
    }
    return found;
  };

  const { code, err } = await weir('account', 'suspend', '--account', 'acme');

  expect(code).toBe(1);
  expect(err).toContain('changed meanwhile');
});

it.each([
  [['account', 'show', '--account', 'nobody'], 1, 'There is no account "nobody".'],
  [['account', 'suspend', '--account', 'nobody'], 1, 'There is no account "nobody".'],
  [['account', 'resume', '--account', 'nobody'], 1, 'There is no account "nobody".'],
  [['account', 'list', '--limit', '0'], 2, 'from 1 to 1000'],
  [['account', 'list', '--limit', '1001'], 2, 'from 1 to 1000'],
  [['account', 'list', '--after', 'A#b'], 2, 'An account id is'],
  [['audit', '--account', 'nobody'], 1, 'There is no account "nobody".'],
  [['audit', '--account', 'acme', '--from', 'soon'], 2, '--from soon is not a time'],
  [['audit', '--account', 'acme', '--from', '1h', '--to', '2h'], 2, '--from has to be before --to'],
  [['audit'], 2, '--account is missing'],
])('weir %j exits with %i and says what is wrong', async (argv, code, message) => {
  const result = await weir(...argv);

  expect(result).toMatchObject({ code, out: '', err: expect.stringContaining(message) });
});
