// The issuer of the twin's people: it names anyone, with any claims, to whoever asks on this machine. Its key pair lives as
// long as the twin. No deployed stage knows it.

import { type Pages, WrongInput } from '@weir/twin';
import { exportJWK, generateKeyPair, type JWTPayload, SignJWT } from 'jose';

const issuer = 'https://issuer.weir.test';
const audience = 'weir';
const algorithm = 'ES256';
const keyId = 'of-this-twin';
export const tokenHours = 12;

/** Who owns the demo account. */
export const demoOwner = 'ada@example.com';

export type TestIssuer = {
  /** For the twin: below its own, the keys and the tokens. */
  readonly pages: Pages;
  /** For authorize, in the environment of which the settings of a stage's people are. */
  variables(pagesUrl: string): Readonly<Record<string, string>>;
  /** `claims` are added, or take the place of the issuer's own. */
  token(identity: string, claims?: JWTPayload): Promise<string>;
};

export async function createTestIssuer(nowMs: () => number): Promise<TestIssuer> {
  const { publicKey, privateKey } = await generateKeyPair(algorithm);
  const keys = [{ ...(await exportJWK(publicKey)), kid: keyId, alg: algorithm, use: 'sig' }];
  const token = (identity: string, claims: JWTPayload = {}) => {
    const iat = Math.floor(nowMs() / 1000);
    const exp = iat + tokenHours * 3600;
    const own = { iss: issuer, aud: audience, sub: identity, email: identity, email_verified: true };
    return new SignJWT({ ...own, iat, exp, ...claims })
      .setProtectedHeader({ alg: algorithm, kid: keyId })
      .sign(privateKey);
  };
  return {
    token,
    variables: (pagesUrl) => ({
      PEOPLE: JSON.stringify({
        issuer,
        jwksUri: `${pagesUrl}/issuer/keys`,
        audience,
        identity: 'email',
      }),
    }),
    pages: {
      'GET /issuer/keys': { about: 'the public key of the test issuer', answer: () => ({ keys }) },
      'POST /issuer/token': {
        about: 'a token of the test issuer: {"identity": "ada@example.com", "claims": {}}',
        answer: async (input) => {
          const { identity, claims } = readOrder(input);
          return { token: await token(identity, claims) };
        },
      },
    },
  };
}

function readOrder(input: string): { readonly identity: string; readonly claims?: JWTPayload } {
  const { identity, claims = {} } = parse(input) as { identity?: unknown; claims?: unknown };
  if (typeof identity !== 'string' || typeof claims !== 'object' || claims === null)
    throw new WrongInput('Send whom the token is to name: {"identity": "ada@example.com", "claims": {}}.');
  return { identity, claims: { ...claims } };
}

function parse(input: string): object {
  try {
    return Object(JSON.parse(input));
  } catch (error) {
    throw new WrongInput(`The order is not JSON: ${(error as Error).message}.`);
  }
}
