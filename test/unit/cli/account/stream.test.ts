// Which stream an account is on, as the verbs set it.

import { describe, expect, it } from 'vitest';
import { slotsAt } from '../../../../domain/accounts/accounts.ts';
import { minuteMs } from '../../../../domain/system/time.ts';
import { startOperator } from '../operator-fixture.ts';

function start(hasPriorityStream: boolean) {
  const { accounts, weir, clock } = startOperator({ hasPriorityStream });
  const run = (...argv: string[]) => weir('account', ...argv, '--account', 'acme');
  const slots = async () => {
    const account = await accounts.findAccount('acme');
    if (!account) throw new Error('There is no account.');
    return slotsAt(account, clock.nowMs);
  };
  return { run, slots, weir, clock };
}

describe('a new account', () => {
  it.each([
    ['standard', [], 'standard', [0]],
    ['enterprise', [], 'priority', [0, 1, 2, 3]],
    ['custom', [], 'standard', [0]],
    ['custom', ['--stream', 'priority'], 'priority', [0]],
    ['enterprise', ['--stream', 'standard'], 'standard', [0, 1, 2, 3]],
  ] as const)('of the tier %s with %j is on the %s stream', async (tier, more, stream, expected) => {
    const { run, slots } = start(true);

    expect(await run('create', '--tier', tier, ...more)).toMatchObject({ code: 0 });
    expect(await slots()).toEqual({ stream, slots: expected });
  });

  it('of the tier enterprise is on the standard stream where there is no other', async () => {
    const { run, slots } = start(false);

    await run('create', '--tier', 'enterprise');

    expect(await slots()).toEqual({ stream: 'standard', slots: [0, 1, 2, 3] });
  });
});

it('an account gets slots on the other stream, and batches go there after a minute; what is shown says so', async () => {
  const { run, slots, clock } = start(true);
  await run('create');

  const { out } = await run('set', '--stream', 'priority', '--slots', '2');
  expect(out).toMatch(/stream +standard +priority/);
  expect(await slots()).toEqual({ stream: 'standard', slots: [0] });
  clock.nowMs += minuteMs;
  expect(await slots()).toEqual({ stream: 'priority', slots: [1, 2] });

  const shown = await run('show');
  expect(shown.out).toMatch(/^stream +priority$/m);
  expect(JSON.parse((await run('show', '--json')).out)).toMatchObject({
    stream: 'priority',
    ...{ slots: 2, most_slots: 3, priority_slots: [1, 2] },
  });
  // Another change leaves the stream as it is.
  await run('set', '--retention-days', '60');
  expect(await slots()).toEqual({ stream: 'priority', slots: [1, 2] });
});

it('the audit log says which stream it was and is', async () => {
  const { run, weir } = start(true);
  await run('create');
  await run('set', '--stream', 'priority');

  const { entries } = JSON.parse((await weir('audit', '--account', 'acme', '--json')).out);
  expect(entries.at(-1)).toMatchObject({
    what: 'account.changed',
    before: { stream: 'standard' },
    after: { stream: 'priority' },
  });
});

describe('a stage without a priority stream', () => {
  it.each(['create', 'set'])(
    'refuses it to account %s, changes nothing, and says what to do',
    async (verb) => {
      const { run, slots } = start(false);
      if (verb === 'set') await run('create');

      const { code, err } = await run(verb, '--stream', 'priority');

      expect(code).toBe(1);
      expect(err).toContain('has no priority stream. Nothing was changed.');
      expect(err).toContain('set streams.priority of the stage');
      if (verb === 'set') expect(await slots()).toEqual({ stream: 'standard', slots: [0] });
      else expect((await run('show')).code).toBe(1);
    },
  );

  it('takes the standard one, for an account that was left on the other', async () => {
    const { run } = start(false);
    await run('create');

    expect((await run('set', '--stream', 'standard')).code).toBe(0);
  });
});
