// The matrix of isolation: every route with every wrong principal. A principal that is not known or not allowed gets the
// same refusal whatever it asks for. One that is allowed, and asks for what another tenant has, gets the answer of what
// does not exist, byte for byte.

import { describe, expect } from 'vitest';
import { deleteAccount } from '../../../cli/account/delete.ts';
import { setAccount } from '../../../cli/account/set.ts';
import { changeStatus } from '../../../cli/account/status.ts';
import { createKey } from '../../../cli/key/create.ts';
import { revokeKey } from '../../../cli/key/revoke.ts';
import { addMember } from '../../../cli/member/add.ts';
import type { Operator } from '../../../cli/operator.ts';
import { longestPrincipalAgeMs } from '../../../domain/accounts/accounts.ts';
import { parseSecret } from '../../../domain/accounts/secrets.ts';
import { allows, type Route, routeNameOf, routes, type Scope, scopes } from '../../../domain/api/routes.ts';
import type { RunningWeir } from '../../../local/weir.ts';
import { createAccountOn, operatorOf } from '../../support/accounts.ts';
import { type Api, createApi } from '../../support/api.ts';
import { eventually } from '../../support/eventually.ts';
import {
  askExactly,
  type ExactAnswer,
  type ExactRequest,
  timeless,
  withHeaders,
} from '../../support/exact-answer.ts';
import { nobodies, type RealKeys } from '../../support/nobodies.ts';
import { eventsOf, type Owner, type Sample, samples, type Target } from '../../support/route-samples.ts';
import { it } from '../../support/shared-weir.ts';

const keyed = routes.filter(({ anyOf }) => anyOf.length > 0);
const open = routes.filter(({ anyOf }) => anyOf.length === 0);
type EachRoute = (typeof routes)[number];
const sampleOf = (route: EachRoute) => samples[routeNameOf(route)];
const unchanging = keyed.filter((route) => !sampleOf(route).changes);

/** The answers of a stranger before the owner had anything, by route. */
type Stranger = { readonly owner: Owner; readonly before: ReadonlyMap<EachRoute, ExactAnswer> };

let twin: RunningWeir;
let operator: Operator;
let owner: Owner;
/** Of the owner, but for `suspended`. */
let keys: RealKeys & {
  /** Without any scope that the route takes. */
  readonly without: ReadonlyMap<EachRoute, string>;
  readonly suspended: string;
};
let strangers: Readonly<Record<'another account' | 'another environment', Stranger>>;

it.beforeAll(async ({ weir }) => {
  twin = weir.twin;
  operator = { ...(await operatorOf(twin)), clock: twin.clock };
  await createAccountOn(twin, 'isolation-owner', 'custom');
  const apiKey = await newKey('isolation-owner', ['admin']);
  const nothing = { batchId: 'none', keyIds: ['none', 'none'], records: ['none', 'none'] } as const;
  const person = 'spare@isolation.test';
  await setAccount(operator, 'isolation-owner', { limits: { keepRejectedDays: 1 } });
  const own = { account: 'isolation-owner', environment: 'production', apiKey, person, ...nothing };
  await addMember(operator, 'isolation-owner', 'owner@isolation.test', 'owner');
  await addMember(operator, 'isolation-owner', 'viewer@isolation.test', 'viewer');
  await addMember(operator, 'isolation-owner', person, 'viewer');
  await createAccountOn(twin, 'isolation-other', 'custom');
  const another = await newKey('isolation-other', ['admin']);
  const staging = await newKey('isolation-owner', ['admin'], { environment: 'staging' });
  strangers = {
    'another account': await startStranger({
      ...own,
      account: 'isolation-other',
      apiKey: another,
      person: 'other@isolation.test',
    }),
    'another environment': await startStranger({ ...own, environment: 'staging', apiKey: staging }),
  };

  const api = createApi(twin.url, apiKey);
  const { json } = await api.post('/v1/events', eventsOf('own'));
  await eventually(
    () => api.get(json.receipt),
    ({ json: { status } }) => status === 'stored',
  );
  await api.post('/v1/events', [{ event_id: 'rejected' }]);
  await eventually(
    () => api.get('/v1/rejections/events'),
    ({ json: { requests } }) => requests.length === 1,
  );
  const records = [await quarantined(api, 'bad-a'), await quarantined(api, 'bad-b')] as const;
  const spare = async () => parseSecret(await newKey('isolation-owner', ['read']))?.keyId ?? '';
  owner = { ...own, batchId: json.batch_id, keyIds: [await spare(), await spare()], records };
  await prepareKeys();
}, 120_000);

