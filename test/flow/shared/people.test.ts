// People, as they meet Weir: members of an account by the tokens of the twin's issuer, with what their roles allow.

import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'vitest';
import { createKey } from '../../../cli/key/create.ts';
import { addMember } from '../../../cli/member/add.ts';
import { endMembership } from '../../../cli/member/remove.ts';
import type { Operator } from '../../../cli/operator.ts';
import { longestPrincipalAgeMs } from '../../../domain/accounts/accounts.ts';
import type { Role } from '../../../domain/accounts/roles.ts';
import { minuteMs } from '../../../domain/system/time.ts';
import type { RunningWeir } from '../../../local/weir.ts';
import { createAccountOn, operatorOf } from '../../support/accounts.ts';
import { type Api, createApi } from '../../support/api.ts';
import { eventually } from '../../support/eventually.ts';
import { it } from '../../support/shared-weir.ts';

let twin: RunningWeir;
let operator: Operator;
it.beforeAll(async ({ weir }) => {
  twin = weir.twin;
  operator = { ...(await operatorOf(twin)), clock: twin.clock };
});

const createMember = async (account: string, person: string, role: Role) => {
  await createAccountOn(twin, account, 'custom');
  await addMember(operator, account, person, role);
};
const tokenFor = (person: string, claims: object = {}) => twin.issuer.token(person, { ...claims });

/** Of a person, who can name account and environment with each request. */
const apiOf = async (person: string, claims: object = {}) => {
  const authorization = `Bearer ${await tokenFor(person, claims)}`;
  const api = createApi(twin.url);
  return {
    get: (path, headers = {}) => api.get(path, { authorization, ...headers }),
    delete: (path, headers = {}) => api.delete(path, { authorization, ...headers }),
    post: (path, body, headers = {}) => api.post(path, body, { authorization, ...headers }),
  } satisfies Api;
};
const summaryOf = (account: string) => `/v1/accounts/${account}/summary?window=24h`;

it('a member reads what the programs of his account have sent, and may not send', async () => {
  const { api_key } = await createAccountOn(twin, 'with-people', 'custom');
  await addMember(operator, 'with-people', 'owner@people.test', 'owner');
  const program = createApi(twin.url, api_key);
  const person = await apiOf('owner@people.test');
  const { json } = await program.post('/v1/events', [{ type: 'order' }, { type: 'order' }]);

  const summary = await eventually(
    () => person.get(summaryOf('with-people')),
    ({ json: answer }) => answer.total === 2,
  );

  expect(summary).toMatchObject({ status: 200, json: { account_id: 'with-people', total: 2 } });
  expect((await person.get(json.receipt)).json).toMatchObject({ status: 'stored', accepted: 2 });
  expect((await person.get('/v1/quarantine')).status).toBe(200);
  const refused = await person.post('/v1/events', [{ type: 'order' }]);
  expect(refused).toMatchObject({ status: 403, json: { code: 'missing_role' } });
});

it('the access log names the person, and no log holds a token', async ({ weir }) => {
  await createMember('logged', 'logged@people.test', 'viewer');
  const tokens = await Promise.all(
    [{}, { aud: 'another' }].map((claims) => tokenFor('logged@people.test', claims)),
  );
  for (const token of tokens)
    await createApi(twin.url).get(summaryOf('logged'), { authorization: `Bearer ${token}` });
  const logs = () =>
    readdirSync(join(weir.folder, 'logs')).map((name) =>
      readFileSync(join(weir.folder, 'logs', name), 'utf8'),
    );

  await eventually(
    async () => logs().join('\n'),
    (text) => /"accountId":"logged",[^}]*"keyId":"-","person":"logged@people.test"/.test(text),
  );

  for (const token of tokens)
    for (const part of token.split('.').slice(1))
      expect(logs().some((log) => log.includes(part))).toBe(false);
});

it('a viewer reads counts, and nothing of a single event', async () => {
  await createMember('viewed', 'viewer@people.test', 'viewer');
  const person = await apiOf('viewer@people.test');

  expect((await person.get(summaryOf('viewed'))).status).toBe(200);
  for (const path of ['/v1/quarantine', '/v1/batches/some-batch'])
    expect(await person.get(path)).toMatchObject({
      status: 403,
      json: { code: 'missing_role', detail: expect.stringMatching(/needs analyst\.$/) },
    });
});

it('a member who is removed is refused within 30 s', async () => {
  await createMember('left', 'leaver@people.test', 'analyst');
  const person = await apiOf('leaver@people.test');
  expect((await person.get(summaryOf('left'))).status).toBe(200);

  await endMembership(operator, 'left', 'leaver@people.test');
  twin.clock.moveBy(longestPrincipalAgeMs);

  expect(await person.get(summaryOf('left'))).toMatchObject({ status: 403, json: { code: 'wrong_account' } });
  expect(await person.get('/v1/quarantine')).toMatchObject({ status: 403, json: { code: 'not_a_member' } });
});

