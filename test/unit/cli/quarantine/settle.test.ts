import { beforeEach, describe, expect, it } from 'vitest';
import { FunctionFailed, FunctionOutOfReach } from '../../../../adapters/aws/invoke-function.ts';
import { placeOfRecord } from '../../../../domain/record/record-id.ts';
import { startOperator } from '../operator-fixture.ts';
import { headerOf, recordOf } from '../records-fixture.ts';

let { weir, records, widen } = startOperator();
beforeEach(async () => {
  ({ weir, records, widen } = startOperator());
  await weir('account', 'create', '--account', 'acme');
  await weir('account', 'create', '--account', 'beta');
});
const replay = (...argv: string[]) => weir('quarantine', 'replay', ...argv);
const discard = (...argv: string[]) => weir('quarantine', 'discard', ...argv);
const asked = () => records.requests.map(({ action, record }) => `${action} ${record}`).toSorted();
const beta = { account: 'beta', environment: 'production', generation: 0 };

describe('replay', () => {
  it('asks for each record once, and prints what became of them', async () => {
    await records.quarantine('one');
    await records.quarantine('two', { tenant: beta, events: 3 });

    const { code, out, err } = await replay('--all');

    expect(code).toBe(0);
    expect(asked()).toEqual([`replay ${recordOf('one')}`, `replay ${recordOf('two')}`]);
    expect(records.requests[0]).toEqual({
      action: 'replay',
      ...placeOfRecord(headerOf('one')),
    });
    expect(out).toMatch(/stored +2 +stored and counted, out of quarantine/);
    expect(out).toContain('5 stored, 0 duplicates, 0 conflicts');
    expect(err).toContain('Replaying 2 records with 5 events, 4 records at once.');
  });

  it.each([
    [['--account', 'beta'], [`replay ${recordOf('two')}`]],
    [['--reason', 'outage'], [`replay ${recordOf('one')}`]],
    [['--to', '5d'], []],
    [['--account', 'acme', '--record', recordOf('one')], [`replay ${recordOf('one')}`]],
  ])('%j leaves the others alone', async (argv, expected) => {
    await records.quarantine('one', { reason: 'outage' });
    await records.quarantine('two', { tenant: beta });

    expect((await replay(...argv)).code).toBe(0);
    expect(asked()).toEqual(expected);
  });

  it('prints what stayed and what to do about it, with exit code 1', async () => {
    for (const name of ['good', 'bad', 'worse', 'taken', 'gone']) await records.quarantine(name);
    records.answers.set(recordOf('bad'), { outcome: 'failed', cause: 'TypeError' });
    records.answers.set(recordOf('worse'), new FunctionFailed('weir-dev-settle failed: Runtime.ExitError'));
    records.answers.set(recordOf('taken'), { outcome: 'busy' });
    records.answers.set(recordOf('gone'), { outcome: 'payload_gone' });

    const { code, out } = await replay('--account', 'acme');

    expect(code).toBe(1);
    expect(out).toMatch(/stored +1 /);
    expect(out).toContain(`--account acme --environment production --record ${recordOf('bad')}  (TypeError)`);
    expect(out).toContain('crashed: read the log of the function settle');
    expect(out).toContain('busy: run it again in some minutes');
    expect(out).toContain('payload_gone: it cannot be replayed any more; discard it');
    const json = JSON.parse((await replay('--account', 'acme', '--json')).out);
    expect(json.by_outcome).toEqual({ failed: 1, crashed: 1, busy: 1, payload_gone: 1 });
  });

  it('stops asking a function that is out of reach, and one that fails each time', async () => {
    for (let index = 0; index < 40; index += 1) {
      const record = await records.quarantine(`b${index}`);
      records.answers.set(record, new FunctionOutOfReach('weir-dev-settle could not be called'));
    }
    const unreachable = await replay('--all');
    expect(unreachable.code).toBe(1);
    expect(unreachable.out).toMatch(/not_tried +40 /);
    expect(unreachable.out).toContain('(weir-dev-settle could not be called)');
    expect(records.requests.length).toBeLessThanOrEqual(4);

    for (const record of records.answers.keys()) records.answers.set(record, new FunctionFailed('away'));
    records.requests.length = 0;
    expect((await replay('--all')).out).toMatch(/not_tried +\d+ /);
    expect(records.requests.length).toBeLessThan(20);
  });

  it('of a record that was counted meanwhile is done', async () => {
    await records.quarantine('done');
    records.answers.set(recordOf('done'), { outcome: 'not_in_quarantine' });

    const { code, out, err } = await replay('--account', 'acme', '--record', recordOf('done'));

    expect(code).toBe(0);
    expect(err).toContain('Replaying 1 record with 2 events');
    expect(out).toContain('not_in_quarantine');
  });

  it('of a record that is stored is done, says since when, and asks for nothing', async () => {
    await records.count(headerOf('done'));
    const named = ['--account', 'acme', '--record', recordOf('done')];

    const { code, out } = await replay(...named);

    expect(code).toBe(0);
    expect(out).toContain('not_in_quarantine');
    expect(out).toContain(
      `The record ${recordOf('done')} of acme in production is stored since 2026-11-21T10:25:00.000Z: there is nothing to replay.`,
    );
    expect(JSON.parse((await replay(...named, '--json')).out)).toMatchObject({
      action: 'replay',
      by_outcome: { not_in_quarantine: 1 },
      records: [{ record: recordOf('done'), outcome: 'not_in_quarantine' }],
    });
    expect(await replay(...named, '--dry-run')).toMatchObject({
      code: 0,
      out: expect.stringContaining('there is nothing to replay'),
    });
    expect(asked()).toEqual([]);
  });

  it('of a record that is discarded is refused', async () => {
    await records.quarantine('gone');
    await discard('--account', 'acme', '--record', recordOf('gone'), '--yes');
    records.requests.length = 0;

    const { code, err } = await replay('--account', 'acme', '--record', recordOf('gone'));

    expect(code).toBe(1);
    expect(err).toContain(`error: The record ${recordOf('gone')} of acme in production is discarded.`);
    expect(err).toContain('next: Send its events again');
    expect(asked()).toEqual([]);
  });

  it('with --dry-run prints what it would do, and does nothing', async () => {
    await records.quarantine('one');

    const { code, out } = await replay('--all', '--dry-run');

    expect(code).toBe(0);
    expect(out).toContain(recordOf('one'));
    expect(out).toContain('1 record with 2 events would be replayed.');
    expect(asked()).toEqual([]);
  });
});

