// A verb that was killed is finished, or undone, by running it again: at whichever call to whichever port it died, the end
// is that of a run that nothing disturbed.

import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { runCli } from '../../../cli/run.ts';
import { verbs } from '../../../cli/verbs.ts';
import { stateOf } from '../../../domain/accounts/api-keys.ts';
import { type Death, mortal } from './mortal-operator.ts';
import { startOperator } from './operator-fixture.ts';
import { acme } from './records-fixture.ts';

type Fixture = ReturnType<typeof startOperator>;
/** Made before the verb: an account `acme` with a key, and what the verb needs. */
type Made = { readonly keyId: string; readonly secretId: string; readonly policyFile: string };

type Case = {
  readonly verb: string;
  readonly argv: (made: Made) => readonly string[];
  readonly prepare?: (fixture: Fixture) => Promise<unknown>;
  /**
   * It shows a secret once. Where it died after it was done, nobody has that, and another run makes another one. Of the two,
   * the docs say how the one that nobody has is ended (docs/operate/accounts.md).
   */
  readonly mayMakeTwo?: true;
};

const ofAcme = (words: string, ...more: string[]) => [...words.split(' '), '--account', 'acme', ...more];
const addSecret = ({ weir }: Fixture) => weir(...ofAcme('account signing add'));
const quarantineThree = async ({ records }: Fixture) => {
  for (const name of ['one', 'two', 'three']) await records.quarantine(name);
};

const lag = {
  id: '20261130T230500Z-stream-lag',
  alarm: 'stream-lag',
  severity: 'page',
  fromMs: 0,
  notes: [],
} as const;

/** Every verb that changes something: a line each. */
const cases: readonly Case[] = [
  { verb: 'account create', argv: () => ['account', 'create', '--account', 'beta'] },
  { verb: 'account suspend', argv: () => ofAcme('account suspend') },
  {
    verb: 'account resume',
    prepare: ({ weir }) => weir(...ofAcme('account suspend')),
    argv: () => ofAcme('account resume'),
  },
  { verb: 'account set', argv: () => ofAcme('account set', '--tier', 'enterprise', '--slots', '3') },
  { verb: 'account delete', argv: () => ofAcme('account delete', '--yes') },
  { verb: 'member add', argv: () => ofAcme('member add', '--person', 'ada', '--role', 'owner') },
  {
    verb: 'member remove',
    prepare: ({ weir }) => weir(...ofAcme('member add', '--person', 'ada', '--role', 'owner')),
    argv: () => ofAcme('member remove', '--person', 'ada'),
  },
  {
    verb: 'account policy set',
    argv: ({ policyFile }) => ofAcme('account policy set', '--file', policyFile),
  },
  {
    verb: 'account policy clear',
    prepare: ({ weir }) => weir(...ofAcme('account policy set', '--file', file)),
    argv: () => ofAcme('account policy clear'),
  },
  { verb: 'account signing add', argv: () => ofAcme('account signing add'), mayMakeTwo: true },
  { verb: 'account signing require', prepare: addSecret, argv: () => ofAcme('account signing require') },
  {
    verb: 'account signing remove',
    prepare: addSecret,
    argv: ({ secretId }) => ofAcme('account signing remove', '--secret', secretId),
  },
  {
    verb: 'incident note',
    prepare: ({ operator }) => operator.incidents.keep(lag),
    argv: () => ['incident', 'note', '--id', lag.id, '--text', 'A shard was hot.'],
  },
  { verb: 'key create', argv: () => ofAcme('key create', '--expires-in', '90d'), mayMakeTwo: true },
  { verb: 'key rotate', argv: ({ keyId }) => ofAcme('key rotate', '--key', keyId) },
  { verb: 'key revoke', argv: ({ keyId }) => ofAcme('key revoke', '--key', keyId) },
  { verb: 'quarantine replay', prepare: quarantineThree, argv: () => ofAcme('quarantine replay') },
  { verb: 'quarantine discard', prepare: quarantineThree, argv: () => ofAcme('quarantine discard', '--yes') },
];

/** Each with the reason why an interruption of it changes nothing. */
const others: Readonly<Record<string, string>> = {
  'account show': 'reads',
  'account list': 'reads',
  'account policy show': 'reads',
  'account signing list': 'reads',
  doctor: 'reads',
  'incident list': 'reads',
  'key list': 'reads',
  'ledger status': 'reads',
  'ledger verify': 'reads',
  report: 'reads, and writes a page that the next run writes again',
  'member list': 'reads',
  alarms: 'reads',
  audit: 'reads',
  advise: 'reads',
  requests: 'reads',
  logs: 'reads',
  metrics: 'reads',
  consumers: 'reads',
  'consumer stop': 'is one call, which sets a state',
  'consumer start': 'is one call, which sets a state',
  'consumer set': 'sets values, which another run sets again',
  concurrency: 'sets a value, which another run sets again',
  slo: 'reads',
  top: 'reads',
  'quarantine list': 'reads',
  'quarantine show': 'reads',
  usage: 'reads',
  replay: 'hands records to consume, which stores each of them once (test/model)',
};

