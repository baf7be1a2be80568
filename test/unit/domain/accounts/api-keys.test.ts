import { describe, expect, it } from 'vitest';
import { type ApiKey, isOrigin, rotate, stateOf, useAt } from '../../../../domain/accounts/api-keys.ts';
import { auditedAccount, auditedKey } from '../../../../domain/accounts/audit.ts';
import { hourMs } from '../../../../domain/system/time.ts';

const nowMs = Date.parse('2026-11-30T10:25:41.500Z');
const key: ApiKey = {
  id: 'abcdef012345',
  account: 'acme',
  generation: 0,
  environment: 'staging',
  scopes: ['ingest'],
  hash: new Uint8Array([1]),
  createdAtMs: nowMs - hourMs,
  createdBy: 'operator ada',
};

describe('a key', () => {
  it.each([
    ['without an end', {}, 'live'],
    ['before it expires', { expiresAtMs: nowMs + 1 }, 'live'],
    ['at its expiry', { expiresAtMs: nowMs }, 'expired'],
    ['that is revoked', { revokedAtMs: nowMs }, 'revoked'],
    ['that is revoked and expired', { revokedAtMs: nowMs - 1, expiresAtMs: nowMs - 2 }, 'revoked'],
  ] as const)('%s is %s', (_, end, expected) => {
    expect(stateOf({ ...key, ...end }, nowMs)).toBe(expected);
  });
});

describe('a rotation', () => {
  const made = { id: 'ffffffffffff', hash: new Uint8Array([2]), createdAtMs: nowMs, createdBy: 'bob@host' };

  it('makes a key of the same account, environment, scopes and expiry, and ends the old one after the overlap', () => {
    const expiresAtMs = nowMs + 100 * hourMs;

    expect(rotate({ ...key, expiresAtMs }, made, hourMs)).toEqual({
      replaced: { ...key, expiresAtMs: nowMs + hourMs, replacedBy: 'ffffffffffff' },
      added: {
        ...made,
        account: 'acme',
        generation: 0,
        environment: 'staging',
        scopes: ['ingest'],
        expiresAtMs,
      },
    });
  });

  it('of a key without expiry makes one without expiry', () => {
    expect(rotate(key, made, hourMs).added).not.toHaveProperty('expiresAtMs');
  });

  it('never lets the old key live longer', () => {
    const expiresAtMs = nowMs + 1;

    expect(rotate({ ...key, expiresAtMs }, made, hourMs).replaced.expiresAtMs).toBe(expiresAtMs);
  });
});

describe('a use', () => {
  it('is kept to the minute', () => {
    expect(useAt(nowMs, 'a').minuteMs).toBe(Date.parse('2026-11-30T10:25:00.000Z'));
  });

  it.each([
    ['analytics-node/3.1.0 (linux)', 'analytics-node/3.1.0 (linux)'],
    [undefined, 'unknown'],
    [' \u0007 ', 'unknown'],
    ['a\u001b[31m\nb\u00e9c', 'a[31mbc'],
    ['x'.repeat(1000), 'x'.repeat(64)],
  ])('by %j is by the client %j', (userAgent, client) => {
    expect(useAt(nowMs, userAgent).client).toBe(client);
  });
});

describe('the audit log', () => {
  it('does not hold the hash of a key', () => {
    expect(auditedKey({ ...key, expiresAtMs: nowMs, revokedAtMs: nowMs, replacedBy: 'x' })).toEqual({
      environment: 'staging',
      scopes: ['ingest'],
      expires_at: '2026-11-30T10:25:41.500Z',
      revoked_at: '2026-11-30T10:25:41.500Z',
      replaced_by: 'x',
    });
  });

  it('does not hold the plan key of an account', () => {
    const account = {
      id: 'acme',
      createdAtMs: 0,
      tier: 'standard',
      overrides: {},
      status: 'active',
      mostSlots: 1,
      generation: 0,
      planKey: 'plan-key',
    } as const;

    expect(JSON.stringify(auditedAccount(account))).not.toContain('plan-key');
  });
});

describe('an origin', () => {
  it.each([
    'https://shop.example',
    'http://localhost:3000',
    'http://[::1]:3000',
    'https://xn--grn-hoa.example',
  ])('is what browsers send: %s', (origin) => {
    expect(isOrigin(origin)).toBe(true);
  });

  it.each([
    '',
    'null',
    '*',
    'shop.example',
    'https://shop.example/',
    'https://shop.example/path',
    'https://Shop.example',
    'https://shop.example:443',
    'http://shop.example:80',
    'https://shop.example:99999',
    'https://user@shop.example',
    'https://*.shop.example',
    'ftp://shop.example',
    'chrome-extension://abc',
    `https://${'a'.repeat(250)}.example`,
  ])('is nothing else: %s', (origin) => {
    expect(isOrigin(origin)).toBe(false);
  });
});