describe('discard', () => {
  it('prints the consequences and does nothing without --yes', async () => {
    await records.quarantine('one');

    const { code, err } = await discard('--account', 'acme');

    expect(code).toBe(2);
    expect(err).toContain('will never be stored or counted');
    expect(err).toContain('may have been answered that it is a duplicate');
    expect(err).toContain('error: Nothing was discarded: --yes is missing.');
    expect(err).toContain('next: To discard these records, add --yes.');
    expect(asked()).toEqual([]);
  });

  it('does it with --yes', async () => {
    await records.quarantine('one');

    const { code, out } = await discard('--account', 'acme', '--yes');

    expect(code).toBe(0);
    expect(asked()).toEqual([`discard ${recordOf('one')}`]);
    expect(out).toMatch(/discarded +1 +removed for good/);
    expect((await records.lanes.receipts([placeOfRecord(headerOf('one'))]))[0]?.state).toBe('discarded');
  });

  it.each([[[]], [['--yes']], [['--dry-run']]])('of a record that is stored is refused: %j', async (argv) => {
    await records.count(headerOf('done'));

    const { code, out, err } = await discard('--account', 'acme', '--record', recordOf('done'), ...argv);

    expect(code).toBe(1);
    expect(out).toBe('');
    expect(err).toContain(
      `error: The record ${recordOf('done')} of acme in production is stored since 2026-11-21T10:25:00.000Z. It is not in quarantine, so it cannot be discarded. Nothing was done.`,
    );
    expect(err).toContain('next: Only a record in quarantine can be discarded.');
    expect(err).toContain('npm run -s weir -- quarantine list --account acme');
    expect(asked()).toEqual([]);
  });

  it.each([[['--stage', 'prod', '--region', 'eu-west-1']], [['--endpoint', 'http://127.0.0.1:4566']]])(
    'that is refused names a command for where it connected: %j',
    async (connection) => {
      await records.count(headerOf('done'));

      const { err } = await discard('--account', 'acme', '--record', recordOf('done'), ...connection);

      expect(err).toContain(`npm run -s weir -- ${connection.join(' ')} quarantine list --account acme`);
    },
  );

  it('of a record that is discarded already is done', async () => {
    await records.quarantine('gone');
    await discard('--account', 'acme', '--record', recordOf('gone'), '--yes');

    const { code, out } = await discard('--account', 'acme', '--record', recordOf('gone'));

    expect(code).toBe(0);
    expect(out).toContain(
      `The record ${recordOf('gone')} of acme in production is discarded: there is nothing to discard.`,
    );
    expect(asked()).toEqual([`discard ${recordOf('gone')}`]);
  });

  it('with --dry-run and --yes does nothing', async () => {
    await records.quarantine('one');

    expect((await discard('--all', '--dry-run', '--yes')).code).toBe(0);
    expect(asked()).toEqual([]);
  });
});

