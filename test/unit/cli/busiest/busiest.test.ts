// `weir top` and `weir advise`, on what report has found.

import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeEach, describe, expect, it } from 'vitest';
import type { AccountAdvice, Busiest } from '../../../../domain/accounts/busiest.ts';
import { slotHolds } from '../../../../domain/accounts/slot-advice.ts';
import { emptyDocument } from '../../../../domain/documents/documents.ts';
import { emptyIntake } from '../../../../domain/documents/intake.ts';
import { floorTo, hourMs, minuteMs } from '../../../../domain/system/time.ts';
import { startOperator } from '../operator-fixture.ts';
import { headerOf } from '../records-fixture.ts';

const root = join(import.meta.dirname, '..', '..', '..', '..');

let { weir, clock, records } = startOperator();
beforeEach(async () => {
  ({ weir, clock, records } = startOperator());
  for (const account of ['acme', 'beta']) await weir('account', 'create', '--account', account);
});

const json = async (...argv: string[]) => {
  const { code, out, err } = await weir(...argv, '--json');
  expect(code, err).toBe(0);
  return JSON.parse(out);
};

const found = (parts: Partial<Busiest> = {}) =>
  records.busiest.keep({
    atMs: clock.nowMs - 7 * minuteMs,
    unseen: 0,
    accounts: ['acme', 'beta'].map((account) => ({ account, generation: 0, environments: ['production'] })),
    othersDollarsPerHour: 0,
    automatic: true,
    advice: [],
    ...parts,
  });

async function receive(account: string, events: number, atMs = clock.nowMs) {
  const lane = { tenant: { account, environment: 'production', generation: 0 }, slot: 0, late: false };
  const key = { lane, kind: 'intake', hourMs: floorTo(atMs, hourMs) } as const;
  const fields = { ...emptyIntake, received: events, records: events / 10, bytes: events * 100 };
  await records.lanes.putDocument({ ...emptyDocument(key), fields });
}

async function createAgain(account: string): Promise<void> {
  await weir('account', 'delete', '--account', account, '--yes');
  expect((await weir('account', 'create', '--account', account)).code).toBe(0);
}

describe('top', () => {
  it('shows what accounts cost in this hour and the one before, those that cost the most now first', async () => {
    await found();
    await receive('acme', 36_000, clock.nowMs - hourMs);
    await receive('acme', 1500);
    // 25 minutes of this hour are over.
    await receive('beta', 15_000);

    const { accounts, ...about } = await json('top');

    expect(about).toEqual({
      at: '2026-11-21T10:25:00.000Z',
      ranked_at: '2026-11-21T10:18:00.000Z',
      unseen_environments: 0,
      others_dollars_per_hour: 0,
    });
    expect(accounts).toMatchObject([
      {
        ...{ account_id: 'beta', environments: ['production'], slots: 1 },
        this_hour: { events_per_second: 10, records_per_second: 1, bytes_per_second: 1000 },
        last_hour: { events_per_second: 0, dollars_per_hour: 0 },
        share: expect.closeTo(10 / 11),
      },
      {
        account_id: 'acme',
        this_hour: { events_per_second: 1 },
        last_hour: { events_per_second: 10 },
        share: expect.closeTo(1 / 11),
      },
    ]);
    expect(accounts[1].last_hour.dollars_per_hour).toBe(accounts[0].this_hour.dollars_per_hour);
  });

  it('counts what no document has yet, of all slots that the account ever had', async () => {
    await found();
    await weir('account', 'set', '--account', 'acme', '--slots', '3');
    await weir('account', 'set', '--account', 'acme', '--slots', '1');
    await records.lanes.putReceipts([]);
    for (const slot of [0, 2]) {
      const receivedAtMs = clock.nowMs - slot * minuteMs;
      await records.count(headerOf(`batch-${slot}`, { slot, events: 750, receivedAtMs }));
    }

    const { accounts } = await json('top');

    expect(accounts[0]).toMatchObject({ account_id: 'acme', slots: 1, this_hour: { events_per_second: 1 } });
  });

  it('takes the share of what all accounts cost, also of those that are not listed', async () => {
    await found({ othersDollarsPerHour: 1 });
    await receive('beta', 15_000);

    const { accounts } = await json('top', '--limit', '1');

    const { dollars_per_hour } = accounts[0].this_hour;
    expect(accounts).toHaveLength(1);
    expect(accounts[0].share).toBeCloseTo(dollars_per_hour / (1 + dollars_per_hour), 3);
  });

  it('says how old the list is, what is missing, and what the figures are', async () => {
    await found({ unseen: 4 });
    await receive('beta', 15_000);

    const { out } = await weir('top');

    expect(out).toMatch(/ACCOUNT +EVENTS\/S +BATCHES\/S +KB\/S +\$\/HOUR +SHARE +LAST HOUR \$ +SLOTS/);
    expect(out).toMatch(/beta +10 +1\.0 +1\.0 +0\.04 +100 % +0\.00 +1/);
    expect(out).toContain('Report looked at the accounts 7 min ago');
    expect(out.replaceAll(/\s+/g, ' ')).toContain('no time for 4 environments');
    expect(out).not.toContain('consumer-errors');
    for (const line of out.split('\n')) expect(line.length).toBeLessThanOrEqual(80);
    clock.nowMs += hourMs;
    expect((await weir('top')).out).toContain('docs/runbooks/consumer-errors.md');
  });

  it('says how far it is while it reads many, and leaves out accounts that were deleted', async () => {
    const accounts = Array.from({ length: 30 }, (_, index) => ({
      account: index === 0 ? 'acme' : `gone-${index}`,
      generation: 0,
      environments: ['production'],
    }));
    await found({ accounts });

    const { out, err } = await weir('top', '--json');

    expect(err).toMatch(/10 of 30 .*\n20 of 30 .*\n30 of 30 /);
    expect(JSON.parse(out).accounts).toMatchObject([{ account_id: 'acme' }]);
  });

  it('leaves out an account that was created again since', async () => {
    await found();
    await receive('acme', 1500);
    await createAgain('acme');

    expect((await json('top')).accounts).toMatchObject([{ account_id: 'beta' }]);
  });

  it.each(['0', '51', 'many'])('refuses a limit of %s', async (limit) => {
    expect(await weir('top', '--limit', limit)).toMatchObject({
      ...{ code: 2, out: '' },
      err: expect.stringContaining('It is a number from 1 to 50.'),
    });
  });
});

