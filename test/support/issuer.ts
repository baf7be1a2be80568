// An OIDC issuer of a test: key pairs, the set that it publishes, and tokens as a test wants them.

import {
  type CryptoKey,
  exportJWK,
  generateKeyPair,
  type JWTHeaderParameters,
  type JWTPayload,
  SignJWT,
} from 'jose';
import type { PeopleSettings } from '../../domain/accounts/people.ts';

export const peopleSettings: PeopleSettings = {
  issuer: 'https://issuer.test',
  jwksUri: 'https://issuer.test/keys',
  audience: 'weir',
  identity: 'sub',
};

type Pair = {
  readonly kid: string;
  readonly alg: string;
  readonly privateKey: CryptoKey;
  readonly jwk: object;
};

export async function makePair(kid: string, alg = 'ES256'): Promise<Pair> {
  const { publicKey, privateKey } = await generateKeyPair(alg, { extractable: true });
  return { kid, alg, privateKey, jwk: { ...(await exportJWK(publicKey)), kid, alg, use: 'sig' } };
}

/** Claims that are right at this time, and others in their place. */
export const claimsAt = (nowMs: number, others: JWTPayload = {}): JWTPayload => ({
  iss: peopleSettings.issuer,
  aud: peopleSettings.audience,
  sub: 'ada',
  iat: Math.floor(nowMs / 1000),
  exp: Math.floor(nowMs / 1000) + 3600,
  ...others,
});

export const sign = (
  { alg, kid, privateKey }: Pair,
  claims: JWTPayload,
  header: Partial<JWTHeaderParameters> = {},
): Promise<string> => new SignJWT(claims).setProtectedHeader({ alg, kid, ...header }).sign(privateKey);

/** Publishes what `keys` holds at the time, and counts how often it is read. `fails` makes it fail. */
export class PublishedKeys {
  keys: readonly object[];
  reads = 0;
  fails: Error | undefined;

  constructor(...pairs: readonly Pair[]) {
    this.keys = pairs.map(({ jwk }) => jwk);
  }

  async read(): Promise<unknown> {
    this.reads += 1;
    if (this.fails) throw this.fails;
    return { keys: this.keys };
  }
}
