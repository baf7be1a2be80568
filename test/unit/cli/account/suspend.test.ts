import { beforeEach, describe, expect, it } from 'vitest';
import { suspendTier } from '../../../../cli/account/tier-status.ts';
import { Killed, killedAt } from '../killed-operator.ts';
import { startOperator } from '../operator-fixture.ts';

let { accounts, weir, operator } = startOperator();
beforeEach(() => {
  ({ accounts, weir, operator } = startOperator());
});

const json = async (...argv: string[]) => {
  const { code, out, err } = await weir(...argv, '--json');
  expect(code, err).toBe(0);
  return JSON.parse(out);
};
const suspensionOf = async (id: string) => {
  const { status, suspension } = (await accounts.findAccount(id)) ?? {};
  return status === 'suspended' ? suspension : status;
};
const create = async (id: string, tier = 'standard') =>
  json('account', 'create', '--account', id, '--tier', tier);

describe('an account', () => {
  beforeEach(() => create('acme'));

  it('is suspended for what it sends, and with --reads for what it reads', async () => {
    expect((await weir('account', 'suspend', '--account', 'acme')).out).toContain(
      'except for those that read',
    );
    expect(await suspensionOf('acme')).toEqual({ reads: false });
    expect((await weir('account', 'show', '--account', 'acme')).out).toContain(
      'suspended: reads are allowed',
    );

    expect(await json('account', 'suspend', '--account', 'acme', '--reads')).toEqual({
      account_id: 'acme',
      status: 'suspended',
      reads: 'refused',
      changed: true,
    });
    expect(await suspensionOf('acme')).toEqual({ reads: true });
    expect(await json('account', 'suspend', '--account', 'acme', '--reads')).toMatchObject({
      changed: false,
    });

    await weir('account', 'resume', '--account', 'acme');
    expect(await suspensionOf('acme')).toBe('active');
  });

  it('that is suspended with its reads stays so: only resume opens them', async () => {
    await weir('account', 'suspend', '--account', 'acme', '--reads');

    expect(await json('account', 'suspend', '--account', 'acme')).toEqual({
      account_id: 'acme',
      status: 'suspended',
      reads: 'refused',
      changed: false,
    });
    expect((await weir('account', 'suspend', '--account', 'acme')).out).toContain('already, with its reads');
    expect(await suspensionOf('acme')).toEqual({ reads: true });

    await weir('account', 'resume', '--account', 'acme');
    await weir('account', 'suspend', '--account', 'acme');
    expect(await suspensionOf('acme')).toEqual({ reads: false });
  });

  it.each([[[]], [['--account', 'acme', '--all-of-tier', 'standard']]])(
    'or all of a tier, but not %j',
    async (argv) => {
      for (const verb of ['suspend', 'resume']) {
        const { code, err } = await weir('account', verb, ...argv);
        expect(code).toBe(2);
        expect(err).toContain('Give either --account or --all-of-tier');
      }
    },
  );
});