const advice = (account: string, parts: Partial<AccountAdvice> = {}): AccountAdvice => ({
  ...{ account, environment: 'production', generation: 0, from: 1, to: 2, needs: 3 },
  hourMs: floorTo(clock.nowMs, hourMs) - hourMs,
  load: { events: 300, records: slotHolds.records * 2.5, bytes: 90_000 },
  ...parts,
});

describe('advise', () => {
  it('gives an account that was created again no advice of the one before', async () => {
    await found({ advice: [advice('acme'), advice('beta')] });
    await createAgain('acme');

    expect((await json('advise')).advice).toMatchObject([{ account_id: 'beta' }]);
  });

  it('says what, why and how, and that report does it by itself', async () => {
    await found({ advice: [advice('acme')] });

    const { out } = await weir('advise');

    expect(out.replaceAll(/\s+/g, ' ')).toContain(
      'acme: 1 -> 2 slots In the hour from 2026-11-21 09:00 UTC, production received 300 events, 417 batches and 90 KB ' +
        'a second. Its batches fill 2.5 slots: one is full at 1,111 events, 167 batches or 131 KB a second, as bursts ' +
        'are three times the mean, and half of it is for others. It would need 3. Report raises them by itself, a ' +
        'step an hour. To do it now: npm run -s weir -- account set --account acme --slots 2 ' +
        'Report looked at the accounts 7 min ago',
    );
    for (const line of out.split('\n')) expect(line.length).toBeLessThanOrEqual(80);
    expect(await json('advise')).toMatchObject({
      automatic: true,
      advice: [
        {
          ...{ account_id: 'acme', environment: 'production', slots: 1, advised_slots: 2, needs_slots: 3 },
          because: { hour: '2026-11-21T09:00:00.000Z', records_per_second: 417, filled_by: 'records' },
          ...{ raised: 'by report', keeps_order: false },
          command: 'npm run -s weir -- account set --account acme --slots 2',
        },
      ],
    });
  });

  it('an account with slots of its own is kept at one by the command of docs/operate/accounts.md', async () => {
    await weir('account', 'set', '--account', 'acme', '--slots', '4');
    await found({ advice: [advice('acme', { to: 8 })] });
    const raised = async () => (await json('advise')).advice[0].raised;

    // Its own slots stay.
    await weir('account', 'set', '--account', 'acme', '--tier', 'custom');
    expect(await raised()).toBe('by report');

    const page = readFileSync(join(root, 'docs/operate/accounts.md'), 'utf8');
    const [, command = ''] = /^npm run -s weir -- (account set .*--slots 1) --local$/m.exec(page) ?? [];
    expect((await weir(...command.split(' '))).code).toBe(0);
    expect(await raised()).toBe('by you');
    expect((await json('advise')).advice[0].keeps_order).toBe(true);
  });

  it('names a command that does what it says, and is followed then', async () => {
    await found({ advice: [advice('acme'), advice('beta')] });

    const { advice: before } = await json('advise');
    await weir(...before[0].command.replace('npm run -s weir -- ', '').split(' '));

    expect((await json('advise')).advice).toMatchObject([{ account_id: 'beta' }]);
  });

  it('leaves to operators what they have kept for themselves: the stage, or the order of an account', async () => {
    await weir('account', 'set', '--account', 'beta', '--tier', 'custom');
    await found({ advice: [advice('acme'), advice('beta')] });
    expect((await json('advise')).advice).toMatchObject([
      { account_id: 'acme', raised: 'by report' },
      { account_id: 'beta', raised: 'by you', keeps_order: true },
    ]);
    expect((await weir('advise')).out).toContain('events of the account keep their order');

    await found({ automatic: false, advice: [advice('acme')] });

    expect((await weir('advise')).out).toContain('To raise them:');
  });

  it('says that there is nothing to do', async () => {
    await found({ advice: [advice('gone')] });

    expect((await weir('advise')).out).toMatch(/^No account needs more slots\.\nReport looked .* 7 min ago/);
  });
});

it.each(['top', 'advise'])('before report has run, %s says when it will, and how to run it', async (verb) => {
  expect(await weir(verb)).toMatchObject({
    ...{ code: 1, out: '' },
    err: expect.stringMatching(
      /Report has not run yet(?:.|\n)*aws lambda invoke --function-name weir-dev-report/,
    ),
  });
});
