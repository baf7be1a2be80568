import { beforeEach, describe, expect, it, vi } from 'vitest';
import { mostMembers } from '../../../../domain/accounts/change-members.ts';
import { iso } from '../../../../domain/system/time.ts';
import { startOperator } from '../operator-fixture.ts';

let { accounts, weir, clock } = startOperator();
beforeEach(async () => {
  ({ accounts, weir, clock } = startOperator());
  await weir('account', 'create', '--account', 'acme');
});

const json = async (...argv: string[]) => {
  const { code, out, err } = await weir(...argv, '--json');
  expect(code, err).toBe(0);
  return JSON.parse(out);
};
const person = 'ada@example.com';
const add = (role: string) => ['member', 'add', '--account', 'acme', '--person', person, '--role', role];
const remove = ['member', 'remove', '--account', 'acme', '--person', person];
const audited = async () =>
  (await json('audit', '--account', 'acme')).entries
    .filter(({ what }: { what: string }) => what.startsWith('member.'))
    .map((entry: Record<string, unknown>) => [
      entry.what,
      entry.person,
      entry.who,
      entry.before,
      entry.after,
    ]);

describe('add', () => {
  it('makes a person a member, who is listed', async () => {
    const added = await json(...add('analyst'));

    const member = { person, role: 'analyst', added_at: iso(clock.nowMs), added_by: 'operator ada' };
    expect(added).toEqual({ account_id: 'acme', member, outcome: 'added' });
    expect(await json('member', 'list', '--account', 'acme')).toEqual({
      account_id: 'acme',
      members: [member],
    });
    expect(await audited()).toEqual([['member.added', person, 'operator ada', null, { role: 'analyst' }]]);
  });

  it('again, after an interruption, changes nothing and says so', async () => {
    await weir(...add('analyst'));

    const { code, out } = await weir(...add('analyst'));

    expect([code, out]).toEqual([0, `${person} is analyst of acme already.`]);
    expect((await json(...add('analyst'))).outcome).toBe('unchanged');
    expect(await audited()).toHaveLength(1);
  });

  it('with another role changes it, and keeps who added the member', async () => {
    await weir(...add('analyst'));
    clock.nowMs += 60_000;

    const { outcome, member } = await json(...add('owner'));

    expect(outcome).toBe('changed');
    expect(member).toMatchObject({ role: 'owner', added_at: iso(clock.nowMs - 60_000) });
    expect((await audited()).at(-1)).toEqual([
      'member.changed',
      person,
      'operator ada',
      { role: 'analyst' },
      { role: 'owner' },
    ]);
  });

  it('says when it is in force', async () => {
    expect((await weir(...add('viewer'))).out).toContain('in force after 30 seconds at the latest');
  });

  it.each([
    [['--account', 'nobody', '--person', person, '--role', 'viewer'], 1, 'There is no account "nobody"'],
    [['--account', 'acme', '--person', 'a b', '--role', 'viewer'], 2, '"a b" names no person'],
    [['--account', 'acme', '--person', 'a#b', '--role', 'viewer'], 2, '"a#b" names no person'],
    [
      ['--account', 'acme', '--person', 'Ada@Example.com', '--role', 'viewer'],
      2,
      'next: Write ada@example.com.',
    ],
    [
      ['--account', 'acme', '--person', person, '--role', 'root'],
      2,
      'Allowed choices are viewer, analyst, owner',
    ],
    [['--account', 'acme', '--person', person], 2, '--role is missing'],
    [['--account', 'acme', '--role', 'viewer'], 2, '--person is missing'],
  ])('with %j is refused, and nothing is changed', async (options, exitCode, complaint) => {
    const { code, err } = await weir('member', 'add', ...options);

    expect(code).toBe(exitCode);
    expect(err).toContain(complaint);
    expect((await json('member', 'list', '--account', 'acme')).members).toEqual([]);
  });

  it('of more than there may be names the list', async () => {
    vi.spyOn(accounts.members, 'list').mockResolvedValue(Array(mostMembers));

    const { code, err } = await weir(...add('viewer'));

    expect(code).toBe(1);
    expect(err).toContain('has 1000 members, the most there can be');
    expect(err).toContain('npm run -s weir -- member list --account acme');
  });

  it('and remove tell of a change that came between', async () => {
    await weir(...add('viewer'));
    vi.spyOn(accounts.members, 'change').mockResolvedValue(false);
    vi.spyOn(accounts.members, 'remove').mockResolvedValue(false);

    for (const argv of [add('owner'), remove]) {
      const { code, err } = await weir(...argv);
      expect(code).toBe(1);
      expect(err).toContain('changed meanwhile. Nothing was changed by this command.');
    }
  });
});

describe('list', () => {
  it('prints a line for each member', async () => {
    await weir(...add('owner'));

    const { out } = await weir('member', 'list', '--account', 'acme');

    expect(out.split('\n')).toEqual(['ROLE   ADDED       PERSON', `owner  2026-11-21  ${person}`]);
  });

  it('says that there is none', async () => {
    expect((await weir('member', 'list', '--account', 'acme')).out).toBe('The account acme has no members.');
    expect((await weir('member', 'list', '--account', 'nobody')).code).toBe(1);
  });
});

describe('remove', () => {
  it('ends a membership, which the audit log shows', async () => {
    await weir(...add('owner'));
    clock.nowMs += 1000;

    expect(await json(...remove)).toEqual({ account_id: 'acme', person, changed: true });

    expect((await json('member', 'list', '--account', 'acme')).members).toEqual([]);
    expect((await audited()).at(-1)).toEqual([
      'member.removed',
      person,
      'operator ada',
      { role: 'owner' },
      {},
    ]);
    const { out } = await weir('audit', '--account', 'acme');
    expect(out).toContain(`member.removed      operator ada from host\n  ${person}\n  role: owner -> none`);
  });

  it('again, after an interruption, changes nothing and says so', async () => {
    const { code, out } = await weir(...remove);

    expect([code, out]).toEqual([0, `${person} is no member of acme.`]);
    expect(await audited()).toEqual([]);
  });

  it('of an unknown account is refused', async () => {
    expect((await weir('member', 'remove', '--account', 'nobody', '--person', person)).code).toBe(1);
  });
});
