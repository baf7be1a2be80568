import { createHmac, createPublicKey } from 'node:crypto';
import type { JWK, JWTPayload } from 'jose';
import { beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import type { PeopleSettings } from '../../../../domain/accounts/people.ts';
import { Unavailable } from '../../../../domain/system/unavailable.ts';
import { createIssuerKeys } from '../../../../lambdas/authorize/issuer-keys.ts';
import { createTokens, isToken } from '../../../../lambdas/authorize/tokens.ts';
import { TestClock } from '../../../support/clock.ts';
import { claimsAt, makePair, PublishedKeys, peopleSettings, sign } from '../../../support/issuer.ts';

type Pair = Awaited<ReturnType<typeof makePair>>;
let [es, rsa, ed, foreign] = [] as unknown as [Pair, Pair, Pair, Pair];
beforeAll(async () => {
  es = await makePair('es');
  rsa = await makePair('rsa', 'RS256');
  ed = await makePair('ed', 'EdDSA');
  foreign = await makePair('es');
});

let clock: TestClock;
let published: PublishedKeys;
beforeEach(() => {
  clock = new TestClock();
  published = new PublishedKeys(es, rsa, ed);
});

const readerOf = (settings: Partial<PeopleSettings> = {}) =>
  createTokens({ ...peopleSettings, ...settings }, createIssuerKeys(published, clock), clock);
const nameIn = async (token: string) => (await readerOf()(token))?.person;
const tokenOf = (claims: JWTPayload = {}) => sign(es, claimsAt(clock.nowMs, claims));

const encode = (part: object) => Buffer.from(JSON.stringify(part)).toString('base64url');
const seconds = () => clock.nowMs / 1000;

describe('a token', () => {
  it('of each algorithm of key pairs names its person', async () => {
    for (const pair of [es, rsa, ed])
      expect(await nameIn(await sign(pair, claimsAt(clock.nowMs)))).toBe('ada');
  });

  it('of another algorithm names nobody, also if the issuer publishes its key', async () => {
    const others = await Promise.all(['PS256', 'ES384'].map((alg) => makePair(alg, alg)));
    published = new PublishedKeys(...others);

    for (const pair of others) expect(await nameIn(await sign(pair, claimsAt(clock.nowMs)))).toBeUndefined();
  });

  it('without a signature names nobody', async () => {
    const claims = encode(claimsAt(clock.nowMs));

    for (const alg of ['none', 'None', 'ES256']) {
      const token = `${encode({ alg, kid: 'es' })}.${claims}.`;
      expect(isToken(token)).toBe(false);
      expect(await nameIn(token)).toBeUndefined();
      expect(await nameIn(`${token}AAAA`)).toBeUndefined();
    }
  });

  it('that is signed with a public key as a secret names nobody', async () => {
    for (const { jwk, kid } of [es, rsa]) {
      const key = createPublicKey({ key: jwk as JWK, format: 'jwk' });
      const secrets = [
        key.export({ type: 'spki', format: 'pem' }),
        key.export({ type: 'spki', format: 'der' }),
        JSON.stringify(jwk),
      ];
      for (const secret of secrets) {
        const signed = `${encode({ alg: 'HS256', kid })}.${encode(claimsAt(clock.nowMs))}`;
        const mac = createHmac('sha256', secret).update(signed).digest('base64url');
        expect(await nameIn(`${signed}.${mac}`)).toBeUndefined();
      }
    }
  });

  it('of another key names nobody, also if it brings that along or says where it is', async () => {
    expect(await nameIn(await sign(foreign, claimsAt(clock.nowMs)))).toBeUndefined();
    const header = {
      jwk: foreign.jwk as JWK,
      jku: 'https://foreign.test/keys',
      x5u: 'https://foreign.test/x',
    };
    expect(await nameIn(await sign(foreign, claimsAt(clock.nowMs), header))).toBeUndefined();
  });

  it('whose claims were changed after it was signed names nobody', async () => {
    const [header, , signature] = (await tokenOf()).split('.');

    const changed = encode(claimsAt(clock.nowMs, { sub: 'bob' }));
    expect(await nameIn(`${header}.${changed}.${signature}`)).toBeUndefined();
  });

  it.each<[string, JWTPayload]>([
    ['another issuer', { iss: 'https://issuer.test/' }],
    ['no issuer', { iss: undefined as never }],
    ['another audience', { aud: 'other' }],
    ['no audience', { aud: undefined as never }],
    ['no expiry', { exp: undefined as never }],
    ['no subject', { sub: undefined as never }],
    ['a subject that could be no key', { sub: 'a#b' }],
    ['an expiry that is no number', { exp: '9999999999' as never }],
  ])('with %s names nobody', async (_, claims) => {
    expect(await nameIn(await tokenOf(claims))).toBeUndefined();
  });

  it('for several audiences names its person, if one of them is ours', async () => {
    expect(await nameIn(await tokenOf({ aud: ['other', 'weir'] }))).toBe('ada');
  });

  it('is expired 60 s after its expiry, and not before', async () => {
    expect(await nameIn(await tokenOf({ exp: seconds() - 59 }))).toBe('ada');
    expect(await nameIn(await tokenOf({ exp: seconds() - 60 }))).toBeUndefined();
  });

  it('is too early until 60 s before its time', async () => {
    expect(await nameIn(await tokenOf({ nbf: seconds() + 60 }))).toBe('ada');
    expect(await nameIn(await tokenOf({ nbf: seconds() + 61 }))).toBeUndefined();
  });

  it('of an unknown key names nobody', async () => {
    expect(await nameIn(await sign({ ...es, kid: 'unknown' }, claimsAt(clock.nowMs)))).toBeUndefined();
  });

  it('that asks for an extension names nobody', async () => {
    const token = await tokenOf();
    const [, claims, signature] = token.split('.');

    for (const header of [
      { crit: ['exp'], exp: 1 },
      { b64: false, crit: ['b64'] },
    ])
      expect(
        await nameIn(`${encode({ alg: 'ES256', kid: 'es', ...header })}.${claims}.${signature}`),
      ).toBeUndefined();
  });

  it('has three parts of at most 8,192 characters in all, and is no secret', async () => {
    expect(isToken(await tokenOf())).toBe(true);
    expect(isToken(`${'a'.repeat(8188)}.a.a`)).toBe(true);
    expect(isToken(`${'a'.repeat(8189)}.a.a`)).toBe(false);
    for (const other of ['', 'a.b', 'a.b.c.d', 'a.b.c.d.e', 'a..c', 'a.b.c=', 'weir_production_acme_0_0'])
      expect(isToken(other), other).toBe(false);
  });
});

describe('what was verified', () => {
  /** Tells how often the same token is verified, by how often its key is asked for. */
  const verifiedAfter = async (passMs: number, claims: JWTPayload = {}) => {
    const find = vi.fn(createIssuerKeys(published, clock));
    const read = createTokens(peopleSettings, find, clock);
    const token = await tokenOf(claims);
    expect((await read(token))?.person).toBe('ada');
    clock.nowMs += passMs;
    await read(token);
    return find.mock.calls.length;
  };

  it('is known for 30 s, and not for longer', async () => {
    expect(await verifiedAfter(29_999)).toBe(1);
    expect(await verifiedAfter(30_000)).toBe(2);
  });

  it('is not known past its expiry', async () => {
    expect(await verifiedAfter(9_999, { exp: seconds() + 10 })).toBe(1);
    expect(await verifiedAfter(10_000, { exp: seconds() + 10 })).toBe(2);
  });

  it('names nobody once it is expired', async () => {
    const read = readerOf();
    const token = await tokenOf({ exp: seconds() - 40 });
    expect(await read(token)).toBeDefined();

    clock.nowMs += 20_000;
    expect(await read(token)).toBeUndefined();
  });

  it('is of this token only', async () => {
    const read = readerOf();
    await read(await tokenOf());

    expect((await read(await tokenOf({ sub: 'bob' })))?.person).toBe('bob');
  });
});

it('roles are those of the claim that the stage names, if it names one', async () => {
  const token = await tokenOf({ weir: { acme: 'owner' } });

  expect(await readerOf()(token)).toEqual({ person: 'ada' });
  expect(await readerOf({ rolesClaim: 'weir' })(token)).toEqual({
    person: 'ada',
    roles: new Map([['acme', 'owner']]),
  });
  expect(await readerOf({ rolesClaim: 'other' })(token)).toEqual({ person: 'ada', roles: new Map() });
});

it('an issuer that is away is told, and is no fault of the token', async () => {
  published.fails = new Unavailable('away');

  await expect(readerOf()(await tokenOf())).rejects.toThrow(Unavailable);
});
