import { describe, expect, it } from 'vitest';
import { runCli } from '../../../../cli/run.ts';
import { parseSecret, secretMatches } from '../../../../domain/accounts/secrets.ts';
import { startOperator } from '../operator-fixture.ts';

const { accounts, planKeys, weir } = startOperator();

it('creates an account with a key that works, on the plan of its tier', async () => {
  const { code, out } = await weir(
    'account',
    'create',
    '--account',
    'acme',
    '--tier',
    'enterprise',
    '--json',
  );

  expect(code).toBe(0);
  const created = JSON.parse(out);
  expect(created).toMatchObject({
    account_id: 'acme',
    environment: 'production',
    scopes: ['ingest', 'read'],
  });
  const { account: named = '', keyId = '' } = parseSecret(created.api_key) ?? {};
  const principal = await accounts.findPrincipal(named, keyId);
  expect(secretMatches(created.api_key, principal?.key.hash ?? new Uint8Array())).toBe(true);
  const account = await accounts.findAccount('acme');
  expect(planKeys.stored('weir-dev-acme')).toMatchObject([
    { value: account?.planKey, plan: 'output:UsagePlanRate500' },
  ]);
  // API Gateway takes minutes.
  expect(created.usable_by).toBe('2026-11-21T10:35:00.000Z');
});

it('refuses an account that is there, and changes nothing', async () => {
  await weir('account', 'create', '--account', 'twice');
  const before = planKeys.stored('weir-dev-twice');

  const { code, err } = await weir('account', 'create', '--account', 'twice');

  expect(code).toBe(1);
  expect(err).toContain('The account twice already exists. Nothing was changed.');
  expect(planKeys.stored('weir-dev-twice')).toEqual(before);
});

describe('an interrupted run', () => {
  it('before the account is there is done by running it again', async () => {
    const interrupted = startOperator();
    const { create } = interrupted.accounts;
    interrupted.accounts.create = () => Promise.reject(new Error('interrupted'));
    expect((await interrupted.weir('account', 'create', '--account', 'acme')).code).toBe(1);
    interrupted.accounts.create = create;

    const left = interrupted.planKeys.stored('weir-dev-acme');
    expect((await interrupted.weir('account', 'create', '--account', 'acme')).code).toBe(0);
    expect(interrupted.planKeys.stored('weir-dev-acme')).toEqual(left);
  });

  it('with another tier leaves no key on the plan of the first one', async () => {
    const interrupted = startOperator();
    const { create } = interrupted.accounts;
    interrupted.accounts.create = () => Promise.reject(new Error('interrupted'));
    await interrupted.weir('account', 'create', '--account', 'acme');
    interrupted.accounts.create = create;

    await interrupted.weir('account', 'create', '--account', 'acme', '--tier', 'custom');

    expect(interrupted.planKeys.stored('weir-dev-acme').map(({ plan }) => plan)).toEqual([
      'output:UsagePlanRate1000',
    ]);
  });

  it('after the account is there, which showed no key, is finished by making another key', async () => {
    const interrupted = startOperator();
    const create = interrupted.accounts.create.bind(interrupted.accounts);
    interrupted.accounts.create = async (...args) => {
      await create(...args);
      throw new Error('interrupted');
    };
    expect((await interrupted.weir('account', 'create', '--account', 'acme')).out).toBe('');

    const again = await interrupted.weir('account', 'create', '--account', 'acme');
    expect(again.code).toBe(1);
    expect(again.err).toContain('npm run -s weir -- key create --account acme');
    expect((await interrupted.weir('key', 'create', '--account', 'acme')).code).toBe(0);
  });
});

it('of two operators at once one creates the account, and it keeps its key and its plan', async () => {
  const two = startOperator();
  const create = two.accounts.create.bind(two.accounts);
  two.accounts.create = async (...args) => {
    two.accounts.create = create;
    expect((await two.weir('account', 'create', '--account', 'acme', '--tier', 'custom')).code).toBe(0);
    return create(...args);
  };

  const slower = await two.weir('account', 'create', '--account', 'acme');

  expect(slower).toMatchObject({ code: 1, err: expect.stringContaining('already exists') });
  const account = await two.accounts.findAccount('acme');
  expect(account?.tier).toBe('custom');
  expect(two.planKeys.stored('weir-dev-acme')).toMatchObject([
    { value: account?.planKey, plan: 'output:UsagePlanRate1000' },
  ]);
});

it.each([
  [['account', 'create'], 2, '--account is missing'],
  [['account', 'create', '--acount', 'x'], 2, "unknown option '--acount'\n(Did you mean --account?)"],
  [['account', 'create', '--account', 'A#b'], 2, 'An account id is'],
  [['account', 'create', '--account', 'b', '--environment', 'P'], 2, 'An environment is'],
  [
    ['account', 'create', '--account', 'b', '--tier', 'gold'],
    2,
    'Allowed choices are standard, enterprise, custom',
  ],
  [['account', 'create', '--account', 'b', '--scopes', 'ingest,all'], 2, 'choose from ingest, read, admin'],
  [['account', 'create', '--account', 'c', '--endpoint', 'nonsense'], 2, 'is not a URL'],
  [['acount'], 2, "unknown command 'acount'"],
  [['acount'], 2, 'Did you mean account?'],
  [['acount', '--help'], 2, "unknown command 'acount'"],
  [['quarantine', 'lst', '--all'], 2, "unknown command 'lst'"],
  [['--stage', 'dev', 'quarantine', 'lst', '-h'], 2, 'Did you mean list?'],
  [['replay', 'all', '--from', '1h'], 2, 'too many arguments'],
])('%j exits with %i and says what would be right', async (argv, code, message) => {
  const result = await weir(...argv);

  expect(result).toMatchObject({ code, out: '', err: expect.stringContaining(message) });
});

it.each([
  [['--help'], 'account create'],
  [['--json'], 'account create'],
  [[], 'account create'],
  [['account', 'create', '--help'], '--tier'],
])('%j prints help on stdout', async (argv, message) => {
  expect(await weir(...argv)).toEqual({ code: 0, out: expect.stringContaining(message), err: '' });
});

it('says where to look when AWS cannot be reached', async () => {
  const said: string[] = [];
  const streams = { out: () => {}, err: (text: string) => void said.push(text) };
  const unreachable = () => Promise.reject(new Error('connect ECONNREFUSED'));

  expect(await runCli(['account', 'create', '--account', 'x'], streams, unreachable)).toBe(1);

  expect(said.join()).toContain('ECONNREFUSED');
  expect(said.join()).toContain('--endpoint');
});

it.each([[['quarantine', '--help']], [['quarantine']], [['help', 'quarantine']]])(
  '%j lists the verbs that begin so, and no others',
  async (argv) => {
    const { code, out } = await weir(...argv);

    expect(code).toBe(0);
    expect(out).toContain('  quarantine discard ');
    expect(out).not.toContain('account create');
  },
);
