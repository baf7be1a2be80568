// What event source mappings are told before they deliver.

import { beforeEach, expect, it } from 'vitest';
import { type Clock, createClock } from '../../src/core/clock.ts';
import { Faults } from '../../src/faults/faults.ts';
import { awsCall } from './fixture.ts';

let clock: Clock;
let faults: Faults;
beforeEach(() => {
  clock = createClock();
  faults = new Faults({ clock, kill: () => false });
});

const on = { caller: 'consume' };
const deliveries = (count: number) => Array.from({ length: count }, () => faults.deliveries('consume'));

it('a function is stopped while the rule is in force, and no other function is', () => {
  faults.inject({ on, do: { kind: 'stop' }, when: { after_ms: 60_000, for_ms: 60_000 } });
  const seen = () => [faults.isStopped('consume'), faults.isStopped('report')];

  expect(seen()).toEqual([false, false]);
  clock.moveBy(60_000);
  expect(seen()).toEqual([true, false]);
  clock.moveBy(60_000);
  expect(seen()).toEqual([false, false]);
});

it('a stop ends when it is removed, and was met once however often it was looked at', () => {
  const stop = faults.inject({ on, do: { kind: 'stop' } });
  expect(stop.met()).toBe(0);
  faults.isStopped('consume');
  faults.isStopped('consume');

  stop.remove();

  expect(faults.isStopped('consume')).toBe(false);
  expect(stop.met()).toBe(1);
});

it('deliveries come twice, one after the other or together, as often as the rule says', () => {
  faults.inject({ on, do: { kind: 'deliver_twice', together: false }, when: { skip: 1, times: 2 } });
  faults.inject({ on, do: { kind: 'deliver_twice', together: true }, when: { times: 1 } });

  expect(faults.deliveries('report')).toBe('once');
  expect(deliveries(5)).toEqual(['together', 'twice', 'twice', 'once', 'once']);
  expect(faults.list().map(({ met, state }) => [met, state])).toEqual([
    [2, 'over'],
    [1, 'over'],
  ]);
});

it('a share of the deliveries is chosen by the seed', () => {
  const chosen = (seed: number) => {
    faults.load({
      seed,
      rules: [{ on, do: { kind: 'deliver_twice', together: true }, when: { share: 0.5 } }],
    });
    return deliveries(64).join();
  };

  const first = chosen(1);

  expect(chosen(1)).toBe(first);
  expect(chosen(2)).not.toBe(first);
});

it('faults of deliveries leave the calls of the function alone', async () => {
  faults.inject({ on, do: { kind: 'stop' } });
  faults.inject({ on, do: { kind: 'deliver_twice', together: true } });
  const answer = { status: 200, headers: {}, body: Buffer.from('') };

  expect(await faults.step(awsCall({ caller: 'consume' }), async () => answer)).toBe(answer);
  expect(faults.list().map(({ met }) => met)).toEqual([0, 0]);
});
