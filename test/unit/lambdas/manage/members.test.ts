import fc from 'fast-check';
import { beforeEach, expect, it } from 'vitest';
import { deleteAccount } from '../../../../cli/account/delete.ts';
import { addMember } from '../../../../cli/member/add.ts';
import { mostMembers } from '../../../../domain/accounts/change-members.ts';
import { isPerson, longestPerson } from '../../../../domain/accounts/people.ts';
import { roleNames } from '../../../../domain/accounts/roles.ts';
import { iso, minuteMs } from '../../../../domain/system/time.ts';
import { startManage } from './fixture.ts';

type Started = Awaited<ReturnType<typeof startManage>>;
let { accounts, clock, operator, createFor, clientAs } = {} as Started;

let ask: ReturnType<Started['clientOf']>;
beforeEach(async () => {
  ({ accounts, clock, operator, createFor, clientAs } = await startManage());
  await createFor('acme');
  ask = clientAs({ person: 'root@example.com', role: 'owner', roleBy: 'claim' }, 'acme');
});

const set = (person: unknown, role: unknown, by = ask) => by('POST /v1/members', { body: { person, role } });
/** Encoded, as the gateway passes it on. */
const remove = (encoded: string, by = ask) =>
  by('DELETE /v1/members/{person}', { path: { person: encoded } });
const list = async (by = ask) => (await by('GET /v1/members')).json.members;
const rolesOf = async () =>
  (await accounts.members.list('acme')).map(({ person, role }) => `${person} ${role}`);
const audited = async () =>
  (await accounts.auditLog.list('acme', { fromMs: 0, toMs: clock.nowMs + 1 })).filter(({ what }) =>
    what.startsWith('member.'),
  );

it('a member is added, gets another role, and is removed, each with its entry', async () => {
  clock.nowMs += minuteMs;
  const added = await set('bob@example.com', 'viewer');
  expect(added).toMatchObject({ status: 201, headers: { 'cache-control': 'no-store' } });
  expect(added.json).toEqual({
    account_id: 'acme',
    member: {
      person: 'bob@example.com',
      role: 'viewer',
      added_at: iso(clock.nowMs),
      added_by: 'person root@example.com',
    },
    outcome: 'added',
  });
  expect(await list()).toEqual([added.json.member]);

  expect(await set('bob@example.com', 'analyst')).toMatchObject({
    status: 200,
    json: { member: { role: 'analyst' }, outcome: 'changed' },
  });
  expect(await set('bob@example.com', 'analyst')).toMatchObject({
    status: 200,
    json: { outcome: 'unchanged' },
  });
  expect(await remove('bob%40example.com')).toMatchObject({
    status: 200,
    headers: { 'cache-control': 'no-store' },
    json: { account_id: 'acme', person: 'bob@example.com', outcome: 'removed' },
  });

  expect(await list()).toEqual([]);
  const by = { who: 'person root@example.com', from: '203.0.113.7', person: 'bob@example.com' };
  const entries = await audited();
  expect(entries).toHaveLength(3);
  expect(entries).toEqual(
    expect.arrayContaining([
      expect.objectContaining({ ...by, what: 'member.added', after: { role: 'viewer' } }),
      expect.objectContaining({ ...by, what: 'member.changed', before: { role: 'viewer' } }),
      expect.objectContaining({ ...by, what: 'member.removed', before: { role: 'analyst' }, after: {} }),
    ]),
  );
  for (const entry of entries) expect(entry).not.toHaveProperty('environment');
});

it('an owner manages by a token, and is named as who did it', async () => {
  await addMember(operator, 'acme', 'ada@example.com', 'owner');
  const ada = clientAs({ person: 'ada@example.com', role: 'owner' }, 'acme', 'staging');

  expect(await set('bob@example.com', 'owner', ada)).toMatchObject({
    status: 201,
    json: { member: { added_by: 'person ada@example.com' } },
  });

  expect((await audited()).filter(({ who }) => who === 'person ada@example.com')).toHaveLength(1);
  expect(await remove('ada@example.com', ada)).toMatchObject({ status: 200 });
});

