import type { APIGatewayRequestAuthorizerEvent } from 'aws-lambda';
import { beforeEach, describe, expect, it, vi } from 'vitest';
import { MemoryAccounts } from '../../../../adapters/accounts/memory-accounts.ts';
import type { Account } from '../../../../domain/accounts/accounts.ts';
import type { ApiKey } from '../../../../domain/accounts/api-keys.ts';
import type { AuditEntry } from '../../../../domain/accounts/audit.ts';
import { formatSecret, hashSecret } from '../../../../domain/accounts/secrets.ts';
import type { Scope } from '../../../../domain/api/routes.ts';
import { createReadAccounts } from '../../../../lambdas/authorize/accounts-table.ts';
import { type AuthorizeDeps, createAuthorize } from '../../../../lambdas/authorize/authorize.ts';
import { createNoteRevokedUse } from '../../../../lambdas/authorize/note-revoked-use.ts';
import { createNoteUse } from '../../../../lambdas/authorize/note-use.ts';
import { noPeople } from '../../../../lambdas/authorize/people.ts';
import { createPrincipals } from '../../../../lambdas/authorize/principals.ts';
import { fromContext } from '../../../../lambdas/edge/caller.ts';
import { seededRandom, TestClock } from '../../../support/clock.ts';
import { callerLimits } from '../../../support/requests.ts';

const account: Account = {
  id: 'acme',
  createdAtMs: 0,
  tier: 'standard',
  overrides: { slots: 2 },
  status: 'active',
  mostSlots: 4,
  generation: 0,
  planKey: 'plan-key-of-acme',
};
const named = { environment: 'production', account: 'acme', keyId: 'abcdef012345' };
const secret = formatSecret(named, seededRandom().bytes(16));
/** With a checksum that is right. */
const secretLike = (others: Partial<typeof named>, seed = 1) =>
  formatSecret({ ...named, ...others }, seededRandom(seed).bytes(16));
const methodArn = 'arn:aws:execute-api:us-east-1:000000000000:api/stage/POST/v1/events';

let accounts: MemoryAccounts;
let clock: TestClock;
beforeEach(() => {
  accounts = new MemoryAccounts();
  clock = new TestClock();
});

const given = (overrides: { account?: Partial<Account>; key?: Partial<ApiKey> } = {}) =>
  accounts.create(
    { ...account, ...overrides.account },
    {
      id: 'abcdef012345',
      account: 'acme',
      generation: 0,
      environment: 'production',
      scopes: ['ingest', 'read'],
      hash: hashSecret(secret),
      createdAtMs: 0,
      createdBy: 'operator ada',
      ...overrides.key,
    },
    [],
  );

const asking = (overrides: object = {}, settings: Pick<AuthorizeDeps, 'offPeak'> = {}) =>
  createAuthorize({
    ...settings,
    principals: createPrincipals(accounts, clock, createReadAccounts(clock)),
    noteUse: createNoteUse(accounts.lastUses, clock),
    noteRevokedUse: createNoteRevokedUse(accounts.notices, clock),
    people: noPeople,
    clock,
  })({
    type: 'REQUEST',
    methodArn,
    resource: '/v1/events',
    httpMethod: 'POST',
    headers: { 'X-API-Key': secret },
    pathParameters: null,
    ...overrides,
  } as unknown as APIGatewayRequestAuthorizerEvent);

const effectOf = (result: Awaited<ReturnType<typeof asking>>) => result.policyDocument.Statement[0]?.Effect;

it('allows a valid key, and returns its caller and the usage-plan key of its account', async () => {
  await given();

  const result = await asking();

  expect(effectOf(result)).toBe('Allow');
  expect(result.usageIdentifierKey).toBe('plan-key-of-acme');
  expect(fromContext(result.context)).toEqual({
    tenant: { account: 'acme', environment: 'production', generation: 0 },
    keyId: 'abcdef012345',
    scopes: ['ingest', 'read'],
    tier: 'standard',
    stream: 'standard',
    slots: [0, 1],
    mostSlots: 4,
    retentionDays: 30,
    ...callerLimits,
  });
});

