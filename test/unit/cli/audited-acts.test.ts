// Which acts of operators the audit log has, beside the changes of accounts and keys.

import { writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { beforeEach, describe, expect, it } from 'vitest';
import { policyName } from '../../../domain/personal-data/policy-name.ts';
import { startOperator } from './operator-fixture.ts';
import { acme, headerOf, seal } from './records-fixture.ts';

let { accounts, weir, records, clock, operator } = startOperator();
beforeEach(async () => {
  ({ accounts, weir, records, clock, operator } = startOperator());
  await weir('account', 'create', '--account', 'acme');
  await weir('account', 'create', '--account', 'beta');
  clock.nowMs += 1000;
});
const entriesOf = (account = 'acme') =>
  accounts.auditLog.list(account, { fromMs: clock.nowMs, toMs: clock.nowMs + 1 });
const by = { who: 'operator ada', from: 'host' };
/** The table does not take the entry. */
const away = () => {
  accounts.auditLog.write = async () => {
    throw new Error('away');
  };
};

const policy = { fields: [{ name: 'password', action: 'refuse' as const }] };
const file = join(tmpdir(), `weir-audited-${process.pid}.json`);
writeFileSync(file, JSON.stringify(policy));

describe('a policy', () => {
  it('is set and cleared, each with what was in force before', async () => {
    const name = policyName(policy);
    await weir('account', 'policy', 'set', '--account', 'acme', '--file', file);
    expect(await entriesOf()).toEqual([
      expect.objectContaining({ ...by, what: 'policy.set', before: {}, after: { policy_name: name } }),
    ]);

    clock.nowMs += 1000;
    await weir('account', 'policy', 'clear', '--account', 'acme');
    expect(await entriesOf()).toEqual([
      expect.objectContaining({ what: 'policy.cleared', before: { policy_name: name }, after: {} }),
    ]);
  });

  it('that another operator has replaced meanwhile is not changed, and nothing is entered', async () => {
    accounts.change('acme', { policy: 'first' }, []);
    const find = accounts.findAccount.bind(accounts);
    accounts.findAccount = async (id) => {
      const found = await find(id);
      accounts.findAccount = find;
      accounts.change('acme', { policy: 'another' }, []);
      return found;
    };

    const { code, err } = await weir('account', 'policy', 'clear', '--account', 'acme');

    expect(code).toBe(1);
    expect(err).toContain('changed meanwhile');
    expect((await find('acme'))?.policy).toBe('another');
    expect(await entriesOf()).toEqual([]);
  });
});

it('signing secrets are added, required and removed, by their ids', async () => {
  const signing = (...argv: string[]) => weir('account', 'signing', ...argv, '--account', 'acme', '--json');
  const { secret_id, signing_secret } = JSON.parse((await signing('add', '--required', 'no')).out);
  clock.nowMs += 1000;
  await signing('require');
  clock.nowMs += 1000;
  await signing('remove', '--secret', secret_id);

  const entries = await accounts.auditLog.list('acme', { fromMs: clock.nowMs - 2000, toMs: clock.nowMs + 1 });
  const [none, optional, required] = [
    { required: false, secret_ids: [] },
    { required: false, secret_ids: [secret_id] },
    { required: true, secret_ids: [secret_id] },
  ];
  expect(entries).toEqual([
    expect.objectContaining({ ...by, what: 'signing.added', before: none, after: optional }),
    expect.objectContaining({ what: 'signing.required', before: optional, after: required }),
    expect.objectContaining({ what: 'signing.removed', before: required, after: none }),
  ]);
  expect(JSON.stringify(entries)).not.toContain(signing_secret);
});

it.each(['replay', 'discard'] as const)(
  'quarantine %s of each record, before it is asked for',
  async (action) => {
    const record = await records.quarantine('one');
    const argv = ['quarantine', action, '--account', 'acme', ...(action === 'discard' ? ['--yes'] : [])];
    const preview = await weir(...argv, '--dry-run');
    expect(preview.code).toBe(0);
    expect(await entriesOf()).toEqual([]);

    const { code } = await weir(...argv);

    expect(code).toBe(0);
    expect(await entriesOf()).toEqual([
      expect.objectContaining({
        ...by,
        what: `quarantine.${action}`,
        environment: 'production',
        record,
        after: { events: 2 },
      }),
    ]);
  },
);

it('what cannot be entered is not asked for', async () => {
  await records.quarantine('one');
  away();

  expect(await weir('quarantine', 'replay', '--account', 'acme')).toMatchObject({
    code: 1,
    out: expect.stringMatching(/not_tried +1 /),
  });
  expect(records.requests).toEqual([]);
});

it('quarantine show, with what of the record was read', async () => {
  const record = await records.quarantine('one');
  const show = (...argv: string[]) =>
    weir('quarantine', 'show', '--account', 'acme', '--record', record, ...argv);
  await show();
  clock.nowMs += 1000;
  await show('--events');

  const entries = await accounts.auditLog.list('acme', { fromMs: clock.nowMs - 1000, toMs: clock.nowMs + 1 });
  const act = { ...by, what: 'data.read', environment: 'production', record };
  expect(entries).toEqual([
    expect.objectContaining({ ...act, after: { read: ['event_ids'] } }),
    expect.objectContaining({ ...act, after: { read: ['event_ids', 'events'] } }),
  ]);
});

it('nothing is shown of a record that the audit log could not take', async () => {
  const record = await records.quarantine('one');
  away();

  const { code, out } = await weir('quarantine', 'show', '--account', 'acme', '--record', record);

  expect({ code, out }).toEqual({ code: 1, out: '' });
});

describe('a replay of the stream', () => {
  const replay = (...argv: string[]) => weir('replay', '--from', '2h', ...argv);

  it('is entered once for each account of which records are handed over', async () => {
    for (const name of ['a', 'b']) records.arrive(seal(headerOf(name)));
    records.arrive(seal(headerOf('c')), { shardId: 'shard-1' });
    expect((await replay('--dry-run')).code).toBe(0);
    expect(await entriesOf()).toEqual([]);

    await replay();

    expect(await entriesOf()).toEqual([
      expect.objectContaining({
        ...by,
        what: 'stream.replay',
        environment: acme.environment,
        after: { from: '2026-11-21T08:25:01.000Z', to: '2026-11-21T10:25:01.000Z' },
      }),
    ]);
    expect(await entriesOf('beta')).toEqual([]);
  });

  it('is not entered where there is nothing to do, and hands over nothing that cannot be entered', async () => {
    await records.count(headerOf('before'));
    records.arrive(seal(headerOf('before')));
    await replay();
    expect(await entriesOf()).toEqual([]);

    records.arrive(seal(headerOf('lost')));
    away();
    expect((await replay()).code).toBe(1);
    expect(records.handed).toEqual([]);
    expect(operator.actor).toEqual(by);
  });
});