it('the last owner is neither removed nor given a smaller role, whoever asks', async () => {
  await set('ada@example.com', 'owner');
  await set('bob@example.com', 'analyst');
  const ada = clientAs({ person: 'ada@example.com', role: 'owner' }, 'acme');
  const before = await audited();

  for (const by of [ada, ask]) {
    const refused = { status: 409, json: { code: 'last_owner' } };
    expect(await remove('ada@example.com', by)).toMatchObject(refused);
    for (const role of ['viewer', 'analyst'])
      expect(await set('ada@example.com', role, by)).toMatchObject(refused);
  }
  expect(await set('ada@example.com', 'owner', ada)).toMatchObject({ json: { outcome: 'unchanged' } });
  expect(await audited()).toEqual(before);

  await set('bob@example.com', 'owner', ada);
  expect((await set('ada@example.com', 'viewer', ada)).status).toBe(200);
  expect(await rolesOf()).toEqual(['ada@example.com viewer', 'bob@example.com owner']);
});

it('who is no member is answered alike, byte for byte', async () => {
  await createFor('other');
  await set(
    'bob@example.com',
    'viewer',
    clientAs({ person: 'eve', role: 'owner', roleBy: 'claim' }, 'other'),
  );
  await set('100%41', 'viewer');
  const unknown = await remove('nobody');

  expect(unknown).toMatchObject({ status: 404, json: { code: 'unknown_member' } });
  const none = ['bob@example.com', 'bob%2540example.com', '', '#', '%23', '%', '%E0%A4%A', '100%2541x'];
  for (const name of [...none, 'a'.repeat(longestPerson + 1), '%61'.repeat(longestPerson + 1), '100%41'])
    expect(await remove(name), name).toEqual(unknown);
  expect(await accounts.members.list('other')).toHaveLength(1);
  expect(await list()).toHaveLength(1);
});

it('any name is added, listed and removed by its encoding, decoded once', async () => {
  const name = fc
    .string({ unit: fc.constantFrom(...'aZ0%@:/?&=+.25!$~^{}'), minLength: 1, maxLength: longestPerson })
    .filter((text) => isPerson(text) && !text.includes('@'));
  await fc.assert(
    fc.asyncProperty(name, async (person) => {
      expect((await set(person, 'viewer')).status).toBe(201);
      expect((await list()).map((member: { person: string }) => member.person)).toEqual([person]);
      expect(await remove(encodeURIComponent(person))).toMatchObject({ status: 200, json: { person } });
    }),
  );
});

it('the longest name can be removed with each of its characters encoded', async () => {
  await set('@'.repeat(longestPerson), 'viewer');

  expect((await remove('%40'.repeat(longestPerson))).status).toBe(200);
});

it.each<[string, object, string]>([
  ['POST /v1/members', { body: {} }, 'person'],
  ['POST /v1/members', { body: { person: 'bob' } }, 'role'],
  ['POST /v1/members', { body: { person: 'bob', role: 'admin' } }, 'role'],
  ['POST /v1/members', { body: { person: 'bob', role: ['owner'] } }, 'role'],
  ['POST /v1/members', { body: { person: '', role: 'viewer' } }, 'person'],
  ['POST /v1/members', { body: { person: 7, role: 'viewer' } }, 'person'],
  ['POST /v1/members', { body: { person: 'a b', role: 'viewer' } }, 'person'],
  ['POST /v1/members', { body: { person: 'a#b', role: 'viewer' } }, 'person'],
  ['POST /v1/members', { body: { person: 'Bob@example.com', role: 'viewer' } }, 'person'],
  ['POST /v1/members', { body: { person: 'b'.repeat(longestPerson + 1), role: 'viewer' } }, 'person'],
  ['POST /v1/members', { body: { person: 'bob', role: 'viewer', account: 'other' } }, 'account'],
  ['POST /v1/members', { body: { person: 'bob', role: 'viewer' }, query: { account: 'other' } }, 'account'],
  ['POST /v1/members', { body: ['bob'] }, 'body'],
  ['DELETE /v1/members/{person}', { path: { person: 'ada' }, query: { force: 'true' } }, 'force'],
  ['GET /v1/members', { query: { limit: '1' } }, 'limit'],
])('%s with %j is a 400 that names the parameter, and nothing changes', async (route, asked, parameter) => {
  await set('ada', 'owner');

  const { status, json } = await ask(route, asked);

  expect(status).toBe(400);
  expect(json).toMatchObject({ code: 'invalid_parameter', parameter });
  expect(await rolesOf()).toEqual(['ada owner']);
});