/** The id of a record that can be replayed: what was wrong is over. */
async function quarantined(api: Api, prefix: string): Promise<string> {
  const fault = twin.faults.inject({
    on: {
      caller: 'consume',
      operation: 'BatchExecuteStatement',
      text: `isolation-owner#production#0#${prefix}-`,
    },
    do: { kind: 'error', status: 400, code: 'ValidationException' },
  });
  const { json } = await api.post('/v1/events', eventsOf(prefix));
  await eventually(
    () => api.get(json.receipt),
    ({ json: { status } }) => status === 'quarantined',
  );
  fault.remove();
  const list = (await api.get('/v1/quarantine')).json.quarantine;
  return list.find(({ batch_id }: { batch_id: string }) => batch_id === json.batch_id).record;
}

async function newKey(
  account_id: string,
  granted: readonly Scope[],
  more: { readonly environment?: string; readonly expiresInMs?: number } = {},
): Promise<string> {
  const request = { account_id, environment: 'production', scopes: granted, ...more };
  return (await createKey(operator, request)).api_key;
}

async function prepareKeys(): Promise<void> {
  const without = new Map<EachRoute, string>();
  for (const route of keyed) {
    const others = scopes.filter((scope) => !allows(route, [scope]));
    without.set(route, await newKey('isolation-owner', others));
  }
  const suspended = (await createAccountOn(twin, 'isolation-suspended', 'custom')).api_key;
  await changeStatus(operator, 'isolation-suspended', 'suspended', { reads: true });
  const revoked = await newKey('isolation-owner', ['admin']);
  await revokeKey(operator, 'isolation-owner', parseSecret(revoked)?.keyId ?? '', true);
  const expired = await newKey('isolation-owner', ['admin'], { expiresInMs: 1000 });
  const planKey = (await operator.accounts.findAccount('isolation-owner'))?.planKey ?? '';
  const deleted = (await createAccountOn(twin, 'isolation-deleted', 'custom')).api_key;
  await deleteAccount(operator, 'isolation-deleted', true);
  const token = await twin.issuer.token('owner@isolation.test');
  keys = { known: owner.apiKey, without, suspended, revoked, expired, deleted, planKey, token };
  twin.clock.moveBy(longestPrincipalAgeMs);
}

async function startStranger(stranger: Owner): Promise<Stranger> {
  const before = new Map<EachRoute, ExactAnswer>();
  for (const route of unchanging)
    before.set(route, await ask(route, sampleOf(route).about(stranger), stranger.apiKey));
  // Now the first use of the key is on record, which its account sees.
  const list = unchanging.find(({ path }) => path === '/v1/keys');
  if (list) before.set(list, await ask(list, sampleOf(list).about(stranger), stranger.apiKey));
  return { owner: stranger, before };
}

const toRequest = (
  { method }: EachRoute,
  { path, body, contentType = 'application/json' }: Target,
): ExactRequest => ({
  method,
  path,
  ...(body !== undefined && { body, headers: { 'content-type': contentType } }),
});
const ask = (route: EachRoute, target: Target, apiKey: string): Promise<ExactAnswer> =>
  asked(withHeaders(toRequest(route, target), { 'x-api-key': apiKey }));

async function asked(request: ExactRequest): Promise<ExactAnswer> {
  const answer = await askExactly(twin.url, request);
  if (answer.status !== 429) return answer;
  // Of some routes an account may ask only so much.
  twin.clock.moveBy(2000);
  return askExactly(twin.url, request);
}

/** Members, and entries about them, are of the account: what is left is of one environment. */
function ofEnvironment(answer: ExactAnswer): ExactAnswer {
  const { members, entries, ...others } = JSON.parse(answer.body);
  const own = entries?.filter(({ person }: { person: string | null }) => person === null);
  const headers = answer.headers.filter(([name]) => name !== 'content-length');
  return { ...answer, headers, body: JSON.stringify({ ...others, entries: own }) };
}

function steadyOf({ steady }: Sample, answer: ExactAnswer): ExactAnswer {
  if (!steady) return answer;
  const headers = answer.headers.filter(([name]) => name !== 'content-length' && name !== 'etag');
  return { ...answer, headers, body: JSON.stringify(steady(JSON.parse(answer.body))) };
}

const askAs = async (person: string, route: EachRoute, target: Target, environment = 'production') =>
  asked(
    withHeaders(toRequest(route, target), {
      authorization: `Bearer ${await twin.issuer.token(person)}`,
      'x-weir-account': owner.account,
      'x-weir-environment': environment,
    }),
  );
const isOfPeople = (route: Route): boolean => route.peopleOnly === true;

/** About what the owner has, and about what does not exist. */
function targetsOf(route: EachRoute): Target[] {
  const { about, absent } = sampleOf(route);
  return [about(owner), ...Object.values(absent?.(owner) ?? {})];
}

