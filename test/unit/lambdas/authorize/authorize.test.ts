import type { APIGatewayRequestAuthorizerEvent } from 'aws-lambda';
import { beforeEach, describe, expect, it } from 'vitest';
import { MemoryAccounts } from '../../../../adapters/accounts/memory-accounts.ts';
import { type Account, type ApiKey, formatSecret, hashSecret } from '../../../../domain/accounts/accounts.ts';
import type { Scope } from '../../../../domain/api/routes.ts';
import { createAuthorize } from '../../../../lambdas/authorize/authorize.ts';
import { createPrincipals } from '../../../../lambdas/authorize/principals.ts';
import { fromContext } from '../../../../lambdas/edge/caller.ts';
import { seededRandom, TestClock } from '../../../support/clock.ts';

const account: Account = {
  id: 'acme',
  tier: 'standard',
  status: 'active',
  slots: 2,
  mostSlots: 4,
  generation: 0,
  retentionDays: 30,
  planKey: 'plan-key-of-acme',
};
const secret = formatSecret(
  { environment: 'production', account: 'acme', keyId: 'abcdef012345' },
  seededRandom().bytes(16),
);
const methodArn = 'arn:aws:execute-api:us-east-1:000000000000:api/stage/POST/v1/events';

let accounts: MemoryAccounts;
beforeEach(() => {
  accounts = new MemoryAccounts();
});

const given = (overrides: { account?: Partial<Account>; key?: Partial<ApiKey> } = {}) =>
  accounts.create(
    { ...account, ...overrides.account },
    {
      id: 'abcdef012345',
      account: 'acme',
      environment: 'production',
      scopes: ['ingest', 'read'],
      status: 'active',
      hash: hashSecret(secret),
      ...overrides.key,
    },
  );

const asking = (overrides: object = {}) =>
  createAuthorize(createPrincipals(accounts, new TestClock()))({
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
    slots: 2,
    mostSlots: 4,
    retentionDays: 30,
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

  expect(effectOf(await asking({ headers: { authorization: `Bearer ${secret}` } }))).toBe('Allow');
});

describe('fails with exactly the message for which API Gateway answers 401,', () => {
  it.each([
    ['no key', {}],
    ['an empty key', { 'x-api-key': '' }],
    ['a malformed key', { 'x-api-key': 'weir_nonsense' }],
    ['basic credentials', { authorization: `Basic ${secret}` }],
    ['an unknown key', { 'x-api-key': secret.replace('abcdef012345', 'ffffffffffff') }],
    ['a wrong secret of a known key', { 'x-api-key': secret.slice(0, -4).concat('0000') }],
    ['a key with another account', { 'x-api-key': secret.replace('acme', 'other') }],
    ['a key with another environment', { 'x-api-key': secret.replace('production', 'staging') }],
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
    await given({ key: { status: 'revoked' } });

    await expect(asking()).rejects.toThrow(/^Unauthorized$/);
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
    await given({ account: { status: 'suspended' } });
    expect((await asking()).context).toMatchObject({ code: 'account_suspended' });
  });
});

it('fails when the table of accounts is unavailable, and lets nobody in', async () => {
  const failing = createPrincipals(
    { findPrincipal: () => Promise.reject(new Error('table down')) },
    new TestClock(),
  );
  const event = { headers: { 'x-api-key': secret } } as unknown as APIGatewayRequestAuthorizerEvent;

  await expect(createAuthorize(failing)(event)).rejects.toThrow('table down');
});
