import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { burstFactor, ladder, tiers } from '../../../domain/accounts/tiers.ts';
import { problemDocument, problems } from '../../../domain/api/problems.ts';
import { allows, findRoute, routes } from '../../../domain/api/routes.ts';
import {
  countKey,
  InvalidTenant,
  identityKey,
  isAccountId,
  isEnvironment,
  slotKey,
  streamKey,
  tenantKey,
} from '../../../domain/keys.ts';

describe('keys', () => {
  it('of two tenants never share a prefix', () => {
    const name = fc.stringMatching(/^[a-z][a-z0-9-]{0,9}$/);
    fc.assert(
      fc.property(name, name, name, name, (account, environment, otherAccount, otherEnvironment) => {
        const [a, b] = [
          { account, environment, generation: 0 },
          { account: otherAccount, environment: otherEnvironment, generation: 0 },
        ];
        fc.pre(account !== otherAccount || environment !== otherEnvironment);
        for (const keyOf of [
          (tenant: typeof a) => `${slotKey(tenant, 0)}#`,
          (tenant: typeof a) => identityKey(tenant, 'x'),
          (tenant: typeof a) => `${countKey({ tenant, slot: 0, late: false })}#`,
        ]) {
          expect(keyOf(a)).not.toBe(keyOf(b));
        }
        expect(`${tenantKey(b)}#`.startsWith(`${tenantKey(a)}#`)).toBe(false);
      }),
    );
  });

  it.each(['', 'a#b', 'A', 'a_b', 'x'.repeat(64), '../x'])('refuse the account %j', (account) => {
    expect(isAccountId(account)).toBe(false);
    expect(() => tenantKey({ account, environment: 'production', generation: 0 })).toThrow(InvalidTenant);
  });

  it.each(['', 'prod#', '1st', 'a_b'])('refuse the environment %j', (environment) => {
    expect(isEnvironment(environment)).toBe(false);
    expect(() => tenantKey({ account: 'acme', environment, generation: 0 })).toThrow(InvalidTenant);
  });

  it('give late events a stream key of their own', () => {
    const tenant = { account: 'acme', environment: 'production', generation: 0 };
    expect(streamKey(tenant, 2, false)).toBe('acme#production#0#2');
    expect(streamKey(tenant, 2, true)).toBe('acme#production#0#2#late');
  });
});

describe('routes', () => {
  it('are found by method and path only', () => {
    expect(findRoute('POST', '/v1/events')?.servedBy).toBe('ingest');
    expect(findRoute('DELETE', '/v1/events')).toBeUndefined();
  });

  it('allow a key with the scope, and admin everywhere', () => {
    const [ingest] = routes;
    expect(allows(ingest, ['ingest'])).toBe(true);
    expect(allows(ingest, ['read'])).toBe(false);
    expect(allows(ingest, ['admin'])).toBe(true);
    expect(allows(ingest, [])).toBe(false);
  });
});

it('the rate of every tier is a rung of the ladder, and a burst is three times the rate', () => {
  for (const tier of Object.values(tiers)) expect(ladder).toContain(tier.requestsPerSecond);
  expect(burstFactor).toBe(3);
});

it('a problem document contains its code, status, request id and retry_after', () => {
  expect(problemDocument('unavailable', 'r-1')).toEqual({
    type: 'urn:weir:problem:unavailable',
    title: 'Unavailable',
    status: 503,
    detail: problems.unavailable.detail,
    code: 'unavailable',
    request_id: 'r-1',
    retry_after: 2,
  });
  expect(problemDocument('not_found', 'r-1')).not.toHaveProperty('retry_after');
});