it('returns neither the secret nor its hash', async () => {
  await given();

  const result = JSON.stringify(await asking());

  expect(result).not.toContain(secret);
  expect(result).not.toContain(Buffer.from(hashSecret(secret)).toString('hex'));
});

it('takes the key as a bearer token too', async () => {
  await given();

  const basic = `Basic ${Buffer.from(`${secret}:`).toString('base64')}`;
  expect(effectOf(await asking({ headers: { Authorization: basic } }))).toBe('Allow');
  expect(effectOf(await asking({ headers: { authorization: `Bearer ${secret}` } }))).toBe('Allow');
});

describe('fails with exactly the message for which API Gateway answers 401,', () => {
  it.each([
    ['no key', {}],
    ['an empty key', { 'x-api-key': '' }],
    ['a malformed key', { 'x-api-key': 'weir_nonsense' }],
    ['basic credentials', { authorization: `Basic ${secret}` }],
    ['an unknown key', { 'x-api-key': secretLike({ keyId: 'ffffffffffff' }) }],
    ['a wrong secret of a known key', { 'x-api-key': secretLike({}, 2) }],
    ['a key with another account', { 'x-api-key': secretLike({ account: 'other' }) }],
    ['a key with another environment', { 'x-api-key': secretLike({ environment: 'staging' }) }],
  ])('for %s', async (_, headers) => {
    await given();

    await expect(asking({ headers })).rejects.toThrow(/^Unauthorized$/);
  });

  it('and without a stack, which Lambda would log for each wrong key', async () => {
    const thrown = await asking().catch((error: unknown) => error);

    expect(thrown).toBeInstanceOf(Error);
    expect((thrown as Error).stack).toBe('Unauthorized');
  });

  it('for a revoked key', async () => {
    await given({ key: { revokedAtMs: 1 } });

    await expect(asking()).rejects.toThrow(/^Unauthorized$/);
  });

  it('for a key of an account that was deleted and created again', async () => {
    await given();
    const before = await accounts.findAccount('acme');
    if (!before) throw new Error('There is no account.');
    await accounts.delete(before, {} as AuditEntry);
    await expect(asking()).rejects.toThrow(/^Unauthorized$/);
    await given({ account: { generation: 1 }, key: { id: 'ffffffffffff', generation: 1 } });

    await expect(asking()).rejects.toThrow(/^Unauthorized$/);
  });

  it('for an expired key', async () => {
    await given({ key: { expiresAtMs: clock.nowMs } });

    await expect(asking()).rejects.toThrow(/^Unauthorized$/);
  });

  it('without a read, for a key with a mistyped character', async () => {
    await given();
    const find = vi.spyOn(accounts, 'findPrincipal');

    await expect(asking({ headers: { 'x-api-key': `${secret.slice(0, -1)}_` } })).rejects.toThrow();
    const mistyped = secret.replace(/.(?=.{10}$)/, (digit) => (digit === '0' ? '1' : '0'));
    await expect(asking({ headers: { 'x-api-key': mistyped } })).rejects.toThrow(/^Unauthorized$/);

    expect(find).not.toHaveBeenCalled();
  });
});

describe('refuses with the code of the gateway response', () => {
  const deny = async (code: string, overrides: object, scopes?: Scope[]) => {
    await given(scopes ? { key: { scopes } } : {});
    const result = await asking(overrides);
    expect(effectOf(result)).toBe('Deny');
    expect(result.context).toMatchObject({ code, title: expect.any(String), detail: expect.any(String) });
    // API Gateway inserts them into its JSON without escaping.
    for (const text of [result.context?.title, result.context?.detail]) {
      expect(JSON.stringify(text)).toBe(`"${text}"`);
    }
  };

  it('a key without the scope', () => deny('missing_scope', {}, ['read']));

  it("another account's path", () =>
    deny('wrong_account', {
      httpMethod: 'GET',
      resource: '/v1/accounts/{account_id}/summary',
      pathParameters: { account_id: 'other' },
    }));

  it('a suspended account', async () => {
    await given({ account: { status: 'suspended', suspension: { reads: false } } });
    expect((await asking()).context).toMatchObject({ code: 'account_suspended' });
  });

  it.each([
    [true, 'Deny'],
    [false, 'Allow'],
  ])('a request that reads, if the suspension is for reads too: %s', async (reads, effect) => {
    await given({ account: { status: 'suspended', suspension: { reads } } });
    const read = { httpMethod: 'GET', resource: '/v1/quarantine' };
    expect(effectOf(await asking(read))).toBe(effect);
  });
});