it.each([
  ['replay', []],
  ['discard', ['--yes']],
])('%s needs to know which records, so that no slip empties all', async (verb, argv) => {
  await records.quarantine('one');

  const { code, err } = await weir('quarantine', verb, ...argv);

  expect(code).toBe(2);
  expect(err).toContain(`weir quarantine ${verb} needs to know which records. Nothing was done.`);
  expect(err).toContain('or use --all.');
  expect(asked()).toEqual([]);
});

it.each([
  [['--record', recordOf('one')], 2, '--record needs --account. Nothing was done.'],
  [['--record', recordOf('one')], 2, 'give --account, too'],
  [['--account', 'acme', '--record', recordOf('one'), '--reason', 'failed'], 2, 'leave --reason'],
  [['--account', 'acme', '--record', recordOf('none')], 1, 'check --record'],
  [
    ['--account', 'acme', '--record', recordOf('none')],
    1,
    `acme has no record ${recordOf('none')} in production`,
  ],
  [['--account', 'acme', '--record', recordOf('none')], 1, 'it may be in flight'],
  [['--account', 'acme', '--yes'], 2, '--yes'],
  [['--account', 'nobody'], 1, 'There is no account "nobody"'],
  [['--environment', 'prod'], 1, 'No key is or was of environment "prod"; there are: production.'],
  [['--account', 'acme', '--record', 'one'], 2, 'is not a record id'],
  [['--from', '1h', '--to', '2h'], 2, '--from has to be before --to'],
])('quarantine replay %j exits with %i and says what would be right', async (argv, code, message) => {
  const result = await replay(...argv);

  expect(result.code).toBe(code);
  expect(result.err).toContain(message);
  expect(asked()).toEqual([]);
});

it.each([
  ['replay', []],
  ['replay', ['--dry-run']],
  ['discard', []],
  ['discard', ['--yes']],
])('%s of a record whose place is void is refused, and says what that means: %j', async (verb, argv) => {
  await records.void('lost');

  const { code, out, err } = await weir(
    ...['quarantine', verb, '--account', 'acme', '--record', recordOf('lost'), ...argv],
  );

  expect(code).toBe(1);
  expect(out).toBe('');
  expect(err).toContain(
    `error: The record ${recordOf('lost')} of acme in production has not come; an id that it would have made was given to another record. It can be neither replayed nor discarded. Nothing was done.`,
  );
  expect(err).toContain('next: Nothing needs to be done.');
  expect(asked()).toEqual([]);
});

it.each([
  ['replay', []],
  ['discard', ['--yes']],
])('%s finds a record in any lane of the account: its id does not say which', async (verb, argv) => {
  widen(3);
  const parts = { slot: 2, late: true };
  await records.quarantine('one', parts);

  const { code } = await weir(
    ...['quarantine', verb, '--account', 'acme', '--record', recordOf('one'), ...argv],
  );

  expect(code).toBe(0);
  expect(records.requests).toEqual([{ action: verb, ...placeOfRecord(headerOf('one', parts)) }]);
});

it.each([
  ['replay', []],
  ['discard', ['--yes']],
])("%s of another account's record does not find it", async (verb, argv) => {
  await records.quarantine('theirs', { tenant: beta });

  const { code, err } = await weir(
    'quarantine',
    verb,
    '--account',
    'acme',
    '--record',
    recordOf('theirs'),
    ...argv,
  );

  expect(code).toBe(1);
  expect(err).toContain(`acme has no record ${recordOf('theirs')} in production`);
  expect(err).toContain('check --record, --account, --environment and --stage');
  expect(asked()).toEqual([]);
});
