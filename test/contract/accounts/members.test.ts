import { QueryCommand } from '@aws-sdk/lib-dynamodb';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { DynamoAccounts } from '../../../adapters/accounts/dynamodb-accounts.ts';
import { DynamoApiKeys } from '../../../adapters/accounts/dynamodb-api-keys.ts';
import { DynamoAuditLog } from '../../../adapters/accounts/dynamodb-audit-log.ts';
import { DynamoMembers } from '../../../adapters/accounts/dynamodb-members.ts';
import { DynamoMemberships } from '../../../adapters/accounts/dynamodb-memberships.ts';
import { MemoryAccounts } from '../../../adapters/accounts/memory-accounts.ts';
import type { Account } from '../../../domain/accounts/accounts.ts';
import type { AuditEntry } from '../../../domain/accounts/audit.ts';
import {
  keepingAnOwner,
  LastOwner,
  mostMembers,
  removeMember,
  setMember,
} from '../../../domain/accounts/change-members.ts';
import type { Member } from '../../../domain/accounts/people.ts';
import type { Accounts, ApiKeys, AuditLog, Members, Memberships } from '../../../domain/accounts/port.ts';
import { nowMs } from '../../support/events.ts';
import { startTables, type TestTables } from '../../support/tables.ts';

let tables: TestTables;
beforeAll(async () => {
  tables = await startTables();
});
afterAll(() => tables.end());

type Adapters = {
  readonly accounts: Accounts;
  readonly keys: ApiKeys;
  readonly members: Members;
  readonly memberships: Memberships;
  readonly auditLog: AuditLog;
};

const memory = (): Adapters => {
  const accounts = new MemoryAccounts();
  const { keys, members, memberships, auditLog } = accounts;
  return { accounts, keys, members, memberships, auditLog };
};
const dynamo = (): Adapters => {
  const table = tables.table('accounts');
  return {
    accounts: new DynamoAccounts(table),
    keys: new DynamoApiKeys(table),
    members: new DynamoMembers(table),
    memberships: new DynamoMemberships(table),
    auditLog: new DynamoAuditLog(table),
  };
};

let made = 0;
const nextId = () => {
  made += 1;
  return String(made).padStart(12, '0');
};

const accountNamed = (id: string): Account => ({
  ...{ id, createdAtMs: 0, tier: 'standard', overrides: {}, status: 'active', mostSlots: 1 },
  ...{ generation: 0, planKey: 'plan-key' },
});
const key = {
  generation: 0,
  environment: 'production',
  scopes: [],
  hash: Buffer.alloc(32),
  createdAtMs: 0,
  createdBy: 'x',
};
const entryOf = (account: string, fields: Partial<AuditEntry> = {}): AuditEntry => ({
  ...{ account, atMs: nowMs, id: nextId(), who: 'operator ada', from: 'host' },
  ...{ what: 'member.added', after: {} },
  ...fields,
});

