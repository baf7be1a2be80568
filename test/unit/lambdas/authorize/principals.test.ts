import { beforeEach, describe, expect, it } from 'vitest';
import { noticeTimeMs } from '../../../../adapters/accounts/dynamodb-notices.ts';
import { lastUseTimeMs } from '../../../../adapters/accounts/dynamodb-principals.ts';
import { authorizeTimeouts } from '../../../../adapters/aws/client-options.ts';
import type { Account } from '../../../../domain/accounts/accounts.ts';
import type { ApiKey } from '../../../../domain/accounts/api-keys.ts';
import { authorizeTimeMs } from '../../../../domain/api/routes.ts';
import { PartitionUnavailable, Unavailable } from '../../../../domain/system/unavailable.ts';
import { createReadAccounts } from '../../../../lambdas/authorize/accounts-table.ts';
import { createPrincipals } from '../../../../lambdas/authorize/principals.ts';
import { TestClock } from '../../../support/clock.ts';

const settings: Account = {
  id: 'acme',
  createdAtMs: 0,
  tier: 'standard',
  overrides: {},
  status: 'active',
  mostSlots: 1,
  generation: 0,
  planKey: 'plan',
};
const keyOf = (id: string): ApiKey => ({
  id,
  account: 'acme',
  generation: 0,
  environment: 'production',
  scopes: ['ingest'],
  hash: new Uint8Array(32),
  createdAtMs: 0,
  createdBy: 'operator ada',
});

let clock: TestClock;
let account: Account;
let keys: Map<string, ApiKey>;
let reads: string[];
let ask: (keyId: string, account?: string) => Promise<string | undefined>;
beforeEach(() => {
  clock = new TestClock();
  account = settings;
  keys = new Map([['known', keyOf('known')]]);
  reads = [];
  const principals = createPrincipals(
    {
      findPrincipal: async (accountId, keyId) => {
        reads.push(keyId);
        const key = keys.get(keyId);
        return key && accountId === 'acme' ? { key, account } : undefined;
      },
    },
    clock,
    createReadAccounts(clock),
  );
  ask = async (keyId, accountId = 'acme') => {
    const found = await principals({ environment: 'production', account: accountId, keyId });
    return found && ('revoked' in found ? `revoked ${found.revoked.id}` : found.principal.account.status);
  };
});

describe('a known key', () => {
  it('is read once in 30 s', async () => {
    for (let request = 0; request < 30; request += 1) {
      expect(await ask('known')).toBe('active');
      clock.nowMs += 1000;
    }
    expect(reads).toHaveLength(1);

    await ask('known');
    expect(reads).toHaveLength(2);
  });

  it('that is revoked is refused 30 s later, however often it is used', async () => {
    await ask('known');
    keys.set('known', { ...keyOf('known'), revokedAtMs: clock.nowMs });

    for (let second = 1; second <= 30; second += 1) {
      clock.nowMs += 1000;
      await ask('known');
    }
    expect(await ask('known')).toBe('revoked known');
  });

  it('is not known for longer than until it expires', async () => {
    const expiresAtMs = clock.nowMs + 10_000;
    keys.set('known', { ...keyOf('known'), expiresAtMs });

    clock.nowMs = expiresAtMs - 1;
    expect(await ask('known')).toBe('active');
    clock.nowMs = expiresAtMs;
    expect(await ask('known')).toBeUndefined();
  });

  it('is refused once its account is suspended, 30 s later', async () => {
    await ask('known');
    account = { ...settings, status: 'suspended' };
    clock.nowMs += 30_000;

    expect(await ask('known')).toBe('suspended');
  });

  it('counts its 30 s from the begin of the read', async () => {
    const slow = createPrincipals(
      {
        findPrincipal: async () => {
          reads.push('known');
          clock.nowMs += 2000;
          return { key: keyOf('known'), account };
        },
      },
      clock,
      createReadAccounts(clock),
    );
    const asked = { environment: 'production', account: 'acme', keyId: 'known' };
    await slow(asked);
    clock.nowMs += 28_000;
    await slow(asked);

    expect(reads).toHaveLength(2);
  });

  it('is not known under the name of another account', async () => {
    await ask('known');

    expect(await ask('known', 'other')).toBeUndefined();
    expect(await ask('known')).toBe('active');
  });

  it('stays known in a flood of unknown ones', async () => {
    await ask('known');
    for (let flood = 0; flood < 20_000; flood += 1) await ask(`unknown-${flood}`);
    reads = [];

    await ask('known');
    expect(reads).toEqual([]);
  });
});

