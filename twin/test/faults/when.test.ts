// When a rule acts, and that chance is the same in every run.

import fc from 'fast-check';
import { beforeEach, expect, it } from 'vitest';
import { type Clock, createClock } from '../../src/core/clock.ts';
import { Faults } from '../../src/faults/faults.ts';
import type { FaultRule } from '../../src/faults/rule-schema.ts';
import { awsCall } from './fixture.ts';

let machineMs: number;
let clock: Clock;
let faults: Faults;
beforeEach(() => {
  machineMs = 1_700_000_000_000;
  clock = createClock(
    () => machineMs,
    () => machineMs,
  );
  faults = createFaults();
});
const createFaults = () => new Faults({ clock, kill: () => false });

const rule = (when: FaultRule['when']): FaultRule => ({ on: {}, do: { kind: 'error' }, when });
const passed = async () => ({ status: 200, headers: {}, body: Buffer.from('{}') });
const isHit = async (of = faults) => (await of.step(awsCall(), passed)).status !== 200;
const hits = async (count: number, of = faults) => {
  const all: boolean[] = [];
  for (let index = 0; index < count; index += 1) all.push(await isHit(of));
  return all;
};
const states = () => faults.list().map(({ state }) => state);

it('waits after_ms, acts for_ms, and is over', async () => {
  const fault = faults.inject(rule({ after_ms: 1000, for_ms: 500 }));
  const seen: [string | undefined, boolean][] = [];

  for (const ms of [0, 999, 1, 499, 1]) {
    machineMs += ms;
    seen.push([states()[0], await isHit()]);
  }

  expect(seen).toEqual([
    ['waiting', false],
    ['waiting', false],
    ['active', true],
    ['active', true],
    ['over', false],
  ]);
  expect(fault.met()).toBe(2);
});

it('counts its time from when it was injected, and time that is moved passes', async () => {
  clock.moveBy(3_600_000);
  faults.inject(rule({ after_ms: 60_000 }));

  expect(await isHit()).toBe(false);
  clock.moveBy(60_000);

  expect(await isHit()).toBe(true);
});

it('passes over the calls to be skipped, and acts so many times', async () => {
  const fault = faults.inject(rule({ skip: 2, times: 2 }));

  expect(states()).toEqual(['waiting']);
  expect(await hits(6)).toEqual([false, false, true, true, false, false]);
  expect(states()).toEqual(['over']);
  expect(fault.met()).toBe(2);
});

it('counts only calls that it is about, and none while its time has not come', async () => {
  faults.inject({ ...rule({ skip: 1, after_ms: 1000 }), on: { caller: 'ingest' } });

  await isHit();
  machineMs += 1000;
  await faults.step(awsCall({ caller: 'read' }), passed);

  expect(await hits(2)).toEqual([false, true]);
});

it('acts on about its share of the calls, on none for 0 and on all for 1', async () => {
  const hitCount = async (share: number) => {
    faults.load({ rules: [rule({ share })] });
    return (await hits(1000)).filter(Boolean).length;
  };

  expect(await hitCount(0)).toBe(0);
  expect(await hitCount(1)).toBe(1000);
  expect(Math.abs((await hitCount(0.3)) - 300)).toBeLessThan(60);
});

it('decides the same in every run of a plan, and otherwise with another seed or in another place', async () => {
  const decisions = async (seed: number, rulesBefore: FaultRule[] = []) => {
    const run = createFaults();
    run.load({ seed, rules: [...rulesBefore, rule({ share: 0.5 })] });
    return (await hits(64, run)).map(Number).join('');
  };
  const another: FaultRule = { on: { caller: 'nobody' }, do: { kind: 'error' } };

  const first = await decisions(7);

  expect(await decisions(7)).toBe(first);
  expect(await decisions(8)).not.toBe(first);
  expect(await decisions(7, [another])).not.toBe(first);
});

it('decides the n-th call the same whatever the calls before it carried', async () => {
  const partial: FaultRule = { on: {}, do: { kind: 'partial', share: 0.5 } };
  const decisionsOfLast = async (sizes: readonly number[]) => {
    const run = createFaults();
    run.inject(partial, 3);
    const answers: string[] = [];
    for (const size of sizes) {
      const input = { Records: Array.from({ length: size }, () => ({})) };
      const answer = await run.step(awsCall({ input }), async (call) => {
        const { Records } = JSON.parse(call.body.toString());
        return { ...(await passed()), body: Buffer.from(JSON.stringify({ Records })) };
      });
      answers.push(answer.body.toString());
    }
    return answers.at(-1);
  };

  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.integer({ min: 1, max: 50 }), { minLength: 3, maxLength: 3 }),
      async (sizes) => {
        expect(await decisionsOfLast([...sizes, 40])).toBe(await decisionsOfLast([1, 1, 1, 40]));
      },
    ),
    { numRuns: 30 },
  );
});

it('a rule that was removed acts no more, and others go on', async () => {
  const first = faults.inject({ name: 'first', ...rule({}) });
  faults.inject({ name: 'second', ...rule({}) });
  await isHit();

  first.remove();
  await isHit();

  expect(faults.list()).toMatchObject([{ name: 'second', number: 2, met: 1 }]);
  expect(first.met()).toBe(1);
});

it('a plan takes the place of all rules, and one that is not right leaves them as they are', async () => {
  faults.inject({ name: 'old', ...rule({}) });
  const plan = { rules: [{ name: 'new', ...rule({}) }] };

  expect(() => faults.load({ rules: [...plan.rules, {}] })).toThrow('rules[1].on');
  expect(faults.list().map(({ name }) => name)).toEqual(['old']);
  faults.load(plan);

  expect(faults.list()).toEqual([{ number: 1, name: 'new', state: 'active', met: 0, rule: plan.rules[0] }]);
});
