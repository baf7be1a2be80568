import { beforeEach, describe, expect, it, vi } from 'vitest';
import { openSecret } from '../../../../domain/signing/signing-secrets.ts';
import { startOperator } from '../operator-fixture.ts';

let { accounts, signingSecrets, operator, weir } = startOperator();
beforeEach(async () => {
  ({ accounts, signingSecrets, operator, weir } = startOperator());
  await weir('account', 'create', '--account', 'acme');
});
const signing = (verb: string, ...argv: string[]) =>
  weir('account', 'signing', verb, '--account', 'acme', ...argv);
const add = async (...argv: string[]): Promise<Record<string, string>> =>
  JSON.parse((await signing('add', '--json', ...argv)).out);
const isSigned = async () => (await accounts.findAccount('acme'))?.signing !== undefined;

describe('account signing add', () => {
  it('makes a secret that is kept sealed, and from then on the account has to sign', async () => {
    expect(await isSigned()).toBe(false);

    const added = await add();

    expect(added).toEqual({
      account_id: 'acme',
      secret_id: expect.stringMatching(/^[0-9a-f]{12}$/),
      signing_secret: expect.stringMatching(`^weirsig_${added.secret_id}_[0-9a-f]{64}$`),
      required: true,
      secret_ids: [added.secret_id],
    });
    const [sealed] = (await signingSecrets.find('acme'))?.secrets ?? [];
    if (!sealed) throw new Error('nothing was kept');
    expect(openSecret(await operator.platformKeys.current(), 'acme', sealed)).toBe(added.signing_secret);
    expect(await isSigned()).toBe(true);
  });

  it('prints the secret with how to sign, and what it means for requests', async () => {
    const { code, out } = await signing('add');

    expect(code).toBe(0);
    expect(out).toMatch(/signing secret {2}weirsig_[0-9a-f]{12}_[0-9a-f]{64}\n/);
    expect(out).toContain('Every POST of acme has to be signed from now on');
    expect(out).toContain('openssl dgst -sha256 -hmac "$SECRET"');
    expect(out).toContain('X-Weir-Timestamp');
  });

  it('leaves those that are there, up to three, and says how to go on', async () => {
    const { secret_id } = await add();
    const { out } = await signing('add');
    expect(out).toContain(`Any one of ${secret_id}, `);
    await add();

    const { code, err } = await signing('add');

    expect(code).toBe(1);
    expect(err).toContain('npm run -s weir -- account signing remove --account acme');
    expect((await signingSecrets.find('acme'))?.secrets).toHaveLength(3);
  });
});

describe('account signing require', () => {
  it('comes after a secret that was not required, which says how to go on', async () => {
    const { out } = await signing('add', '--required', 'no');
    expect(out).toContain('Requests of acme may go without a signature');
    expect(out).toContain('npm run -s weir -- account signing require --account acme');
    const before = await signingSecrets.find('acme');
    expect(before).toMatchObject({ required: false });

    const { code, out: text } = await signing('require');

    expect(code).toBe(0);
    expect(text).toContain('Every POST of acme has to be signed from now on');
    const after = await signingSecrets.find('acme');
    expect(after).toMatchObject({ required: true, secrets: before?.secrets });
    expect((await accounts.findAccount('acme'))?.signing).toBe(after?.version);
  });

  it('is not changed by a second secret, nor by removing one', async () => {
    const { secret_id } = await add('--required', 'no');
    const { out } = await signing('add');
    expect(out).toContain('Requests of acme may go without a signature');
    expect(await signingSecrets.find('acme')).toMatchObject({ required: false });
    await signing('remove', '--secret', String(secret_id));

    expect(await signingSecrets.find('acme')).toMatchObject({ required: false });
  });
});

describe('account signing list', () => {
  it('prints the ids and nothing of the secrets', async () => {
    const [one, two] = [await add(), await add()];

    const { out } = await signing('list');
    expect(out).toContain(`${one.secret_id}\n${two.secret_id}\nEvery POST of acme has to be signed`);
    expect(JSON.parse((await signing('list', '--json')).out)).toEqual({
      account_id: 'acme',
      required: true,
      secret_ids: [one.secret_id, two.secret_id],
    });
  });

  it('says what it means that there are none', async () => {
    expect((await signing('list')).out).toContain('need no signature');
  });
});

describe('account signing remove', () => {
  it('removes one and leaves the others', async () => {
    const [one, two] = [await add(), await add()];

    const { code, out } = await signing('remove', '--secret', String(one.secret_id));

    expect(code).toBe(0);
    expect(out).toContain(`Signatures with ${two.secret_id} are accepted.`);
    expect((await signingSecrets.find('acme'))?.secrets.map(({ id }) => id)).toEqual([two.secret_id]);
    expect(await isSigned()).toBe(true);
  });

  it('of the last one ends the need to sign, and says so', async () => {
    const { secret_id } = await add();

    const { out } = await signing('remove', '--secret', String(secret_id));

    expect(out).toContain('requests of acme need no signature any more');
    expect(await isSigned()).toBe(false);
    expect(await signingSecrets.find('acme')).toBeUndefined();
  });
});

it('a change that another operator was faster with is refused, and changes nothing', async () => {
  const { secret_id } = await add();
  vi.spyOn(signingSecrets, 'replace').mockResolvedValue(false);

  for (const attempt of [signing('add'), signing('remove', '--secret', String(secret_id))]) {
    const { code, err } = await attempt;
    expect(code).toBe(1);
    expect(err).toContain('changed meanwhile. Nothing was changed');
  }
});

it.each([
  [['add'], 2, '--account is missing'],
  [['add', '--account', 'nobody'], 1, 'There is no account "nobody"'],
  [['list', '--account', 'nobody'], 1, 'There is no account "nobody"'],
  [['require', '--account', 'acme'], 1, 'Add one first'],
  [['add', '--account', 'acme', '--required', 'maybe'], 2, 'Allowed choices are yes, no'],
  [['remove', '--account', 'acme'], 2, '--secret is missing'],
  [['remove', '--account', 'acme', '--secret', 'x'], 1, 'There is nothing to remove'],
  [['sign'], 2, "unknown command 'sign'"],
  [['sign'], 2, '--help lists the options and verbs'],
])('account signing %j exits with %i and says what would be right', async (argv, code, message) => {
  const result = await weir('account', 'signing', ...argv);

  expect(result.code).toBe(code);
  expect(result.err).toContain(message);
});

it('a secret that the account does not have is refused with those that it has', async () => {
  const { secret_id } = await add();

  const { code, err } = await signing('remove', '--secret', 'ffffffffffff');

  expect(code).toBe(1);
  expect(err).toContain(`give --secret one of ${secret_id}.`);
});