describe.each<[string, () => Adapters]>([
  ['memory', memory],
  ['DynamoDB', dynamo],
])('in %s', (_, create) => {
  async function prepare() {
    const adapters = create();
    const newAccount = async () => {
      const account = accountNamed(`account-${nextId()}`);
      await adapters.accounts.create(account, { ...key, id: nextId(), account: account.id }, []);
      return account;
    };
    const account = await newAccount();
    const person = `person-${nextId()}@example.com`;
    const member: Member = {
      ...{ account: account.id, generation: 0, person, role: 'analyst' },
      ...{ addedAtMs: nowMs, addedBy: 'ada@host' },
    };
    const audited = async () => {
      const entries = await adapters.auditLog.list(account.id, { fromMs: 0, toMs: nowMs * 2 });
      return entries.map(({ what, person: who, before, after }) => [what, who, before?.role, after.role]);
    };
    let atMs = nowMs;
    const toEntry = (change: Partial<AuditEntry>) => {
      atMs += 1;
      return entryOf(account.id, { ...change, atMs });
    };
    return { ...adapters, newAccount, account, person, member, audited, toEntry };
  }

  async function prepareTwoOwners() {
    const prepared = await prepare();
    const { members, member, toEntry } = prepared;
    const [one, other] = ['one', 'other'].map(
      (name): Member => ({ ...member, person: `${name}-${member.person}`, role: 'owner' }),
    ) as [Member, Member];
    for (const owner of [one, other]) await setMember(members, owner, toEntry);
    return { ...prepared, one, other };
  }

  it('are listed whatever character their names begin with', async () => {
    const { members, account, member } = await prepare();
    const people = ['!first', '$', '$econd', '~', '~last'];
    for (const person of people) await members.add({ ...member, person }, entryOf(account.id));

    expect((await members.list(account.id)).map(({ person }) => person)).toEqual(people.toSorted());
  });

  it('are none of an account of the same id that is created after theirs was deleted', async () => {
    const { accounts, members, memberships, account, person, member } = await prepare();
    await members.add(member, entryOf(account.id));
    await accounts.delete(account, entryOf(account.id, { what: 'account.deleted' }));
    const next = { ...account, generation: 1 };
    await accounts.create(next, { ...key, id: nextId(), account: account.id, generation: 1 }, []);

    expect(await members.find(account.id, person)).toBeUndefined();
    expect(await members.list(account.id)).toEqual([]);
    expect(await memberships.find(person, account.id, 'production')).toEqual({
      account: next,
      hasEnvironment: true,
    });
    expect(await memberships.accountsOf(person, 2)).toEqual([]);
    expect(await members.add(member, entryOf(account.id))).toBe(false);
    const again = { ...member, generation: 1 };
    expect(await members.add(again, entryOf(account.id))).toBe(true);
    expect(await members.find(account.id, person)).toEqual(again);
  });

  it('a member is found by the account and by the person, with the account in one answer', async () => {
    const { members, memberships, account, person, member } = await prepare();

    expect(await members.add(member, entryOf(account.id))).toBe(true);

    expect(await members.find(account.id, person)).toEqual(member);
    expect(await members.list(account.id)).toEqual([member]);
    expect(await memberships.find(person, account.id, 'production')).toEqual({
      ...{ account, role: 'analyst', hasEnvironment: true },
    });
    expect(await memberships.accountsOf(person, 2)).toEqual([account.id]);
  });

  it('an environment is there from its first key on, and none of an account that was deleted since', async () => {
    const { accounts, keys, members, memberships, account, person, member } = await prepare();
    await members.add(member, entryOf(account.id));
    const has = async (environment: string) =>
      (await memberships.find(person, account.id, environment)).hasEnvironment ?? false;

    expect(await has('staging')).toBe(false);
    const staging = { ...key, account: account.id, environment: 'staging' };
    expect(await keys.add({ ...staging, id: nextId() }, entryOf(account.id))).toBe(true);
    expect([await has('staging'), await has('production'), await has('test')]).toEqual([true, true, false]);

    await accounts.delete(account, entryOf(account.id, { what: 'account.deleted' }));
    expect(await has('staging')).toBe(false);
    const next = { ...account, generation: 1 };
    await accounts.create(next, { ...key, id: nextId(), account: account.id, generation: 1 }, []);
    expect([await has('staging'), await has('production')]).toEqual([false, true]);
    expect(await keys.add({ ...staging, id: nextId(), generation: 1 }, entryOf(account.id))).toBe(true);
    expect(await has('staging')).toBe(true);
  });

  it('who is no member, and an account that is not there, are absent', async () => {
    const { members, memberships, account, person } = await prepare();

    expect(await members.find(account.id, person)).toBeUndefined();
    expect(await members.list(account.id)).toEqual([]);
    expect(await memberships.find(person, account.id, 'production')).toEqual({
      account,
      hasEnvironment: true,
    });
    expect(await memberships.find(person, 'nobody', 'production')).toEqual({});
    expect(await memberships.accountsOf(person, 2)).toEqual([]);
  });

  it('a person is a member of several accounts, and of each with a role of its own', async () => {
    const { members, memberships, newAccount, account, member, person } = await prepare();
    const others = [await newAccount(), await newAccount()];
    for (const { id } of [account, ...others])
      await members.add(
        { ...member, account: id, role: id === account.id ? 'owner' : 'viewer' },
        entryOf(id),
      );

    expect((await memberships.find(person, account.id, 'production')).role).toBe('owner');
    expect((await memberships.find(person, others[0]?.id ?? '', 'production')).role).toBe('viewer');
    expect(await memberships.accountsOf(person, 2)).toHaveLength(2);
    expect(await memberships.accountsOf(person, 9)).toEqual([account, ...others].map(({ id }) => id));
  });

  it('an account is found after any number that were deleted, of which he was a member', async () => {
    const { accounts, members, memberships, newAccount, member, person } = await prepare();
    for (let former = 0; former < 13; former += 1) {
      const deleted = await newAccount();
      await members.add({ ...member, account: deleted.id }, entryOf(deleted.id));
      await accounts.delete(deleted, entryOf(deleted.id, { what: 'account.deleted' }));
    }
    const inForce = [await newAccount(), await newAccount()];
    for (const { id } of inForce) await members.add({ ...member, account: id }, entryOf(id));

    expect(await memberships.accountsOf(person, 2)).toEqual(inForce.map(({ id }) => id));
  });

  it('members are listed by name', async () => {
    const { members, account, member } = await prepare();
    for (const person of ['b', 'a', 'z|1', '!c'])
      await members.add({ ...member, person: `${person}-${account.id}` }, entryOf(account.id));

    expect((await members.list(account.id)).map(({ person }) => person.split('-')[0])).toEqual([
      '!c',
      'a',
      'b',
      'z|1',
    ]);
  });

  it('nobody is added to an account that is not there, or a second time', async () => {
    const { members, memberships, auditLog, account, member, person } = await prepare();
    await members.add(member, entryOf(account.id));

    expect(await members.add({ ...member, account: 'nobody' }, entryOf('nobody'))).toBe(false);
    expect(await members.add({ ...member, role: 'owner' }, entryOf(account.id))).toBe(false);

    expect(await members.list(account.id)).toEqual([member]);
    expect(await memberships.accountsOf(person, 9)).toEqual([account.id]);
    expect(await auditLog.list('nobody', { fromMs: 0, toMs: nowMs * 2 })).toEqual([]);
  });

  it('a member whose role changed meanwhile is neither changed nor removed', async () => {
    const { members, account, member, person, audited } = await prepare();
    await members.add({ ...member, role: 'owner' }, entryOf(account.id));

    expect(await members.change(member, { ...member, role: 'viewer' }, entryOf(account.id))).toBe(false);
    expect(await members.remove(member, entryOf(account.id))).toBe(false);

    expect((await members.find(account.id, person))?.role).toBe('owner');
    expect(await audited()).toHaveLength(1);
  });

  it('setting a member adds him, changes his role, and again changes nothing; each change has its entry', async () => {
    const { members, member, person, audited, toEntry } = await prepare();
    const set = (role: Member['role']) => setMember(members, { ...member, role }, toEntry);

    expect(await set('viewer')).toMatchObject({ outcome: 'added', member: { role: 'viewer' } });
    expect(await set('viewer')).toMatchObject({ outcome: 'unchanged' });
    expect(await set('owner')).toMatchObject({ outcome: 'changed', member: { role: 'owner' } });

    expect(await audited()).toEqual([
      ['member.added', person, undefined, 'viewer'],
      ['member.changed', person, 'viewer', 'owner'],
    ]);
  });

  it('removing a member leaves nothing of him but the entry, and again changes nothing', async () => {
    const { members, memberships, account, member, person, audited, toEntry } = await prepare();
    await setMember(members, member, toEntry);

    expect(await removeMember(members, member, toEntry)).toEqual({ outcome: 'removed', member });
    expect(await removeMember(members, member, toEntry)).toEqual({ outcome: 'not a member' });

    expect(await members.list(account.id)).toEqual([]);
    expect(await memberships.accountsOf(person, 2)).toEqual([]);
    expect((await audited()).at(-1)).toEqual(['member.removed', person, 'analyst', undefined]);
  });

  it('an account that changes itself keeps an owner, and an operator may leave it without one', async () => {
    const { members, member, toEntry, audited } = await prepare();
    const own = keepingAnOwner(members);
    await setMember(own, { ...member, role: 'owner' }, toEntry);
    await setMember(own, { ...member, person: `another-${member.person}` }, toEntry);

    await expect(removeMember(own, member, toEntry)).rejects.toThrow(LastOwner);
    await expect(setMember(own, { ...member, role: 'analyst' }, toEntry)).rejects.toThrow(LastOwner);
    expect(await audited()).toHaveLength(2);
    expect(await removeMember(members, member, toEntry)).toMatchObject({ outcome: 'removed' });
  });

  it('of two owners, each removes the other at the same time, and one stays', async () => {
    const { members, account, one, other, toEntry } = await prepareTwoOwners();
    // Both have read both, before either has written.
    const read = await members.list(account.id);
    const own = keepingAnOwner({ ...bound(members), list: async () => read });

    const outcomes = await Promise.all([one, other].map((owner) => removeMember(own, owner, toEntry)));

    expect(outcomes.map(({ outcome }) => outcome).toSorted()).toEqual(['changed meanwhile', 'removed']);
    expect(await members.list(account.id)).toHaveLength(1);
  });

  it('neither becomes less the one owner while the other one leaves', async () => {
    const { members, account, one, other, toEntry } = await prepareTwoOwners();
    const read = await members.list(account.id);
    const own = keepingAnOwner({ ...bound(members), list: async () => read });

    await removeMember(own, one, toEntry);
    expect(await setMember(own, { ...other, role: 'viewer' }, toEntry)).toEqual({
      outcome: 'changed meanwhile',
    });
    expect((await members.find(account.id, other.person))?.role).toBe('owner');
  });

  it('of two who change a member at the same time, one is told so', async () => {
    const { members, member, toEntry } = await prepare();
    await setMember(members, member, toEntry);
    const stale: Members = { ...bound(members), find: async () => ({ ...member, role: 'owner' }) };

    expect(await setMember(stale, { ...member, role: 'viewer' }, toEntry)).toEqual({
      outcome: 'changed meanwhile',
    });
    expect(await removeMember(stale, member, toEntry)).toEqual({ outcome: 'changed meanwhile' });
    const none: Members = { ...bound(members), find: async () => undefined };
    expect(await setMember(none, member, toEntry)).toEqual({ outcome: 'changed meanwhile' });
  });

  it('an account has 1,000 members at most, who can still be changed', async () => {
    const { members, member, toEntry } = await prepare();
    await setMember(members, member, toEntry);
    const full: Members = { ...bound(members), list: async () => Array(mostMembers).fill(member) };

    expect(await setMember(full, { ...member, person: 'new' }, toEntry)).toEqual({
      outcome: 'too many members',
    });
    expect(await setMember(full, { ...member, role: 'owner' }, toEntry)).toMatchObject({
      outcome: 'changed',
    });
  });
});

