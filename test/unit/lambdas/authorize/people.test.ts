import type { APIGatewayRequestAuthorizerEvent } from 'aws-lambda';
import { afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { MemoryAccounts } from '../../../../adapters/accounts/memory-accounts.ts';
import type { Account } from '../../../../domain/accounts/accounts.ts';
import type { PeopleSettings } from '../../../../domain/accounts/people.ts';
import type { Role } from '../../../../domain/accounts/roles.ts';
import { formatSecret, secretRandomBytes } from '../../../../domain/accounts/secrets.ts';
import { authorizeTimeMs } from '../../../../domain/api/routes.ts';
import { Unavailable } from '../../../../domain/system/unavailable.ts';
import {
  AccountsUnavailable,
  createReadAccounts,
  type ReadAccounts,
} from '../../../../lambdas/authorize/accounts-table.ts';
import { createAuthorize } from '../../../../lambdas/authorize/authorize.ts';
import { createIssuerKeys } from '../../../../lambdas/authorize/issuer-keys.ts';
import { createMemberships } from '../../../../lambdas/authorize/memberships.ts';
import { createNoteUse } from '../../../../lambdas/authorize/note-use.ts';
import { createPeople, noPeople, type People } from '../../../../lambdas/authorize/people.ts';
import { createPrincipals } from '../../../../lambdas/authorize/principals.ts';
import { createTokens } from '../../../../lambdas/authorize/tokens.ts';
import { actorOf, fromContext } from '../../../../lambdas/edge/caller.ts';
import { TestClock } from '../../../support/clock.ts';
import { claimsAt, makePair, PublishedKeys, peopleSettings, sign } from '../../../support/issuer.ts';
import { callerLimits } from '../../../support/requests.ts';

let pair: Awaited<ReturnType<typeof makePair>>;
beforeAll(async () => {
  pair = await makePair('first');
});

let accounts: MemoryAccounts;
let clock: TestClock;
let readAccounts: ReadAccounts;
let published: PublishedKeys;
let token: string;
beforeEach(async () => {
  accounts = new MemoryAccounts();
  clock = new TestClock();
  readAccounts = createReadAccounts(clock);
  published = new PublishedKeys(pair);
  token = await sign(pair, claimsAt(clock.nowMs));
});
afterEach(() => vi.useRealTimers());

const account = (id: string, fields: Partial<Account> = {}): Account => ({
  ...{ id, createdAtMs: 0, tier: 'standard', overrides: { slots: 2 }, status: 'active', mostSlots: 4 },
  ...{ generation: 0, planKey: `plan-key-of-${id}`, policy: 'policy-1' },
  ...fields,
});
const key = {
  generation: 0,
  environment: 'production',
  scopes: [],
  hash: new Uint8Array(32),
  createdAtMs: 0,
  createdBy: 'x',
};
const given = async (id: string, role?: Role, fields?: Partial<Account>) => {
  await accounts.create(account(id, fields), { ...key, id: `key-of-${id}`, account: id }, []);
  if (role)
    await accounts.members.add(
      { account: id, generation: 0, person: 'ada', role, addedAtMs: 0, addedBy: 'x' },
      {} as never,
    );
};
const givenEnvironment = async (id: string, environment: string) =>
  accounts.keys.add({ ...key, environment, id: `${environment}-of-${id}`, account: id }, {} as never);

const authorizeWith = (people: People) =>
  createAuthorize({
    principals: createPrincipals(accounts, clock, readAccounts),
    noteUse: createNoteUse(accounts.lastUses, clock),
    noteRevokedUse: async () => {},
    people,
    clock,
  });

const authorizeFor = (settings: Partial<PeopleSettings> = {}) => {
  const all = { ...peopleSettings, ...settings };
  const tokens = createTokens(all, createIssuerKeys(published, clock), clock);
  const memberships = createMemberships(
    accounts.memberships,
    clock,
    readAccounts,
    all.rolesClaim !== undefined,
  );
  return authorizeWith(createPeople(tokens, memberships));
};

type Asked = {
  readonly route?: string;
  readonly account?: string;
  readonly headers?: Record<string, string>;
};
const summary = 'GET /v1/accounts/{account_id}/summary';
const quarantine = 'GET /v1/quarantine';

const eventOf = ({ route = quarantine, account: account_id, headers }: Asked) => {
  const [httpMethod, resource] = route.split(' ');
  return {
    ...{ type: 'REQUEST', methodArn: 'arn', httpMethod, resource },
    headers: { Authorization: `Bearer ${token}`, ...headers },
    pathParameters: account_id === undefined ? null : { account_id },
  } as unknown as APIGatewayRequestAuthorizerEvent;
};
const ask = (asked: Asked = {}, authorize = authorizeFor()) => authorize(eventOf(asked));
const effectOf = (result: Awaited<ReturnType<typeof ask>>) => result.policyDocument.Statement[0]?.Effect;
const refusalOf = async (asked: Asked = {}, authorize = authorizeFor()) => {
  const result = await ask(asked, authorize);
  expect(effectOf(result)).toBe('Deny');
  // API Gateway inserts them into its JSON without escaping.
  for (const text of [result.context?.title, result.context?.detail])
    expect(JSON.stringify(text)).toBe(`"${text}"`);
  return result.context?.code;
};

describe('a member', () => {
  it('is let in, as a caller of his account, on the plan of which he counts', async () => {
    await given('acme', 'analyst');

    const result = await ask();

    expect(effectOf(result)).toBe('Allow');
    expect(result.usageIdentifierKey).toBe('plan-key-of-acme');
    const caller = fromContext(result.context);
    expect(caller).toEqual({
      tenant: { account: 'acme', environment: 'production', generation: 0 },
      ...{ person: 'ada', role: 'analyst', roleBy: 'membership', tier: 'standard' },
      ...{ stream: 'standard', slots: [0, 1], mostSlots: 4 },
      ...{ retentionDays: 30, ...callerLimits, policy: 'policy-1' },
    });
    expect(actorOf(caller)).toBe('person ada');
  });

  it.each<[Role, string, string]>([
    ['viewer', summary, 'Allow'],
    ['viewer', quarantine, 'Deny'],
    ['viewer', 'GET /v1/batches/{batch_id}', 'Deny'],
    ['analyst', quarantine, 'Allow'],
    ['owner', summary, 'Allow'],
    ['owner', 'POST /v1/events', 'Deny'],
    ['owner', 'POST /v1/events:debug', 'Deny'],
    ['owner', 'GET /v1/nowhere', 'Deny'],
  ])('who is %s and calls %s: %s', async (role, route, effect) => {
    await given('acme', role);

    const result = await ask({ route, account: 'acme' });

    expect(effectOf(result)).toBe(effect);
    if (effect === 'Deny') expect(result.context?.code).toBe('missing_role');
  });

  it('is told which role a route needs, or that none will do', async () => {
    await given('acme', 'viewer');

    expect((await ask()).context?.detail).toMatch(/ It needs analyst\.$/);
    expect((await ask({ route: 'POST /v1/events' })).context?.detail).toMatch(/ the scope ingest\.$/);
  });

  it('chooses the environment', async () => {
    await given('acme', 'owner');
    await givenEnvironment('acme', 'staging');

    const { context } = await ask({ headers: { 'X-Weir-Environment': 'staging' } });

    expect(context?.environment).toBe('staging');
    expect(await refusalOf({ headers: { 'x-weir-environment': 'Sta#ging' } })).toBe('invalid_environment');
  });

  it('invents no environment, each of which would have limits of its own', async () => {
    await given('acme', 'owner');
    await given('other');
    await givenEnvironment('other', 'staging');
    const headers = { 'x-weir-environment': 'staging' };
    const authorize = authorizeFor();

    expect(await refusalOf({ headers }, authorize)).toBe('invalid_environment');
    expect(await refusalOf({ route: summary, account: 'acme', headers }, authorize)).toBe(
      'invalid_environment',
    );
    // What others have is not told.
    expect(await refusalOf({ route: summary, account: 'other', headers }, authorize)).toBe('wrong_account');
    expect(effectOf(await ask({}, authorize))).toBe('Allow');

    await givenEnvironment('acme', 'staging');
    clock.nowMs += 5000;
    expect(effectOf(await ask({ headers }, authorize))).toBe('Allow');
  });

  it('of a suspended account is refused, as its keys are', async () => {
    await given('acme', 'owner', { status: 'suspended' });

    expect(await refusalOf()).toBe('account_suspended');
  });

  it('who is removed is refused 30 s later', async () => {
    await given('acme', 'owner');
    const authorize = authorizeFor();
    expect(effectOf(await ask({}, authorize))).toBe('Allow');
    const [member] = await accounts.members.list('acme');
    if (member) await accounts.members.remove(member, {} as never);

    clock.nowMs += 30_000;
    expect(await refusalOf({}, authorize)).toBe('not_a_member');
    expect(await refusalOf({ route: summary, account: 'acme' }, authorize)).toBe('wrong_account');
  });
});

describe('the account', () => {
  beforeEach(async () => {
    await given('acme', 'analyst');
    await given('other', 'viewer');
    await given('foreign');
  });
  const of = async (asked: Asked) => fromContext((await ask(asked)).context);

  it('is that of the path', async () => {
    const headers = { 'x-weir-account': 'acme' };

    expect(await of({ route: summary, account: 'other', headers })).toMatchObject({
      tenant: { account: 'other' },
      role: 'viewer',
    });
  });

  it('is else that of the header', async () => {
    expect(await of({ headers: { 'X-Weir-Account': 'acme' } })).toMatchObject({
      tenant: { account: 'acme' },
      role: 'analyst',
    });
  });

  it('has to be named by a member of several', async () => {
    expect(await refusalOf()).toBe('account_required');
  });

  it('of others is refused in the same way as one that is not there', async () => {
    const answers = await Promise.all(
      ['foreign', 'nobody', 'NOT#ONE', ''].flatMap((name) => [
        ask({ headers: { 'x-weir-account': name } }),
        ask({ route: summary, account: name }),
      ]),
    );

    for (const answer of answers) {
      expect(answer).toEqual(answers[0]);
      expect(answer.context?.code).toBe('wrong_account');
    }
  });
});

it('a person without an account is told so', async () => {
  await given('acme');

  expect(await refusalOf()).toBe('not_a_member');
});

describe('with roles from a claim', () => {
  const authorize = () => authorizeFor({ rolesClaim: 'weir' });
  const signedWith = async (weir: unknown) => {
    token = await sign(pair, claimsAt(clock.nowMs, { weir }));
  };

  it('these are in force, and memberships are not', async () => {
    await given('acme', 'owner');
    await given('other', 'owner');
    await signedWith({ acme: 'viewer' });

    expect((await ask({ route: summary, account: 'acme' }, authorize())).context?.role).toBe('viewer');
    expect(await refusalOf({ account: 'other', route: summary }, authorize())).toBe('wrong_account');
  });

  it('people invent no environment either', async () => {
    await given('acme');
    await signedWith({ acme: 'owner' });
    const headers = { 'x-weir-environment': 'staging' };

    expect(await refusalOf({ headers }, authorize())).toBe('invalid_environment');
    await givenEnvironment('acme', 'staging');
    expect((await ask({ headers }, authorize())).context?.environment).toBe('staging');
  });

  it('the only account of the claim need not be named, and one of several has to be', async () => {
    await given('acme');
    await signedWith({ acme: 'analyst' });
    expect((await ask({}, authorize())).context?.account_id).toBe('acme');

    await signedWith({ acme: 'analyst', other: 'analyst' });
    expect(await refusalOf({}, authorize())).toBe('account_required');
  });

  it('an account that is not there is refused as any other', async () => {
    await signedWith({ nobody: 'owner' });

    expect(await refusalOf({}, authorize())).toBe('wrong_account');
  });

  it('nobody is a member without the claim', async () => {
    await given('acme', 'owner');

    expect(await refusalOf({}, authorize())).toBe('not_a_member');
  });
});

describe('fails with exactly the message for which API Gateway answers 401,', () => {
  beforeEach(() => given('acme', 'owner'));
  const refused = async (asked: Asked = {}, authorize = authorizeFor()) => {
    const error = await ask(asked, authorize).catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(Error);
    // Lambda logs the stack.
    expect([(error as Error).message, (error as Error).stack]).toEqual(['Unauthorized', 'Unauthorized']);
  };

  it('for a token that names nobody', async () => {
    token = await sign(pair, claimsAt(clock.nowMs, { aud: 'other' }));
    await refused();
  });

  it('for one that is too long, which is not parsed', async () => {
    token = await sign(pair, claimsAt(clock.nowMs, { filler: 'x'.repeat(8000) }));
    await refused();
    expect(published.reads).toBe(0);
  });

  it('for a token as x-api-key, which is for secrets', () =>
    refused({ headers: { Authorization: '', 'x-api-key': token } }));

  it('for any token in a stage without people', () => refused({}, authorizeWith(noPeople)));

  it('for an address that the issuer has not verified', async () => {
    token = await sign(pair, claimsAt(clock.nowMs, { email: 'ada@example.com', email_verified: false }));
    await refused({}, authorizeFor({ identity: 'email' }));
  });
});

describe('lets nobody in, for which the gateway answers 503,', () => {
  beforeEach(() => given('acme', 'owner'));

  it('while the issuer is away and no key of it is known', async () => {
    published.fails = new Unavailable('the issuer is away');

    await expect(ask()).rejects.toBe(published.fails);
  });

  it('while the table is away and nothing of the person is known', async () => {
    const away = new Unavailable('the table is away');
    vi.spyOn(accounts.memberships, 'accountsOf').mockRejectedValue(away);

    await expect(ask()).rejects.toBe(away);
  });

  it('at once, after the read of a key has failed a moment ago', async () => {
    await given('acme', 'owner');
    const authorize = authorizeFor();
    const findPrincipal = vi.spyOn(accounts, 'findPrincipal').mockRejectedValue(new Unavailable('hangs'));
    const accountsOf = vi.spyOn(accounts.memberships, 'accountsOf');
    const parts = { account: 'acme', environment: 'production', keyId: '0123456789ab' };
    const secret = formatSecret(parts, new Uint8Array(secretRandomBytes));
    const withKey = { ...eventOf({}), headers: { 'x-api-key': secret } };
    await expect(authorize(withKey)).rejects.toThrow('hangs');

    await expect(ask({}, authorize)).rejects.toThrow(AccountsUnavailable);
    expect(findPrincipal).toHaveBeenCalledTimes(1);
    expect(accountsOf).not.toHaveBeenCalled();
  });

  it('before authorize is timed out', async () => {
    vi.useFakeTimers();
    vi.spyOn(accounts.memberships, 'accountsOf').mockReturnValue(new Promise(() => {}));

    const asked = expect(ask()).rejects.toThrow(Unavailable);
    await vi.advanceTimersByTimeAsync(authorizeTimeMs - 1);
    await asked;
  });
});
