// Principals that nobody knows, and keys in places where none is looked for. Each is answered like a request without any key.

import { formatSecret, type ParsedSecret, parseSecret } from '../../domain/accounts/secrets.ts';
import { type ExactRequest, withHeaders } from './exact-answer.ts';

/** What real keys there are to disguise. */
export type RealKeys = {
  readonly known: string;
  readonly revoked: string;
  readonly expired: string;
  /** Of an account that was deleted. */
  readonly deleted: string;
  /** Of the account's usage plan: no secret. */
  readonly planKey: string;
  /** Of an owner of the account. */
  readonly token: string;
};

type Disguise = (request: ExactRequest, keys: RealKeys) => ExactRequest;

const asKey =
  (secretOf: (keys: RealKeys) => string): Disguise =>
  (request, keys) =>
    withHeaders(request, { 'x-api-key': secretOf(keys) });

const asHeader =
  (name: string, toValue: (key: string) => string): Disguise =>
  (request, { known }) =>
    withHeaders(request, { [name]: toValue(known) });

/** With the random part and checksum of a secret: 32 digits and 6. */
const endCharacters = 38;
const checksumCharacters = 6;
const randomOf = (secret: string): Buffer =>
  Buffer.from(secret.slice(-endCharacters, -checksumCharacters), 'hex');

/** The checksum is right, so that the key is looked up. */
function changed(secret: string, change: Partial<ParsedSecret>, random = randomOf(secret)): string {
  const parsed = parseSecret(secret);
  if (!parsed) throw new Error('It is no secret.');
  return formatSecret({ ...parsed, ...change }, random);
}

const otherRandom = Buffer.alloc(16, 7);

type TokenParts = readonly [header: string, claims: string, signature: string];
const encoded = (value: object): string => Buffer.from(JSON.stringify(value)).toString('base64url');
const asToken =
  (change: (parts: TokenParts) => TokenParts): Disguise =>
  (request, { token }) => {
    const [header = '', claims = '', signature = ''] = token.split('.');
    return withHeaders(request, { authorization: `Bearer ${change([header, claims, signature]).join('.')}` });
  };

export const nobodies: Readonly<Record<string, Disguise>> = {
  'an empty key': asKey(() => ''),
  'something that is no key': asKey(() => 'nonsense'),
  'a key with a mistyped end': asKey(({ known }) => `${known.slice(0, -1)}!`),
  'a key without its end': asKey(({ known }) => known.slice(0, -1)),
  'no more than the id of a key': asKey(({ known }) => known.slice(0, -endCharacters)),
  'an unknown key of the account': asKey(({ known }) => changed(known, { keyId: '0123456789ab' })),
  'the wrong secret of a known key': asKey(({ known }) => changed(known, {}, otherRandom)),
  'a known key under the name of another account': asKey(({ known }) =>
    changed(known, { account: 'isolation-other' }),
  ),
  'a known key under the name of an account that never was': asKey(({ known }) =>
    changed(known, { account: 'isolation-nobody' }),
  ),
  'a known key under the name of another environment': asKey(({ known }) =>
    changed(known, { environment: 'staging' }),
  ),
  'a revoked key': asKey(({ revoked }) => revoked),
  'an expired key': asKey(({ expired }) => expired),
  'a key of an account that was deleted': asKey(({ deleted }) => deleted),
  'a plan key': asKey(({ planKey }) => planKey),
  'a key in the query': (request, { known }) => ({
    ...request,
    path: `${request.path}${request.path.includes('?') ? '&' : '?'}x-api-key=${known}&api_key=${known}`,
  }),
  'a key in a cookie': asHeader('cookie', (key) => `x-api-key=${key}`),
  'a key as the password of Authorization: Basic': asHeader(
    'authorization',
    (key) => `Basic ${Buffer.from(`user:${key}`).toString('base64')}`,
  ),
  'a key in Authorization: Basic that is not encoded': asHeader('authorization', (key) => `Basic ${key}:`),
  'a key in Authorization without Bearer': asHeader('authorization', (key) => key),
  'a key in another header': asHeader('api-key', (key) => key),
  'a token in the place of a key': asKey(({ token }) => token),
  'a token whose claims were changed': asToken(([header, claims, signature]) => {
    const { sub, ...others } = JSON.parse(Buffer.from(claims, 'base64url').toString());
    return [header, encoded({ ...others, sub: `${sub}-2` }), signature];
  }),
  'a token without a signature': asToken(([header, claims]) => [header, claims, '']),
  'a token that needs no signature': asToken(([, claims]) => [encoded({ alg: 'none' }), claims, '']),
};