it('names the plan key of before until API Gateway has tied the new one', async () => {
  const formerPlanKey = { value: 'former', untilMs: clock.nowMs + 1 };
  await given({ account: { formerPlanKey } });

  expect((await asking()).usageIdentifierKey).toBe('former');
  clock.nowMs += 1;
  expect((await asking()).usageIdentifierKey).toBe('plan-key-of-acme');
});

it('takes settings from the tier and from the account, and uses more slots once all readers know of them', async () => {
  const formerMostSlots = { value: 2, untilMs: clock.nowMs + 1 };
  const overrides = { retentionDays: 45 };
  await given({ account: { tier: 'enterprise', overrides, mostSlots: 4, formerMostSlots } });
  const caller = async () => fromContext((await asking()).context);

  expect(await caller()).toMatchObject({
    tier: 'enterprise',
    stream: 'standard',
    slots: [0, 1],
    mostSlots: 4,
    retentionDays: 45,
  });
  clock.nowMs += 1;
  expect(await caller()).toMatchObject({ slots: [0, 1, 2, 3], mostSlots: 4 });
});

it('passes the retentions of before, by which readers judge what has expired', async () => {
  const formerRetentions = [
    { value: 30, untilMs: clock.nowMs - 1 },
    { value: 45, untilMs: clock.nowMs + 1 },
  ];
  await given({ account: { overrides: { retentionDays: 60 }, formerRetentions } });

  const caller = fromContext((await asking()).context);

  expect(caller).toMatchObject({ retentionDays: 60, formerRetentions });
});

describe('the last use of a key', () => {
  const lastUse = async () => (await accounts.findPrincipal('acme', 'abcdef012345'))?.lastUse;
  const headers = { 'X-API-Key': secret, 'User-Agent': 'analytics-node/3.1.0' };

  it('is noted with the minute and the client', async () => {
    await given();

    await asking({ headers });

    expect(await lastUse()).toEqual({
      minuteMs: Date.parse('2026-11-21T10:25:00.000Z'),
      client: 'analytics-node/3.1.0',
    });
  });

  it('is noted once for each read of the principal, and only if it is of an earlier minute', async () => {
    await given();
    const write = vi.spyOn(accounts.lastUses, 'write');
    const authorize = createAuthorize({
      principals: createPrincipals(accounts, clock, createReadAccounts(clock)),
      noteUse: createNoteUse(accounts.lastUses, clock),
      noteRevokedUse: createNoteRevokedUse(accounts.notices, clock),
      people: noPeople,
      clock,
    });
    const ask = () =>
      authorize({
        methodArn,
        resource: '/v1/events',
        httpMethod: 'POST',
        headers,
      } as unknown as APIGatewayRequestAuthorizerEvent);

    // 10:25:00 to 10:27:00: read five times.
    for (let second = 0; second <= 120; second += 1) {
      await ask();
      clock.nowMs += 1000;
    }

    expect(write).toHaveBeenCalledTimes(3);
    expect((await lastUse())?.minuteMs).toBe(Date.parse('2026-11-21T10:27:00.000Z'));
  });

  it('is not noted for a wrong secret of the key, which does not hide the next right one either', async () => {
    await given();
    const authorize = createAuthorize({
      principals: createPrincipals(accounts, clock, createReadAccounts(clock)),
      noteUse: createNoteUse(accounts.lastUses, clock),
      noteRevokedUse: createNoteRevokedUse(accounts.notices, clock),
      people: noPeople,
      clock,
    });
    const ask = (sent: object) =>
      authorize({
        methodArn,
        resource: '/v1/events',
        httpMethod: 'POST',
        headers: sent,
      } as unknown as APIGatewayRequestAuthorizerEvent);

    await expect(ask({ 'x-api-key': secretLike({}, 2), 'user-agent': 'thief' })).rejects.toThrow();
    expect(await lastUse()).toBeUndefined();
    await ask(headers);

    expect((await lastUse())?.client).toBe('analytics-node/3.1.0');
  });

  it('that cannot be written costs no request its answer', async () => {
    await given();
    vi.spyOn(accounts.lastUses, 'write').mockRejectedValue(new Error('table down'));

    expect(effectOf(await asking())).toBe('Allow');
  });
});

