import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { formatSecret } from '../../../../domain/accounts/secrets.ts';
import {
  hideBesideNames,
  isSecretName,
  secretForms,
  secretNames,
  secretParts,
  secrets,
} from '../../../../domain/rejections/secrets.ts';
import { seededRandom } from '../../../support/clock.ts';

const key = formatSecret(
  { environment: 'production', account: 'acme', keyId: 'abcdefabcdef' },
  seededRandom(1).bytes(16),
);
const basic = Buffer.from('ada:hunter2').toString('base64');
// No text of this file has the form of somebody's secret.
const some = (head: string) => `${head}0a1B2c3D4e5F6g7H8i9J`;

describe('a secret is known by its form:', () => {
  it.each([
    ['an API key of Weir', key],
    ['a JSON Web Token', 'eyJhbGciOiJI.eyJzdWIiOiIx.c2lnbmF0dXJl'],
    ['bearer credentials', some('bearer  ')],
    ['basic credentials', `Basic ${basic}`],
    ['the id of an access key of AWS', `AKIA${'IOSFODNN7EXAMPLE'}`],
    ['a key of Stripe', 'sk_live_abcdef'],
    ...['whsec_', 'ghp_', 'github_pat_', 'glpat-', 'xoxb-', 'xapp-', 'npm_', 'AIza', 'sk-'].map((head) => [
      `a token that begins with ${head}`,
      some(head),
    ]),
  ])('%s', (_, secret) => {
    for (const text of [secret, `key=${secret}`, `"${secret}"`, `it is ${secret}, is it?`]) {
      const at = text.indexOf(secret);
      expect(secrets.find(text)).toContainEqual({ start: at, end: at + secret.length });
    }
  });

  it('a private key, to the end of the text', () => {
    const text = `my key: -----BEGIN RSA PRIVATE KEY-----\nProc-Type: 4,ENCRYPTED\n\nMIIE=\n-----END`;

    expect(secrets.find(text)).toEqual([{ start: 8, end: text.length }]);
  });

  it.each([
    'Basic authentication failed',
    'the bearer of news',
    'a cursor eyJwYWdlIjoyfQ.',
    'task-force-of-the-year-2026',
    'npm_config',
    'sk-SK',
    '-----BEGIN CERTIFICATE-----',
    'AKIA',
  ])('"%s" has none', (text) => {
    expect(secrets.find(text)).toEqual([]);
  });

  it('each place of a text costs a bounded number of characters, whatever the text is', () => {
    for (const { head, rest } of secretForms) {
      const withoutClasses = head.replace(/\[[^\]]*\]/g, 'x');
      expect(withoutClasses).not.toMatch(/[*+]|\{\d+,\}|\\[1-9k]/);
      const bounds = [...head.matchAll(/\{(?:\d+,)?(\d+)\}/g)].map(([, bound]) => Number(bound));
      expect(bounds.reduce((sum, bound) => sum + bound, 0)).toBeLessThan(128);
      // A single character, so that what follows the head is read once.
      expect(rest).toMatch(/^(?:\\w|\[[^\]]*\])$/);
    }
  });
});

describe('a secret is known by a name:', () => {
  it.each([
    ...['password', 'PassWord', 'user_password_1', 'pwd', 'db.pwd', 'api_key', 'X-Api-Key', 'apiKey'],
    ...['privateKey', 'private-key', 'accessKey', 'AWS_SECRET_ACCESS_KEY', 'sessionid', 'session_id'],
    ...['Authorization', 'Set-Cookie', 'access_token', 'credentials', 'auth', 'PIN', 'cvv'],
  ])('%s', (name) => {
    expect(isSecretName(name)).toBe(true);
  });

  it.each(['author', 'authored_by', 'key', 'event_id', 'type', 'shipping', 'compass', 'session', '', '密码'])(
    '"%s" is none',
    (name) => {
      expect(isSecretName(name)).toBe(false);
    },
  );

  it.each([
    [
      { name: 'Authorization', value: 'x' },
      { name: 'Authorization', value: '[redacted]' },
    ],
    [
      { Key: 'password', Value: { a: 1 } },
      { Key: 'password', Value: '[redacted]' },
    ],
    [
      [
        ['Cookie', 'x'],
        ['Accept', 'y'],
      ],
      [
        ['Cookie', '[redacted]'],
        ['Accept', 'y'],
      ],
    ],
    [
      ['Accept', 'y', 'x-api-key', 'x', 'Host', 'z'],
      ['Accept', 'y', 'x-api-key', '[redacted]', 'Host', 'z'],
    ],
    [{ a: [{ name: 'plan', value: 1 }, null, 7] }, { a: [{ name: 'plan', value: 1 }, null, 7] }],
  ])('beside it, in %j', (value, hidden) => {
    expect(hideBesideNames(value)).toEqual(hidden);
  });
});

it('the guide lists every name', () => {
  const page = readFileSync('docs/guide/rejections.md', 'utf8');

  const missing = [...secretParts, ...secretNames].filter((name) => !page.includes(`\`${name}\``));

  expect(missing).toEqual([]);
});