describe('a revoked key', () => {
  it('is read once in 5 s, and is that of no caller', async () => {
    keys.set('known', { ...keyOf('known'), revokedAtMs: clock.nowMs });

    for (let request = 0; request < 5; request += 1) {
      expect(await ask('known')).toBe('revoked known');
      clock.nowMs += 999;
    }

    expect(reads).toHaveLength(1);
  });

  it('of another account is unknown', async () => {
    keys.set('known', { ...keyOf('known'), revokedAtMs: clock.nowMs });

    expect(await ask('known', 'other')).toBeUndefined();
  });

  it('that also expired is still one that was revoked, and one that only expired is unknown', async () => {
    keys.set('both', { ...keyOf('both'), revokedAtMs: clock.nowMs, expiresAtMs: clock.nowMs });
    keys.set('expired', { ...keyOf('expired'), expiresAtMs: clock.nowMs });

    expect(await ask('both')).toBe('revoked both');
    expect(await ask('expired')).toBeUndefined();
  });
});

describe('an unknown key', () => {
  it('is read once in 5 s', async () => {
    for (let request = 0; request < 5; request += 1) {
      expect(await ask('new')).toBeUndefined();
      clock.nowMs += 999;
    }
    expect(reads).toHaveLength(1);
  });

  it('that is created is accepted 5 s later', async () => {
    await ask('new');
    keys.set('new', keyOf('new'));
    clock.nowMs += 5000;

    expect(await ask('new')).toBe('active');
  });

  it('of 10,000 others is forgotten', async () => {
    await ask('first');
    for (let flood = 0; flood < 10_000; flood += 1) await ask(`unknown-${flood}`);
    reads = [];

    await ask('first');
    expect(reads).toEqual(['first']);
  });
});

it('10,000 known keys are kept, and the one that was read longest ago is read again', async () => {
  for (let index = 0; index <= 10_000; index += 1) {
    keys.set(`key-${index}`, keyOf(`key-${index}`));
    await ask(`key-${index}`);
  }
  reads = [];

  await ask('key-1');
  await ask('key-0');
  expect(reads).toEqual(['key-0']);
});

it('a read that fails is not remembered', async () => {
  let fails = true;
  const principals = createPrincipals(
    {
      findPrincipal: async () => {
        if (fails) throw new Error('table down');
        return { key: keyOf('known'), account };
      },
    },
    clock,
    createReadAccounts(clock),
  );
  const asked = { environment: 'production', account: 'acme', keyId: 'known' };
  await expect(principals(asked)).rejects.toThrow('table down');
  fails = false;

  expect(await principals(asked)).toMatchObject({ principal: { account: { id: 'acme' } } });
});

