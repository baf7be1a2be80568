import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { policyName } from '../../../../domain/personal-data/policy-name.ts';
import { startOperator } from '../operator-fixture.ts';

const policy = {
  fields: [{ name: 'tax_*', action: 'redact' as const }],
  detectors: [
    { detect: 'email' as const, action: 'redact' as const, in: ['user_id' as const] },
    { detect: 'card_number' as const, action: 'refuse' as const },
  ],
};

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'weir-policy-'));
});
afterAll(() => rmSync(folder, { recursive: true }));

let { accounts, weir } = startOperator();
beforeEach(async () => {
  ({ accounts, weir } = startOperator());
  await weir('account', 'create', '--account', 'acme');
});

function fileOf(text: string): string {
  const file = join(folder, 'policy.json');
  writeFileSync(file, text);
  return file;
}
const set = (text: string, ...argv: string[]) =>
  weir('account', 'policy', 'set', '--account', 'acme', '--file', fileOf(text), ...argv);
const inForce = async () => (await accounts.findAccount('acme'))?.policy;

it('puts a policy in force, prints what it asks for, and shows the same later', async () => {
  const { code, out } = await set(JSON.stringify(policy));

  expect(code).toBe(0);
  expect(await inForce()).toBe(policyName(policy));
  expect(out).toContain('redact   metadata fields named tax_*');
  expect(out).toContain('redact   email in user_id');
  expect(out).toContain('refuse   card_number in metadata');
  expect(out).toContain('from now on');
  const shown = await weir('account', 'policy', 'show', '--account', 'acme');
  expect(out.startsWith(shown.out)).toBe(true);
});

it('takes a file that an editor began with a byte-order mark', async () => {
  expect((await set(`\ufeff${JSON.stringify(policy)}`)).code).toBe(0);
});

it('explains that a name with a dot is no path', async () => {
  const { out } = await set('{"fields":[{"name":"user.ssn","action":"refuse"}]}');

  expect(out).toContain('user.ssn is one field with a dot in its name, at any depth, and no path.');
});

it('prints JSON for machines', async () => {
  const asSet = { account_id: 'acme', policy_name: policyName(policy), policy };
  const none = { account_id: 'acme', policy_name: null, policy: null };

  expect(JSON.parse((await set(JSON.stringify(policy), '--json')).out)).toEqual(asSet);
  expect(JSON.parse((await weir('account', 'policy', 'show', '--account', 'acme', '--json')).out)).toEqual(
    asSet,
  );
  expect(JSON.parse((await weir('account', 'policy', 'clear', '--account', 'acme', '--json')).out)).toEqual(
    none,
  );
});

it('ends a policy, and says that there is none', async () => {
  await set(JSON.stringify(policy));

  const { code, out } = await weir('account', 'policy', 'clear', '--account', 'acme');

  expect(code).toBe(0);
  expect(out).toContain('from now on');
  expect(await inForce()).toBeUndefined();
  expect((await weir('account', 'policy', 'show', '--account', 'acme')).out).toContain('has no policy');
});

describe('a policy that cannot be read is refused with what would be right, and changes nothing', () => {
  it.each([
    ['no JSON', '{"fields":', 'is not JSON'],
    ['an unknown action', '{"fields":[{"name":"a","action":"drop"}]}', 'policy.fields[0].action must be'],
    ['two faults', '{"fields":[{"name":"","action":"drop"}]}', 'policy.fields[0].name must be'],
  ])('%s', async (_, text, message) => {
    const { code, err } = await set(text);

    expect(code).toBe(1);
    expect(err).toContain(message);
    expect(err).toContain('othing was changed');
    expect(err).not.toContain('aws sts');
    expect(await inForce()).toBeUndefined();
  });

  it('no file', async () => {
    const file = join(folder, 'missing.json');

    const { code, err } = await weir('account', 'policy', 'set', '--account', 'acme', '--file', file);

    expect(code).toBe(1);
    expect(err).toContain('missing.json cannot be read (ENOENT)');
  });
});

it.each([
  ['set', ['--file', 'policy.json']],
  ['show', []],
  ['clear', []],
])('%s refuses an account that is not there', async (verb, more) => {
  const given = more.map((argument) =>
    argument === 'policy.json' ? fileOf(JSON.stringify(policy)) : argument,
  );

  const { code, err } = await weir('account', 'policy', verb, '--account', 'nobody', ...given);

  expect(code).toBe(1);
  expect(err).toContain('There is no account "nobody"');
});

it('says what to do where the policy in force is gone', async () => {
  accounts.change('acme', { policy: 'gone' }, []);

  const { code, err } = await weir('account', 'policy', 'show', '--account', 'acme');

  expect(code).toBe(1);
  expect(err).toContain('npm run -s weir -- account policy set --account acme');
});