/** Methods of a class are not copied by a spread. */
const bound = (members: Members): Members => ({
  list: (account) => members.list(account),
  find: (account, person) => members.find(account, person),
  add: (member, entry) => members.add(member, entry),
  change: (...of) => members.change(...of),
  remove: (...of) => members.remove(...of),
});

it('authorize reads a membership with its account in one call, and the accounts of a person in two', async () => {
  const { accounts, members, memberships } = dynamo();
  const id = `account-${nextId()}`;
  await accounts.create(accountNamed(id), { ...key, id: nextId(), account: id }, []);
  for (let other = 0; other < 30; other += 1)
    await members.add(
      { account: id, generation: 0, person: `many-${other}`, role: 'viewer', addedAtMs: 0, addedBy: 'x' },
      entryOf(id),
    );
  const send = vi.spyOn(tables.client, 'send');

  await memberships.find('many-1', id, 'production');
  expect(send).toHaveBeenCalledTimes(1);
  await memberships.accountsOf('many-1', 2);
  expect(send).toHaveBeenCalledTimes(3);
  expect(await members.list(id)).toHaveLength(30);
  expect(send).toHaveBeenCalledTimes(5);
  send.mockRestore();
});

it('authorize looks through some 1,000 memberships of deleted accounts, and not on and on', async () => {
  const queries: unknown[] = [];
  const send = async (command: object) => {
    if (!(command instanceof QueryCommand)) return {};
    queries.push(command.input.Limit);
    const sk = `account-${queries.length}`;
    return { Items: [{ sk, generation: 0 }], LastEvaluatedKey: { pk: 'person#ada', sk } };
  };
  const memberships = new DynamoMemberships({
    client: { send } as never,
    name: 'accounts',
    pause: async () => {},
  });

  expect(await memberships.accountsOf('ada', 2)).toEqual([]);
  expect(queries).toEqual([12, ...Array.from({ length: 9 }, () => 100)]);
});