describe('all of a tier', () => {
  beforeEach(async () => {
    for (const id of ['one', 'two', 'three']) await create(id);
    await create('big', 'enterprise');
    await weir('account', 'suspend', '--account', 'three', '--reads');
  });

  it('needs --yes, and says how many it would change', async () => {
    const { code, err } = await weir('account', 'suspend', '--all-of-tier', 'standard', '--reads');

    expect(code).toBe(1);
    expect(err).toContain('This would suspend 2 accounts');
    expect(err).toContain('account suspend --all-of-tier standard --reads --yes');
    expect(await suspensionOf('one')).toBe('active');
  });

  it('is suspended and resumed together, without those that were suspended by themselves', async () => {
    const suspended = await weir('account', 'suspend', '--all-of-tier', 'standard', '--yes', '--json');
    expect(JSON.parse(suspended.out)).toEqual({
      tier: 'standard',
      reads: 'allowed',
      seen: 4,
      changed: 2,
      left: 1,
      changed_meanwhile: 0,
    });
    expect(suspended.err).toContain('4 accounts seen, 2 changed');
    expect(await suspensionOf('one')).toEqual({ reads: false, ofTier: 'standard' });
    expect(await suspensionOf('three')).toEqual({ reads: true });
    expect(await suspensionOf('big')).toBe('active');
    expect((await weir('account', 'show', '--account', 'one')).out).toContain('with all of standard');
    const { entries } = await json('audit', '--account', 'one');
    const [entry] = entries.filter(({ what }: { what: string }) => what === 'account.suspended');
    expect(entry).toMatchObject({ after: { status: 'suspended', of_tier: 'standard' } });

    // It is to stay so after the storm.
    await weir('account', 'suspend', '--account', 'two');
    expect((await weir('account', 'resume', '--all-of-tier', 'standard')).err).toContain('resume 1 accounts');
    expect(await json('account', 'resume', '--all-of-tier', 'standard', '--yes')).toMatchObject({
      changed: 1,
      left: 2,
    });
    expect(await suspensionOf('one')).toBe('active');
    expect(await suspensionOf('two')).toEqual({ reads: false });
    expect(await suspensionOf('three')).toEqual({ reads: true });
  });

  it('is resumed also where an account has another tier by now', async () => {
    await weir('account', 'suspend', '--all-of-tier', 'standard', '--yes');
    await weir('account', 'set', '--account', 'one', '--tier', 'enterprise');

    await weir('account', 'resume', '--all-of-tier', 'standard', '--yes');

    expect(await suspensionOf('one')).toBe('active');
  });

  it('can be told to refuse reads too, later', async () => {
    await weir('account', 'suspend', '--all-of-tier', 'standard', '--yes');

    expect(await json('account', 'suspend', '--all-of-tier', 'standard', '--reads', '--yes')).toMatchObject({
      changed: 2,
    });
    expect(await suspensionOf('one')).toEqual({ reads: true, ofTier: 'standard' });
  });

  it('that is suspended with its reads stays so, together and one by one', async () => {
    await weir('account', 'suspend', '--all-of-tier', 'standard', '--reads', '--yes');

    expect(await json('account', 'suspend', '--all-of-tier', 'standard', '--yes')).toMatchObject({
      changed: 0,
    });
    expect(await json('account', 'suspend', '--account', 'two')).toMatchObject({
      reads: 'refused',
      changed: true,
    });

    expect(await suspensionOf('one')).toEqual({ reads: true, ofTier: 'standard' });
    expect(await suspensionOf('two')).toEqual({ reads: true });
  });

  it('is finished by running it again after it was killed at any call', async () => {
    for (let call = 1; ; call += 1) {
      ({ accounts, weir, operator } = startOperator());
      for (const id of ['one', 'two', 'three']) await create(id);
      const { killed, wasKilled } = killedAt(operator, call, 'after');
      const work = { tier: 'standard', reads: false, isSure: true } as const;
      const error = await suspendTier(killed, work, () => {}).catch((reason) => reason);
      if (!wasKilled()) break;
      expect(error).toBeInstanceOf(Killed);

      await suspendTier(operator, work, () => {});
      for (const id of ['one', 'two', 'three'])
        expect(await suspensionOf(id)).toEqual({ reads: false, ofTier: 'standard' });
      const { entries } = await json('audit', '--account', 'one');
      expect(entries).toHaveLength(3);
    }
  });

  it('says which accounts another operator changed, and exits with 1', async () => {
    const update = accounts.update.bind(accounts);
    accounts.update = async (before, after, entry) => before.id !== 'two' && update(before, after, entry);

    const { code, out } = await weir('account', 'suspend', '--all-of-tier', 'standard', '--yes');

    expect(code).toBe(1);
    expect(out).toContain('1 accounts of the tier standard are suspended now.');
    expect(out).toContain('1 changed meanwhile and are left: run the same again.');
  });

  it('goes through all pages', async () => {
    const page = accounts.page.bind(accounts);
    accounts.page = ({ after }) => page({ count: 1, after });

    expect(await json('account', 'suspend', '--all-of-tier', 'standard', '--yes')).toMatchObject({
      seen: 4,
      changed: 2,
    });
  });
});