it('an address in capitals is told why it is refused', async () => {
  expect((await set('Bob@example.com', 'viewer')).json.detail).toMatch(/"person" must be in lower case/);
});

it('a subject with an "@" and capitals is added as it is', async () => {
  expect((await set('waad|Bob@example.com', 'viewer')).status).toBe(201);
  expect(await rolesOf()).toEqual(['waad|Bob@example.com viewer']);
});

it('any body is answered, with a 200, 201 or 400', async () => {
  const near = fc.record({ person: fc.string(), role: fc.constantFrom(...roleNames, 'x') });
  await fc.assert(
    fc.asyncProperty(fc.oneof(fc.json(), fc.string(), near), async (body) => {
      expect([200, 201, 400]).toContain((await ask('POST /v1/members', { body })).status);
    }),
  );
});

it('an account has 1,000 members at most, who can still get other roles', async () => {
  for (let count = 0; count < mostMembers; count += 1)
    await accounts.members.add(
      {
        ...{ account: 'acme', generation: 0, person: `member-${count}`, role: 'viewer' },
        ...{ addedAtMs: 0, addedBy: 'x' },
      },
      {} as never,
    );

  expect(await set('one-more', 'viewer')).toMatchObject({ status: 409, json: { code: 'too_many_members' } });
  expect((await set('member-0', 'owner')).status).toBe(200);
});

it('of two changes of a member at once, the second is decided again by what the first left', async () => {
  await set('ada', 'owner');
  await set('bob', 'owner');
  const { remove: removeNow, change } = accounts.members;
  let isFirst = true;
  accounts.members.remove = async (...of) => {
    // Bob, by whom it was decided that Ada may go, becomes less.
    const bob = await accounts.members.find('acme', 'bob');
    if (isFirst && bob) await change(bob, { ...bob, role: 'viewer' }, {} as never);
    isFirst = false;
    return removeNow(...of);
  };

  expect(await remove('ada')).toMatchObject({ status: 409, json: { code: 'last_owner' } });
  expect(await rolesOf()).toEqual(['ada owner', 'bob viewer']);
});

it('a caller of an account that was deleted sees and changes nothing of the next one with its id', async () => {
  await deleteAccount(operator, 'acme', true);
  await createFor('acme');
  for (const person of ['eve', 'ada']) await addMember(operator, 'acme', person, 'owner');

  expect(await list()).toEqual([]);
  expect(await remove('eve')).toMatchObject({ status: 404, json: { code: 'unknown_member' } });
  for (const person of ['eve', 'new'])
    expect(await set(person, 'viewer')).toMatchObject({ status: 503, json: { code: 'unavailable' } });
  expect(await rolesOf()).toEqual(['ada owner', 'eve owner']);
});

it('a member who changes at each try is a 503, which can be repeated', async () => {
  await set('ada', 'viewer');
  accounts.members.change = async () => false;
  accounts.members.remove = async () => false;

  for (const answer of [await set('ada', 'analyst'), await remove('ada')])
    expect(answer).toMatchObject({ status: 503, json: { code: 'unavailable' } });
});

it('an owner who was removed, or is less now, changes nothing, also while authorize still knows him', async () => {
  const kate = clientAs({ person: 'kate@example.com', role: 'owner' }, 'acme');
  const changes: readonly (readonly [string, object])[] = [
    ['POST /v1/members', { body: { person: 'eve@example.com', role: 'owner' } }],
    ['POST /v1/keys', { body: { scopes: ['admin'] } }],
  ];
  for (const role of ['analyst', undefined] as const) {
    if (role) await set('kate@example.com', role);
    else await remove('kate@example.com');

    for (const [route, asked] of changes)
      expect(await kate(route, asked)).toMatchObject({ status: 403, json: { code: 'missing_role' } });
  }
  await set('kate@example.com', 'owner');
  for (const [route, asked] of changes) expect((await kate(route, asked)).status).toBe(201);
});
