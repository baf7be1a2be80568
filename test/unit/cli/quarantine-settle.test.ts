import { beforeEach, describe, expect, it } from 'vitest';
import { FunctionFailed, FunctionOutOfReach } from '../../../adapters/aws/invoke-function.ts';
import { startOperator } from './operator-fixture.ts';
import { acme, headerOf } from './records-fixture.ts';

let { weir, records } = startOperator();
beforeEach(async () => {
  ({ weir, records } = startOperator());
  await weir('account', 'create', '--account', 'acme');
  await weir('account', 'create', '--account', 'beta');
});
const replay = (...argv: string[]) => weir('quarantine', 'replay', ...argv);
const discard = (...argv: string[]) => weir('quarantine', 'discard', ...argv);
const asked = () => records.requests.map(({ action, record }) => `${action} ${record}`).toSorted();
const beta = { account: 'beta', environment: 'production' };

describe('replay', () => {
  it('asks for each record once, and tells what became of them', async () => {
    await records.quarantined('one');
    await records.quarantined('two', { tenant: beta, events: 3 });

    const { code, out, err } = await replay('--all');

    expect(code).toBe(0);
    expect(asked()).toEqual(['replay one.0', 'replay two.0']);
    expect(records.requests[0]).toEqual({
      action: 'replay',
      tenant: acme,
      record: 'one.0',
      receivedAtMs: headerOf('one').receivedAtMs,
    });
    expect(out).toMatch(/stored +2 +stored and counted, out of quarantine/);
    expect(out).toContain('5 stored, 0 duplicates, 0 conflicts');
    expect(err).toContain('Replaying 2 records with 5 events, 4 records at once.');
  });

  it.each([
    [['--account', 'beta'], ['replay two.0']],
    [['--reason', 'outage'], ['replay one.0']],
    [['--to', '5d'], []],
    [['--account', 'acme', '--record', 'one.0'], ['replay one.0']],
  ])('%j leaves the others alone', async (argv, expected) => {
    await records.quarantined('one', { reason: 'outage' });
    await records.quarantined('two', { tenant: beta });

    expect((await replay(...argv)).code).toBe(0);
    expect(asked()).toEqual(expected);
  });

  it('tells what stayed and what to do about it, with exit code 1', async () => {
    for (const name of ['good', 'bad', 'worse', 'taken', 'gone']) await records.quarantined(name);
    records.answers.set('bad.0', { outcome: 'failed', cause: 'TypeError' });
    records.answers.set('worse.0', new FunctionFailed('weir-dev-settle failed: Runtime.ExitError'));
    records.answers.set('taken.0', { outcome: 'busy' });
    records.answers.set('gone.0', { outcome: 'payload_gone' });

    const { code, out } = await replay('--account', 'acme');

    expect(code).toBe(1);
    expect(out).toMatch(/stored +1 /);
    expect(out).toContain('--account acme --environment production --record bad.0  (TypeError)');
    expect(out).toContain('crashed: read the log of the function settle');
    expect(out).toContain('busy: run it again in some minutes');
    expect(out).toContain('payload_gone: it cannot be replayed any more; discard it');
    const json = JSON.parse((await replay('--account', 'acme', '--json')).out);
    expect(json.by_outcome).toEqual({ failed: 1, crashed: 1, busy: 1, payload_gone: 1 });
  });

  it('stops asking a function that is out of reach, and one that fails each time', async () => {
    for (let index = 0; index < 40; index += 1) {
      const record = await records.quarantined(`b${index}`);
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
    await records.count(headerOf('done'));

    const { code, out, err } = await replay('--account', 'acme', '--record', 'done.0');

    expect(code).toBe(0);
    expect(err).toContain('Replaying 1 record with 2 events');
    expect(out).toContain('not_in_quarantine');
  });

  it('with --dry-run tells what it would do, and does nothing', async () => {
    await records.quarantined('one');

    const { code, out } = await replay('--all', '--dry-run');

    expect(code).toBe(0);
    expect(out).toContain('one.0');
    expect(out).toContain('1 record with 2 events would be replayed.');
    expect(asked()).toEqual([]);
  });
});

describe('discard', () => {
  it('tells what it means and does nothing until it is told --yes', async () => {
    await records.quarantined('one');

    const { code, err } = await discard('--account', 'acme');

    expect(code).toBe(2);
    expect(err).toContain('will never be stored or counted');
    expect(err).toContain('may have been told that it is a duplicate');
    expect(err).toContain('Nothing was discarded. To do it, say --yes as well.');
    expect(asked()).toEqual([]);
  });

  it('does it with --yes', async () => {
    await records.quarantined('one');

    const { code, out } = await discard('--account', 'acme', '--yes');

    expect(code).toBe(0);
    expect(asked()).toEqual(['discard one.0']);
    expect(out).toMatch(/discarded +1 +given up/);
    expect((await records.counts.receipts([{ tenant: acme, record: 'one.0' }]))[0]?.state).toBe('discarded');
  });

  it('with --dry-run and --yes does nothing', async () => {
    await records.quarantined('one');

    expect((await discard('--all', '--dry-run', '--yes')).code).toBe(0);
    expect(asked()).toEqual([]);
  });
});

it.each([
  ['replay', []],
  ['discard', ['--yes']],
])('%s needs to be told which records, so that nobody empties all by a slip', async (verb, argv) => {
  await records.quarantined('one');

  const { code, err } = await weir('quarantine', verb, ...argv);

  expect(code).toBe(2);
  expect(err).toContain('or say --all. Nothing was done.');
  expect(asked()).toEqual([]);
});

it.each([
  [['--record', 'one.0'], 2, 'give --account, too'],
  [['--account', 'acme', '--record', 'one.0', '--reason', 'failed'], 2, 'leave --reason'],
  [['--account', 'acme', '--record', 'none.0'], 1, 'check --record'],
  [['--account', 'acme', '--yes'], 2, '--yes'],
  [['--account', 'nobody'], 1, 'There is no account "nobody"'],
  [['--environment', 'prod'], 1, 'No key is of environment "prod"; there are: production.'],
  [['--account', 'acme', '--record', 'one'], 2, 'is no record'],
  [['--from', '1h', '--to', '2h'], 2, '--from has to be before --to'],
  [['--help'], 0, '--dry-run'],
])('quarantine replay %j exits with %i and says what would be right', async (argv, code, message) => {
  const result = await replay(...argv);

  expect(result.code).toBe(code);
  expect(result.err).toContain(message);
  expect(asked()).toEqual([]);
});
