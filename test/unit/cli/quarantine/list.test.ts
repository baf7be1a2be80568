import { beforeEach, describe, expect, it } from 'vitest';
import { unreadableName } from '../../../../domain/keys.ts';
import { dayMs, hourMs } from '../../../../domain/system/time.ts';
import { startOperator } from '../operator-fixture.ts';
import { recordOf } from '../records-fixture.ts';

let { weir, records, clock } = startOperator();
beforeEach(async () => {
  ({ weir, records, clock } = startOperator());
  await weir('account', 'create', '--account', 'acme');
  await weir('account', 'create', '--account', 'beta', '--environment', 'staging');
});
const list = (...argv: string[]) => weir('quarantine', 'list', ...argv);
const recordsOf = async (...argv: string[]): Promise<string[]> =>
  JSON.parse((await list('--json', ...argv)).out).quarantine.map(({ record }: { record: string }) => record);

it('says of an empty quarantine that nothing is there', async () => {
  expect(await list()).toMatchObject({ code: 0, out: expect.stringContaining('Nothing is in quarantine') });
});

it('prints a row for each record of every account, and how much there is for each reason', async () => {
  await records.quarantine('one', { cause: 'TypeError' });
  await records.quarantine('two', { reason: 'outage', events: 7 });
  await records.quarantine('three', { tenant: { account: 'beta', environment: 'staging', generation: 0 } });

  const { code, out } = await list();

  expect(code).toBe(0);
  expect(out).toMatch(
    /^ACCOUNT +ENVIRONMENT +RECORD +REASON +CAUSE +EVENTS +RECEIVED +QUARANTINED +ATTEMPTS\n/,
  );
  const rows = out.split('\n').map((line) => line.split(/ +/).join(' '));
  expect(rows).toContain(
    `acme production ${recordOf('one')} failed TypeError 2 2026-11-21T10:00:00.000Z 2026-11-21T10:25:00.000Z 0`,
  );
  expect(out).toMatch(new RegExp(`\\nbeta +staging +${recordOf('three')} +failed`));
  expect(out).toMatch(/\nacme +production +outage +1 +7\n/);
  expect(out).toContain('3 records with 11 events in quarantine.');
});

it('prints JSON for machines, with the cause and the request', async () => {
  await records.quarantine('one', { cause: 'TypeError' });

  expect(JSON.parse((await list('--json')).out)).toEqual({
    records: 1,
    events: 2,
    quarantine: [
      {
        account_id: 'acme',
        environment: 'production',
        record: recordOf('one'),
        reason: 'failed',
        cause: 'TypeError',
        events: 2,
        received_at: '2026-11-21T10:00:00.000Z',
        quarantined_at: '2026-11-21T10:25:00.000Z',
        attempts: 0,
        request_id: 'request-one',
      },
    ],
    by_account: [{ account_id: 'acme', environment: 'production', reason: 'failed', records: 1, events: 2 }],
    unreadable: [],
  });
});

describe('lists only what is asked for', () => {
  const atHour = (hour: string) => ({ receivedAtMs: Date.parse(`2026-11-21T${hour}:00:00.000Z`) });
  const nine = recordOf('nine', atHour('09').receivedAtMs);
  const [ten, ofBeta] = [recordOf('ten'), recordOf('beta')];
  beforeEach(async () => {
    await records.quarantine('nine', atHour('09'));
    await records.quarantine('ten', { ...atHour('10'), reason: 'outage' });
    await records.quarantine('beta', {
      ...atHour('10'),
      tenant: { account: 'beta', environment: 'staging', generation: 0 },
    });
  });

  it.each([
    [
      ['--account', 'acme'],
      [nine, ten],
    ],
    [['--environment', 'staging'], [ofBeta]],
    [
      ['--account', 'acme', '--environment', 'production'],
      [nine, ten],
    ],
    [['--reason', 'outage'], [ten]],
    [
      ['--from', '2026-11-21T10:00:00Z'],
      [ten, ofBeta],
    ],
    [['--to', '2026-11-21T11:00:00+01:00'], [nine]],
    [
      ['--from', '60m'],
      [ten, ofBeta],
    ],
    [['--from', '1d', '--to', '1h'], [nine]],
  ])('%j', async (argv, expected) => {
    expect(await recordsOf(...argv)).toEqual(expected);
  });

  it('and not what has expired', async () => {
    clock.nowMs += 38 * dayMs;

    expect(await recordsOf()).toEqual([]);
  });
});

it('lists records of no known account, unless an account is asked for', async () => {
  await records.failedRecords.put(unreadableName('4711'), Buffer.from('what?'));

  expect((await list()).out).toMatch(/unreadable\/4711 +5 +2026-11-21T10:25:00\.000Z/);
  expect((await list('--account', 'acme')).out).not.toContain('4711');
  expect((await list('--to', '1h')).out).not.toContain('4711');
});

it('lists what is of an environment that has no key any more', async () => {
  await records.quarantine('old', { tenant: { account: 'acme', environment: 'staging', generation: 0 } });

  expect(await recordsOf('--account', 'acme', '--environment', 'staging')).toEqual([recordOf('old')]);
});

it('prints the first of very many, and says where all of them are', async () => {
  const atMs = (index: number) => clock.now() - hourMs + index;
  for (let index = 0; index < 501; index += 1)
    await records.quarantine(`b${index}`, { receivedAtMs: atMs(index) });

  const { out } = await list();

  expect(out).toContain(recordOf('b499', atMs(499)));
  expect(out).not.toContain(recordOf('b500', atMs(500)));
  expect(out).toContain('… and 1 more');
  expect(await recordsOf()).toHaveLength(501);
});

it.each([
  [['--account', 'nobody'], 1, 'There is no account "nobody"'],
  [['--account', 'a#b', '--environment', 'x'], 1, 'There is no account "a#b"'],
  [['--environment', 'P#'], 2, 'is not the name of an environment'],
  [['--environment', 'prod'], 1, 'No key is or was of environment "prod"; there are: production, staging.'],
  [
    ['--account', 'acme', '--environment', 'staging'],
    1,
    'No key of acme is or was of environment "staging"; there are: production.',
  ],
  [['--from', '1h', '--to', '2h'], 2, '--from has to be before --to'],
  [['--reason', 'bad'], 2, 'Allowed choices are undecodable, newer_version, failed, crashed, outage'],
  [['--from', 'yesterday'], 2, '--from yesterday is not a time'],
  [['--from', '2026-11-21'], 2, '--from 2026-11-21 is not a time'],
])('quarantine list %j exits with %i and says what would be right', async (argv, code, message) => {
  const result = await list(...argv);

  expect(result.code).toBe(code);
  expect(result.err).toContain(message);
});