describe.each(keyed.map((route) => ({ route, name: routeNameOf(route) })))('$name', ({ route }) => {
  it.for(Object.entries(nobodies))('answers %s like no key', async ([, disguise]) => {
    for (const target of targetsOf(route)) {
      const request = toRequest(route, target);
      const unknown = await askExactly(twin.url, request);

      expect(unknown.status).toBe(401);
      expect(await askExactly(twin.url, disguise(request, keys))).toEqual(unknown);
    }
  });

  it.for([
    ['missing_scope', () => keys.without.get(route) ?? ''],
    ['account_suspended', () => keys.suspended],
  ] as const)('refuses with %s, whatever is asked for', async ([code, key]) => {
    const answers = [];
    for (const target of targetsOf(route)) answers.push(await ask(route, target, key()));

    expect(answers[0]).toMatchObject({ status: 403 });
    expect(JSON.parse(answers[0]?.body ?? '')).toMatchObject({ code });
    for (const answer of answers) expect(answer).toEqual(answers[0]);
  });

  it('answers the owner, and tells the same of all that does not exist', async () => {
    const { about, absent } = sampleOf(route);
    const byOwner = (target: Target) =>
      isOfPeople(route) ? askAs('owner@isolation.test', route, target) : ask(route, target, owner.apiKey);
    const answer = await byOwner(about(owner));

    expect(answer.status).toBeGreaterThanOrEqual(200);
    expect(answer.status).toBeLessThan(300);
    const nothings = Object.entries(absent?.(owner) ?? {});
    const answers = new Map<string, ExactAnswer>();
    for (const [why, target] of nothings) answers.set(why, await byOwner(target));
    const [first] = answers.values();
    for (const [why, other] of answers) expect(other, why).toEqual(first);
    if (first) expect(first.status).toBeGreaterThanOrEqual(403);
  });
});

it.for(keyed.filter(({ method }) => method === 'POST').map((route) => [routeNameOf(route), route] as const))(
  '%s answers a key in the body like no key',
  async ([, route]) => {
    const request = toRequest(route, sampleOf(route).about(owner));
    const body = JSON.stringify({ 'x-api-key': owner.apiKey, api_key: owner.apiKey });

    expect(await askExactly(twin.url, { ...request, body })).toEqual(await askExactly(twin.url, request));
  },
);

it.for(keyed.filter(({ path }) => path.includes('{')).map((route) => [routeNameOf(route), route] as const))(
  '%s answers a key in the path like no key',
  async ([, route]) => {
    const request = toRequest(route, sampleOf(route).about(owner));
    const path = route.path.replace(/\{[^}]+\}/, owner.apiKey);

    expect(await askExactly(twin.url, { ...request, path })).toEqual(await askExactly(twin.url, request));
  },
);

describe.each(['another account', 'another environment'] as const)('%s', (whose) => {
  it.for(
    keyed.filter((route) => sampleOf(route).absent).map((route) => [routeNameOf(route), route] as const),
  )('is told of what the owner has what it is told of nothing: %s', async ([, route]) => {
    const { about, absent } = sampleOf(route);
    const { owner: stranger } = strangers[whose];
    const target = about(owner);
    // Another environment has the same account and members in its path: it asks about itself.
    if (target.path === about(stranger).path) return;
    const answer = await ask(route, target, stranger.apiKey);

    expect([403, 404]).toContain(answer.status);
    for (const [why, nothing] of Object.entries(absent?.(owner) ?? {}))
      expect(await ask(route, nothing, stranger.apiKey), why).toEqual(answer);
  });

  it.for(unchanging.map((route) => [routeNameOf(route), route] as const))(
    'is told what it was told before the owner had anything: %s',
    async ([, route]) => {
      const { owner: stranger, before } = strangers[whose];
      const isOfAccount = whose === 'another environment' && sampleOf(route).ofAccount;
      const answer = await ask(route, sampleOf(route).about(stranger), stranger.apiKey);

      const told = (one: ExactAnswer) =>
        timeless(steadyOf(sampleOf(route), isOfAccount ? ofEnvironment(one) : one));
      expect(told(answer)).toEqual(told(before.get(route) ?? expect.fail('not asked before')));
    },
  );
});