describe('while the accounts table cannot be read', () => {
  /** What a read meets; undefined: it answers. */
  let trouble: Error | undefined;
  /** How long a read takes that meets it. */
  let readMs: number;
  beforeEach(() => {
    trouble = undefined;
    readMs = 0;
    const principals = createPrincipals(
      {
        findPrincipal: async (_account, keyId) => {
          reads.push(keyId);
          if (trouble) {
            clock.nowMs += readMs;
            throw trouble;
          }
          const key = keys.get(keyId);
          return key && { key, account };
        },
      },
      clock,
      createReadAccounts(clock),
    );
    ask = async (keyId) => {
      const secret = { environment: 'production', account: 'acme', keyId };
      const found = await principals(secret);
      return found && ('revoked' in found ? 'revoked' : found.principal.account.status);
    };
  });
  const goDown = () => {
    trouble = new Unavailable('down');
    reads = [];
  };

  it('a known key is accepted for 10 minutes after its last read, and not for longer', async () => {
    await ask('known');
    goDown();

    clock.nowMs += 10 * 60_000 - 1;
    expect(await ask('known')).toBe('active');
    clock.nowMs += 1;
    await expect(ask('known')).rejects.toThrow(Unavailable);
  });

  it('a known key is not accepted once it has expired', async () => {
    keys.set('known', { ...keyOf('known'), expiresAtMs: clock.nowMs + 60_000 });
    await ask('known');
    goDown();

    clock.nowMs += 59_999;
    expect(await ask('known')).toBe('active');
    clock.nowMs += 1;
    await expect(ask('known')).rejects.toThrow(Unavailable);
  });

  it('a key that expires while its read is under way is not accepted', async () => {
    keys.set('known', { ...keyOf('known'), expiresAtMs: clock.nowMs + 60_000 });
    await ask('known');
    goDown();
    readMs = 2000;

    clock.nowMs += 59_000;
    await expect(ask('known')).rejects.toThrow(Unavailable);
  });

  it('a key that nobody knows is refused as unavailable, and not as unknown', async () => {
    goDown();

    await expect(ask('new')).rejects.toThrow(Unavailable);
  });

  it('a key that was not there is unavailable too: it may have been created', async () => {
    await ask('new');
    goDown();
    clock.nowMs += 5000;

    await expect(ask('new')).rejects.toThrow(Unavailable);
  });

  it.each([
    ['revoked', { revokedAtMs: 0 }, 'revoked'],
    ['expired', { expiresAtMs: 1 }, undefined],
  ])('a key that was read as %s stays refused, as what it is', async (_state, end, told) => {
    await ask('known');
    keys.set('known', { ...keyOf('known'), ...end });
    clock.nowMs += 30_000;
    expect(await ask('known')).toBe(told);
    goDown();

    clock.nowMs += 9 * 60_000;
    expect(await ask('known')).toBe(told);
  });

  it('an account that was read as suspended stays suspended', async () => {
    account = { ...settings, status: 'suspended' };
    await ask('known');
    goDown();
    clock.nowMs += 9 * 60_000;

    expect(await ask('known')).toBe('suspended');
  });

  it('known and unknown keys together cost one read a second at the begin, and one in 8 seconds later', async () => {
    for (const keyId of ['one', 'two', 'three']) {
      keys.set(keyId, keyOf(keyId));
      await ask(keyId);
    }
    clock.nowMs += 30_000;
    goDown();
    const endMs = clock.nowMs + 60_000;
    const readsAtMs: number[] = [];
    while (clock.nowMs < endMs) {
      for (const keyId of ['one', 'two', 'three']) expect(await ask(keyId)).toBe('active');
      await expect(ask(`unknown-${clock.nowMs}`)).rejects.toThrow(Unavailable);
      if (reads.length > readsAtMs.length) readsAtMs.push(endMs - clock.nowMs);
      clock.nowMs += 100;
    }

    expect(reads).toHaveLength(readsAtMs.length);
    const pausesMs = readsAtMs.slice(1).map((leftMs, index) => (readsAtMs[index] ?? 0) - leftMs);
    expect(pausesMs.slice(0, 3)).toEqual([1000, 2000, 4000]);
    expect(new Set(pausesMs.slice(3))).toEqual(new Set([8000]));
  });

  it('a partition that is throttled costs its own key one read a second, and the others none', async () => {
    keys.set('other', keyOf('other'));
    await ask('known');
    clock.nowMs += 30_000;
    trouble = new PartitionUnavailable('throttled');
    reads = [];
    for (let request = 0; request < 20; request += 1) {
      expect(await ask('known')).toBe('active');
      clock.nowMs += 100;
    }
    expect(reads).toEqual(['known', 'known']);

    trouble = undefined;
    expect(await ask('other')).toBe('active');
  });

  it('what was changed meanwhile is in force soon after the table is back', async () => {
    await ask('known');
    goDown();
    clock.nowMs += 5 * 60_000;
    expect(await ask('known')).toBe('active');
    keys.set('known', { ...keyOf('known'), revokedAtMs: clock.nowMs });
    trouble = undefined;

    clock.nowMs += 8000;
    expect(await ask('known')).toBe('revoked');
  });

  it('an error that is a bug is not taken for an outage', async () => {
    await ask('known');
    trouble = new Error('a bug');
    clock.nowMs += 30_000;

    await expect(ask('known')).rejects.toThrow('a bug');
  });
});

it('all attempts of a read, the pause of the SDK between them and the write of the last use end before the function is timed out', () => {
  const { connectTimeoutMs, requestTimeoutMs, maxAttempts } = authorizeTimeouts;
  const longestPauseMs = 100;
  const readMs = maxAttempts * (connectTimeoutMs + requestTimeoutMs) + longestPauseMs;

  // A request writes a last use, or notices up to two things.
  expect(readMs + Math.max(lastUseTimeMs, 2 * noticeTimeMs) + longestPauseMs).toBeLessThan(authorizeTimeMs);
});
