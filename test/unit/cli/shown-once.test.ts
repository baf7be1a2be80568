// A secret is shown by the run that made it, and by none after it: neither in results nor in refusals.

import { beforeEach, expect, it } from 'vitest';
import { startOperator } from './operator-fixture.ts';

let { weir } = startOperator();
beforeEach(() => {
  ({ weir } = startOperator());
});

const ofAcme = (words: string, ...more: string[]) => [...words.split(' '), '--account', 'acme', ...more];

/** All of it past its id. */
const randomOf = (secret: string): string => secret.slice(secret.lastIndexOf('_') + 1);

async function makeSecrets() {
  const secrets: string[] = [];
  const make = async (...argv: string[]) => {
    const { out } = await weir(...argv, '--json');
    const made = JSON.parse(out);
    secrets.push(made.api_key ?? made.signing_secret);
    return made;
  };
  await make(...ofAcme('account create'));
  const created = await make(...ofAcme('key create'));
  await make(...ofAcme('key rotate', '--key', created.key_id));
  const { secret_id } = await make(...ofAcme('account signing add'));
  return { secrets, keyId: created.key_id as string, secretId: secret_id as string };
}

it.each([
  [ofAcme('account create'), /weir_production_acme_/],
  [['key', 'create', '--account', 'first'], /weir_production_first_/],
])('%j shows its secret on one line', async (argv, form) => {
  await weir('account', 'create', '--account', 'first');
  const { out, err } = await weir(...argv);

  expect(out.split('\n').filter((line) => form.test(line))).toHaveLength(1);
  expect(err).not.toMatch(form);
});

it('no run after it shows a secret, nor a part of one past its id', async () => {
  const { secrets, keyId, secretId } = await makeSecrets();
  expect(new Set(secrets).size).toBe(4);
  const later = [
    ofAcme('account create'),
    ofAcme('account show'),
    ['account', 'list'],
    ofAcme('account policy show'),
    ofAcme('account signing list'),
    ofAcme('account signing require'),
    ofAcme('key list'),
    ofAcme('key rotate', '--key', keyId),
    ofAcme('key revoke', '--key', keyId, '--yes'),
    ofAcme('audit'),
    ofAcme('account suspend'),
    ofAcme('account signing remove', '--secret', secretId),
    // Typed in the place of an id, which is not repeated.
    ...secrets.flatMap((secret) => [
      ofAcme('key revoke', '--key', secret),
      ofAcme('key rotate', '--key', secret),
    ]),
  ];

  for (const argv of later)
    for (const form of [[], ['--json']]) {
      const { out, err } = await weir(...argv, ...form);
      for (const secret of secrets)
        expect(out + err, argv.slice(0, 3).join(' ')).not.toContain(randomOf(secret).slice(0, 8));
    }
});