describe('people', () => {
  it.for(keyed.map((route) => [routeNameOf(route), route] as const))(
    'who invent an environment are refused, whatever they ask for: %s',
    async ([, route]) => {
      const answers = [];
      // Of another account nothing is told, whatever the environment is.
      const own = targetsOf(route).filter(
        ({ path }) => !path.startsWith('/v1/accounts/') || path.includes(`/${owner.account}/`),
      );
      for (const target of own) answers.push(await askAs('owner@isolation.test', route, target, 'invented'));

      expect(JSON.parse(answers[0]?.body ?? '')).toMatchObject({ status: 403, code: 'invalid_environment' });
      for (const answer of answers) expect(answer).toEqual(answers[0]);
    },
  );

  it.for(keyed.map((route) => [routeNameOf(route), route] as const))(
    'who are no members are told the same of an account that is there and one that is not: %s',
    async ([, route]) => {
      const answers = [];
      for (const target of targetsOf(route))
        for (const environment of ['production', 'staging', 'invented'])
          answers.push(await askAs('stranger@isolation.test', route, target, environment));

      for (const answer of answers) {
        expect(answer.status).toBe(403);
        expect(JSON.parse(answer.body).code).toBe('wrong_account');
        expect(answer).toEqual(answers[0]);
      }
    },
  );

  it.for(
    keyed.filter((route) => !allows(route, 'viewer')).map((route) => [routeNameOf(route), route] as const),
  )('whose role is too small are refused, whatever they ask for: %s', async ([, route]) => {
    const [first, ...others] = await Promise.all(
      targetsOf(route).map((target) => askAs('viewer@isolation.test', route, target)),
    );

    expect(JSON.parse(first?.body ?? '')).toMatchObject({ status: 403, code: 'missing_role' });
    for (const other of others) expect(other).toEqual(first);
  });
});

it.for(keyed.filter(isOfPeople).map((route) => [routeNameOf(route), route] as const))(
  '%s takes no key, whatever its scopes: it reaches more than an environment',
  async ([, route]) => {
    const answer = await ask(route, sampleOf(route).about(owner), await newKey('isolation-owner', scopes));

    expect(JSON.parse(answer.body)).toMatchObject({ status: 403, code: 'missing_scope' });
  },
);

it.for(open.map((route) => [routeNameOf(route), route] as const))(
  '%s tells the same to whoever asks',
  async ([, route]) => {
    const request = toRequest(route, sampleOf(route).about(owner));
    const answer = await askExactly(twin.url, request);

    expect(answer.status).toBe(200);
    for (const disguise of Object.values(nobodies)) {
      // Such a route takes so many requests a second, of all callers together.
      twin.clock.moveBy(1000);
      const disguised = disguise(request, keys);
      const told = await askExactly(twin.url, disguised);
      // A query of its own is answered as it is to who knows no key.
      const path = disguised.path.replaceAll(keys.known, 'nonsense');
      const expected = path === request.path ? answer : await askExactly(twin.url, { ...request, path });
      expect(told).toEqual(expected);
    }
    expect(await ask(route, { path: request.path }, owner.apiKey)).toEqual(answer);
  },
);

it('a path that is no route tells the same to whoever asks', async () => {
  const request = { method: 'GET', path: '/v1/nothing-here' };
  const answer = await askExactly(twin.url, request);

  expect(answer.status).toBe(404);
  for (const disguise of Object.values(nobodies)) {
    const disguised = disguise(request, keys);
    expect(await askExactly(twin.url, disguised)).toEqual(answer);
  }
  expect(await askExactly(twin.url, withHeaders(request, { 'x-api-key': owner.apiKey }))).toEqual(answer);
});

it('the summary of a tenant holds nothing of another one', async () => {
  for (const { owner: stranger } of Object.values(strangers)) {
    const { json } = await createApi(twin.url, stranger.apiKey).get(
      `/v1/accounts/${stranger.account}/summary?window=24h`,
    );
    expect(json).toMatchObject({ total: 0, duplicates: 0, conflicts: 0 });
  }
});

it('event ids, idempotency keys and account ids of one tenant are free to another one', async () => {
  const sent = { 'idempotency-key': 'isolation' };
  const first = await createApi(twin.url, owner.apiKey).post('/v1/events', eventsOf('shared'), sent);
  expect(first.status).toBe(202);
  for (const { owner: stranger } of Object.values(strangers)) {
    const api = createApi(twin.url, stranger.apiKey);
    // Another body under the same key would be refused, and the same one replayed.
    const other = await api.post('/v1/events', eventsOf('shared', 2), sent);
    expect(other.status).toBe(202);
    expect(other.headers.get('idempotency-replayed')).toBeNull();
    const { json } = await eventually(
      () => api.get(other.json.receipt),
      ({ json: { status } }) => status === 'stored',
    );
    expect(json).toMatchObject({ stored: 2, duplicates: 0, conflicts: 0 });
  }
  const { status, json } = await createApi(twin.url, strangers['another account'].owner.apiKey).post(
    '/v1/events',
    [{ event_id: 'in-the-name-of', type: 'isolation', account_id: 'isolation-owner' }],
  );
  expect(status).toBe(422);
  expect(json.rejected).toMatchObject([{ index: 0, field: 'account_id' }]);
});