let folder: string;
let file: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'weir-interrupted-'));
  file = join(folder, 'policy.json');
  writeFileSync(file, JSON.stringify({ fields: [{ name: 'password', action: 'refuse' }] }));
});
afterAll(() => rmSync(folder, { recursive: true }));

it('every verb is judged here, or changes nothing', () => {
  const known = [...cases.map(({ verb }) => verb), ...Object.keys(others)];

  expect(known.toSorted()).toEqual(verbs.map(({ words }) => words.join(' ')).toSorted());
});

/** The same for each run: time and randomness come from seeds. */
async function start({ prepare, argv }: Case) {
  const fixture = startOperator();
  const created = await fixture.weir('account', 'create', '--account', 'acme', '--json');
  expect(created.code).toBe(0);
  await prepare?.(fixture);
  const [used] = await fixture.operator.keys.list('acme');
  const secrets = await fixture.operator.signingSecrets.find('acme');
  const made = { keyId: used?.key.id ?? '', secretId: secrets?.secrets[0]?.id ?? '', policyFile: file };
  return { ...fixture, argv: argv(made) };
}

/** A run that dies. Resolves to how many calls it made. */
async function run({ operator, argv }: Awaited<ReturnType<typeof start>>, death: Death): Promise<number> {
  const dying = mortal(operator, death);
  const silent = { out: () => {}, err: () => {} };
  const code = await runCli(argv, silent, async () => dying.operator);
  expect(code === 0, `call ${death.atCall} of ${dying.calls()}`).toBe(death.atCall > dying.calls());
  return dying.calls();
}

/** All that is stored, but for what is made at random. */
async function stored({ operator, records, planKeys }: Fixture) {
  const { accounts } = await operator.accounts.page({ count: 1000 });
  const nowMs = operator.clock.now();
  const ofAccounts = [];
  for (const { planKey: _, formerPlanKey, signing, ...account } of accounts) {
    const keys = await operator.keys.list(account.id);
    const entries = await operator.auditLog.list(account.id, { fromMs: 0, toMs: nowMs + 1 });
    const secrets = await operator.signingSecrets.find(account.id);
    ofAccounts.push({
      ...account,
      rules: account.policy && (await operator.policies.find(account.id, account.policy)),
      hasFormerPlan: formerPlanKey !== undefined,
      signs: signing !== undefined,
      secrets: secrets && { required: secrets.required, count: secrets.secrets.length },
      keys: keys.map(({ key }) => ({
        state: stateOf(key, nowMs),
        environment: key.environment,
        scopes: key.scopes,
        expiresAtMs: key.expiresAtMs,
        replaced: key.replacedBy !== undefined && keys.some((other) => other.key.id === key.replacedBy),
      })),
      // What has no transaction is entered as often as it is asked for. In an order of their own: those of one moment are in that of their ids, which are made at random.
      audit: entries
        .map(({ who, what, before, after, record }) => JSON.stringify([who, what, before, after, record]))
        .filter((entry, at, all) => !entry.includes('"quarantine.') || all.indexOf(entry) === at)
        .map((entry) => entry.replace(/"[0-9a-f]{12}"/g, '"(id)"'))
        .toSorted(),
    });
  }
  const quarantine = await Array.fromAsync(records.access.quarantine.list(acme, 0, Number.MAX_SAFE_INTEGER));
  const ofAcme = {
    generation: await operator.accounts.generationOf('acme'),
    members: await operator.members.list('acme'),
  };
  const plans = ['acme', 'beta'].map((id) => planKeys.stored(`weir-dev-${id}`).map(({ plan }) => plan));
  return { accounts: ofAccounts, acme: ofAcme, plans, quarantine };
}

const never: Death = { atCall: Number.POSITIVE_INFINITY, moment: 'before' };

describe.each(cases)('$verb', (each) => {
  it('ends as if nothing had happened, at whichever call it is killed, once it is run again', async () => {
    const undisturbed = await start(each);
    const calls = await run(undisturbed, never);
    const once = await stored(undisturbed);
    await undisturbed.weir(...undisturbed.argv);
    const twice = await stored(undisturbed);
    expect(calls).toBeGreaterThan(0);

    for (let atCall = 1; atCall <= calls; atCall += 1) {
      for (const moment of ['before', 'after'] as const) {
        const killed = await start(each);
        await run(killed, { atCall, moment });
        const again = await killed.weir(...killed.argv);

        const where = `killed ${moment} call ${atCall} of ${calls}`;
        const left = await stored(killed);
        if (each.mayMakeTwo) expect([once, twice], where).toContainEqual(left);
        else expect(left, where).toEqual(once);
        // It is done, or says how to go on.
        if (again.code !== 0) expect(again.err, where).toContain('  next: ');
      }
    }
  });
});

it.for(cases.filter(({ mayMakeTwo }) => !mayMakeTwo).map((each) => [each.verb, each] as const))(
  '%s changes nothing where it was done before',
  async ([, each]) => {
    const done = await start(each);
    await done.weir(...done.argv);
    const once = await stored(done);
    await done.weir(...done.argv);

    expect(await stored(done)).toEqual(once);
  },
);