it('a member of several accounts names one, and one of others is as if it were not there', async () => {
  await createMember('several-1', 'both@people.test', 'analyst');
  await createMember('several-2', 'both@people.test', 'analyst');
  await createAccountOn(twin, 'several-3', 'custom');
  const person = await apiOf('both@people.test');

  expect(await person.get('/v1/quarantine')).toMatchObject({
    status: 403,
    json: { code: 'account_required' },
  });
  for (const account of ['several-1', 'several-2']) {
    expect((await person.get('/v1/quarantine', { 'x-weir-account': account })).status).toBe(200);
    expect((await person.get(summaryOf(account))).json.account_id).toBe(account);
  }
  const [others, nobodys] = await Promise.all(
    ['several-3', 'several-9'].map((account) => person.get('/v1/quarantine', { 'x-weir-account': account })),
  );
  expect(others).toMatchObject({ status: 403, json: { code: 'wrong_account' } });
  expect({ ...others?.json, request_id: '' }).toEqual({ ...nobodys?.json, request_id: '' });
});

it('a member has the environments of his account, and invents none, not by a key either', async () => {
  await createMember('with-staging', 'owner@staging.test', 'owner');
  const request = { account_id: 'with-staging', environment: 'staging', scopes: ['read'] } as const;
  await createKey(operator, request);
  const person = await apiOf('owner@staging.test');
  const summaryIn = (environment: string) =>
    person.get(summaryOf('with-staging'), { 'x-weir-environment': environment });

  expect((await summaryIn('staging')).json.environment).toBe('staging');
  const invented = { status: 403, json: { code: 'invalid_environment' } };
  expect(await summaryIn('invented')).toMatchObject(invented);
  const headers = { 'x-weir-environment': 'invented' };
  expect(await person.post('/v1/keys', { scopes: ['ingest'] }, headers)).toMatchObject(invented);
  expect(await summaryIn('invented')).toMatchObject(invented);
});

it('an owner adds a viewer, who reads a summary, and gives him another role and removes him', async () => {
  await createMember('self-managed', 'owner@self.test', 'owner');
  const owner = await apiOf('owner@self.test');
  const person = 'a/b?c:d@self.test';
  const path = `/v1/members/${encodeURIComponent(person)}`;

  const added = await owner.post('/v1/members', { person, role: 'viewer' });
  expect(added).toMatchObject({
    status: 201,
    json: { member: { person, role: 'viewer', added_by: 'person owner@self.test' }, outcome: 'added' },
  });
  const viewer = await apiOf(person);
  expect((await viewer.get(summaryOf('self-managed'))).status).toBe(200);
  expect((await viewer.get('/v1/members')).json.code).toBe('missing_role');

  twin.clock.moveBy(longestPrincipalAgeMs);
  expect((await owner.post('/v1/members', { person, role: 'owner' })).json.outcome).toBe('changed');
  twin.clock.moveBy(longestPrincipalAgeMs);
  const { members } = (await viewer.get('/v1/members')).json;
  expect(members).toMatchObject([{ person, role: 'owner' }, { person: 'owner@self.test' }]);
  expect((await owner.post('/v1/members', { person, role: 'viewer' })).status).toBe(200);

  twin.clock.moveBy(longestPrincipalAgeMs);
  expect((await owner.delete('/v1/members/owner%40self.test')).json.code).toBe('last_owner');
  expect((await owner.delete(path)).json).toMatchObject({ person, outcome: 'removed' });
  expect((await owner.delete(path)).json.code).toBe('unknown_member');
  twin.clock.moveBy(longestPrincipalAgeMs);
  expect((await viewer.get(summaryOf('self-managed'))).status).toBe(403);
  const { entries } = (await owner.get('/v1/audit?limit=1')).json;
  expect(entries).toMatchObject([{ what: 'member.removed', who: 'person owner@self.test', person }]);
});

it('a token is refused where it is expired, not for Weir, unverified, or of another issuer', async () => {
  await createMember('refused', 'refused@people.test', 'owner');
  const nowSeconds = Math.floor(twin.clock.now() / 1000);
  const wrong = [
    { exp: nowSeconds - 2 * 60 },
    { aud: 'another' },
    { iss: 'https://another.test' },
    { email_verified: false },
  ];

  for (const claims of wrong) {
    const answer = await (await apiOf('refused@people.test', claims)).get(summaryOf('refused'));
    expect(answer, JSON.stringify(claims)).toMatchObject({ status: 401, json: { code: 'unauthorized' } });
  }
  const person = await apiOf('refused@people.test', { exp: nowSeconds + 60 });
  expect((await person.get(summaryOf('refused'))).status).toBe(200);
  twin.clock.moveBy(3 * minuteMs);
  expect((await person.get(summaryOf('refused'))).status).toBe(401);
});

it('the issuer of the twin gives a token to whoever asks on this machine', async () => {
  await createMember('asked', 'asking@people.test', 'viewer');
  const ask = (body: string) => fetch(`${twin.url}/_weir/issuer/token`, { method: 'POST', body });

  const { token } = (await (await ask('{"identity":"asking@people.test"}')).json()) as { token: string };
  const headers = { authorization: `Bearer ${token}` };
  expect((await fetch(`${twin.url}${summaryOf('asked')}`, { headers })).status).toBe(200);

  for (const body of ['', '{}', '{"identity":7}', '{"identity":"a","claims":1}', 'null'])
    expect((await ask(body)).status, body).toBe(400);
});
