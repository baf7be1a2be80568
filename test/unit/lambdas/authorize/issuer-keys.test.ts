import { errors, type JWTVerifyGetKey } from 'jose';
import { beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { Unavailable } from '../../../../domain/system/unavailable.ts';
import { createIssuerKeys } from '../../../../lambdas/authorize/issuer-keys.ts';
import { TestClock } from '../../../support/clock.ts';
import { makePair, PublishedKeys } from '../../../support/issuer.ts';

let [first, second]: Awaited<ReturnType<typeof makePair>>[] = [];
beforeAll(async () => {
  [first, second] = [await makePair('first'), await makePair('second')];
});

const away = new Unavailable('the issuer is away');
let clock: TestClock;
let published: PublishedKeys;
let ask: (kid: string) => ReturnType<JWTVerifyGetKey>;
beforeEach(() => {
  clock = new TestClock();
  if (!first) throw new Error('no keys');
  published = new PublishedKeys(first);
  const keys = createIssuerKeys(published, clock);
  ask = (kid) => keys({ alg: 'ES256', kid }, { payload: '', signature: '' });
});

it('are read once in ten minutes', async () => {
  for (let minute = 0; minute < 10; minute += 1) {
    await ask('first');
    clock.nowMs += 60_000;
  }
  expect(published.reads).toBe(1);

  await ask('first');
  expect(published.reads).toBe(2);
});

describe('a token of an unknown key', () => {
  it('has them read again: the issuer may have rotated', async () => {
    await ask('first');
    published.keys = [second?.jwk ?? {}];
    clock.nowMs += 30_000;

    await expect(ask('second')).resolves.toBeDefined();
    expect(published.reads).toBe(2);
    await expect(ask('first')).rejects.toThrow(errors.JWKSNoMatchingKey);
  });

  it('has them read twice a minute at most, in a flood of such tokens', async () => {
    await ask('first');
    for (let token = 0; token < 6000; token += 1) {
      await expect(ask(`unknown-${token}`)).rejects.toThrow(errors.JWKSNoMatchingKey);
      clock.nowMs += 10;
    }
    await ask('first');

    expect(published.reads).toBeLessThanOrEqual(3);
  });

  it('is not judged while the issuer is away: it may be of a new key', async () => {
    await ask('first');
    published.fails = away;
    clock.nowMs += 30_000;

    await expect(ask('second')).rejects.toBe(away);
    await expect(ask('second')).rejects.toBe(away);
    expect(published.reads).toBe(2);
  });
});

describe('while the issuer is away', () => {
  it('nothing is told without keys, and the issuer is asked every five seconds', async () => {
    published.fails = away;
    for (let second = 0; second < 10; second += 1) {
      await expect(ask('first')).rejects.toBe(away);
      clock.nowMs += 1000;
    }
    expect(published.reads).toBe(2);

    published.fails = undefined;
    await expect(ask('first')).resolves.toBeDefined();
  });

  it('the keys that are known go on for an hour, and not longer', async () => {
    await ask('first');
    published.fails = away;

    clock.nowMs += 3_599_999;
    await expect(ask('first')).resolves.toBeDefined();
    clock.nowMs += 1;
    await expect(ask('first')).rejects.toBe(away);
  });
});

it.each([[undefined], ['keys'], [{}], [{ keys: 'none' }]])(
  '%j in place of a set is the fault of the issuer',
  async (set) => {
    const keys = createIssuerKeys({ read: async () => set }, clock);

    await expect(keys({ alg: 'ES256', kid: 'first' }, { payload: '', signature: '' })).rejects.toThrow(
      Unavailable,
    );
  },
);
