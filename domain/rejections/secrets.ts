// What looks like a secret in a rejected event: by the name of its field, by the name beside it, or by its form. All of it
// is a guess: a secret that neither the names nor the forms know is shown.

import type { Detector } from '../personal-data/detectors.ts';
import { redacted } from '../personal-data/redaction.ts';

/** A name that holds one of these is that of a secret. Without separators: `apikey` is in `X-Api-Key`, too. */
export const secretParts = [
  ...['password', 'passwd', 'passphrase', 'passcode', 'pwd', 'secret', 'token', 'credential'],
  ...['apikey', 'accesskey', 'privatekey', 'signingkey', 'encryptionkey', 'connectionstring'],
  ...['authorization', 'cookie', 'sessionid', 'sessionkey', 'bearer'],
];
/** These are parts of harmless names, such as `author`, and count as a whole. */
export const secretNames = new Set(['auth', 'jwt', 'otp', 'pass', 'pin', 'pw', 'sid', 'cvc', 'cvv']);

export function isSecretName(name: string): boolean {
  const letters = name.toLowerCase().replace(/[^a-z0-9]/g, '');
  return secretNames.has(letters) || secretParts.some((part) => letters.includes(part));
}

const nameFields = /^(?:name|key|header|field)$/i;
const valueFields = /^values?$/i;

/** Headers are often lists: of `{ name, value }`, of `[name, value]`, or of names and values by turns. */
export function hideBesideNames(value: unknown): unknown {
  if (typeof value !== 'object' || value === null) return value;
  if (Array.isArray(value))
    return value.map((item, index) => (isNameOfSecret(value[index - 1]) ? redacted : hideBesideNames(item)));
  const fields = Object.entries(value);
  const isNamed = fields.some(([name, each]) => nameFields.test(name) && isNameOfSecret(each));
  return Object.fromEntries(
    fields.map(([name, each]) => [
      name,
      isNamed && valueFields.test(name) ? redacted : hideBesideNames(each),
    ]),
  );
}

const isNameOfSecret = (value: unknown): boolean => typeof value === 'string' && isSecretName(value);

type SecretForm = {
  /** No repetition without a bound, so that no place of a text costs more than some 100 characters, whatever follows. */
  readonly head: string;
  /** One character. All that follow the head belong to the secret. */
  readonly rest: string;
  /** Of what was found. Absent: it is one. */
  readonly is?: (found: string) => boolean;
};

export const secretForms: readonly SecretForm[] = [
  {
    // API keys of Weir.
    head: 'weir_[a-z][a-z0-9-]{0,31}_[a-z0-9][a-z0-9-]{0,62}_[0-9a-f]{12}_[0-9A-Za-z]',
    rest: '[0-9A-Za-z]',
  },
  // JSON Web Tokens. Without a dot it is JSON in base64, such as a cursor.
  { head: 'eyJ[\\w-]', rest: '[\\w.-]', is: (found) => /\.[\w-]/.test(found) },
  { head: '\\b(?i:bearer)\\s{1,4}[\\w.~+/-]{8}', rest: '[\\w.~+/=-]' },
  // "Basic authentication" is none.
  { head: '\\b(?i:basic)\\s{1,4}[\\w+/-]{4}', rest: '[\\w+/=-]', is: isUserAndPassword },
  // To the end of the text.
  { head: '-----BEGIN [A-Z0-9 ]{0,40}PRIVATE KEY', rest: '[^]' },
  // AWS: the ids of access keys.
  { head: '(?<![A-Za-z0-9])(?:AKIA|ASIA)[A-Z0-9]{16}', rest: '[A-Z0-9]' },
  // Stripe.
  { head: '(?<![A-Za-z0-9])[rs]k_(?:live|test)_\\w{6}', rest: '\\w' },
  // Stripe, GitHub, GitLab, Slack, npm, Google and others.
  {
    head: '(?<![A-Za-z0-9])(?:whsec_|gh[opsur]_|github_pat_|glpat-|xox[abeoprs]-|xapp-|npm_|AIza|sk-)[\\w-]{16}',
    rest: '[\\w-]',
  },
];

function isUserAndPassword(found: string): boolean {
  const [, base64 = ''] = found.split(/\s+/);
  return Buffer.from(base64, 'base64').includes(':');
}

const patterns = secretForms.map(({ head, rest, is = () => true }) => ({
  is,
  pattern: new RegExp(`${head}${rest}*`, 'g'),
}));

export const secrets: Detector = {
  find: (text) =>
    patterns.flatMap(({ pattern, is }) =>
      [...text.matchAll(pattern)]
        .filter(([found]) => is(found))
        .map(({ index, 0: { length } }) => ({ start: index, end: index + length })),
    ),
};