it('lets a caller send more events a minute in the off-peak hours of the stage', async () => {
  await given();
  const offPeak = { hours: [22, 6], factor: 2 } as const;
  const limitAt = async (time: string) => {
    clock.nowMs = Date.parse(`2026-11-21T${time}Z`);
    return fromContext((await asking({}, { offPeak })).context).eventsPerMinute;
  };

  expect(await limitAt('21:59:59')).toBe(60_000);
  expect(await limitAt('22:00:00')).toBe(120_000);
  expect(await limitAt('06:00:00')).toBe(60_000);
});

describe('the use of a revoked key', () => {
  const headers = { 'x-api-key': secret, 'user-agent': 'analytics-node/3.1.0' };
  const authorizing = () =>
    createAuthorize({
      principals: createPrincipals(accounts, clock, createReadAccounts(clock)),
      noteUse: createNoteUse(accounts.lastUses, clock),
      noteRevokedUse: createNoteRevokedUse(accounts.notices, clock),
      people: noPeople,
      clock,
    });
  const ask = (authorize: ReturnType<typeof authorizing>, sent: object) =>
    authorize({ headers: sent } as unknown as APIGatewayRequestAuthorizerEvent);

  it('is a 401, and is noticed with the minute and the client', async () => {
    await given({ key: { revokedAtMs: 1 } });

    await expect(asking({ headers })).rejects.toThrow(/^Unauthorized$/);

    expect([...accounts.noticed.values()]).toEqual([
      {
        what: 'key.used_after_revocation',
        minuteMs: Date.parse('2026-11-21T10:25:00.000Z'),
        account: 'acme',
        key: 'abcdef012345',
        client: 'analytics-node/3.1.0',
      },
    ]);
  });

  it('is noticed once a minute, however many requests there are', async () => {
    await given({ key: { revokedAtMs: 1 } });
    const write = vi.spyOn(accounts.notices, 'write');
    const authorize = authorizing();

    // 10:25:00 to 10:27:00.
    for (let second = 0; second <= 120; second += 1) {
      await expect(ask(authorize, headers)).rejects.toThrow('Unauthorized');
      clock.nowMs += 1000;
    }

    expect(write).toHaveBeenCalledTimes(3);
  });

  it('is not noticed for a wrong secret, which does not hide a right one either', async () => {
    await given({ key: { revokedAtMs: 1 } });
    const authorize = authorizing();

    await expect(ask(authorize, { 'x-api-key': secretLike({}, 2) })).rejects.toThrow('Unauthorized');
    expect(accounts.noticed.size).toBe(0);
    await expect(ask(authorize, headers)).rejects.toThrow('Unauthorized');

    expect(accounts.noticed.size).toBe(1);
  });

  it('is a 401 also if it cannot be noticed', async () => {
    await given({ key: { revokedAtMs: 1 } });
    vi.spyOn(accounts.notices, 'write').mockRejectedValue(new Error('table down'));

    await expect(asking({ headers })).rejects.toThrow(/^Unauthorized$/);
  });
});

it('fails when the table of accounts is unavailable, and lets nobody in', async () => {
  const failing = createPrincipals(
    { findPrincipal: () => Promise.reject(new Error('table down')) },
    clock,
    createReadAccounts(clock),
  );
  const event = { headers: { 'x-api-key': secret } } as unknown as APIGatewayRequestAuthorizerEvent;

  const noteUse = createNoteUse(accounts.lastUses, clock);
  const authorize = createAuthorize({
    principals: failing,
    noteUse,
    noteRevokedUse: createNoteRevokedUse(accounts.notices, clock),
    people: noPeople,
    clock,
  });

  await expect(authorize(event)).rejects.toThrow('table down');
});
