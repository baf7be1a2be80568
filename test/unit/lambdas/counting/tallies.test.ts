import { expect, it } from 'vitest';
import { hourMs, minuteMs } from '../../../../domain/system/time.ts';
import { Tallies } from '../../../../lambdas/counting/tallies.ts';
import { nowMs } from '../../../support/events.ts';
import { lane, laneReceipt, lateLane } from '../../../support/lanes.ts';

const limits = { receipts: 3, deltaBytes: 1_000_000 };
const late = laneReceipt('l', { lane: lateLane });

it('a lane is due once a run of it may be full, and not again before the next one', () => {
  const tallies = new Tallies(limits);
  tallies.add([laneReceipt('a'), laneReceipt('b'), late]);
  expect(tallies.takeDue(nowMs, 9)).toEqual([]);

  tallies.add([laneReceipt('c')]);
  expect(tallies.takeDue(nowMs, 9)).toEqual([lane]);
  expect(tallies.takeDue(nowMs, 9)).toEqual([]);
});

it('a lane of late events is due later: it touches many documents', () => {
  const tallies = new Tallies(limits);
  tallies.add(Array.from({ length: 23 }, () => late));
  expect(tallies.takeDue(nowMs, 9)).toEqual([]);

  tallies.add([late]);
  expect(tallies.takeDue(nowMs, 9)).toEqual([lateLane]);
});

it('a lane is due once the hour of its oldest receipt is over', () => {
  const tallies = new Tallies(limits);
  tallies.add([late]);

  expect(tallies.takeDue(nowMs + 30 * minuteMs, 9)).toEqual([]);
  expect(tallies.takeDue(nowMs + hourMs, 9)).toEqual([lateLane]);
});

it.each([lane, lateLane])('a lane is due again after a full run', (each) => {
  const tallies = new Tallies(limits);
  tallies.lookAgain(each);

  expect(tallies.takeDue(nowMs, 9)).toEqual([each]);
  expect(tallies.takeDue(nowMs, 9)).toEqual([]);
});

it('of many lanes that are due, so many are taken, and the others the next time', () => {
  const tallies = new Tallies({ ...limits, receipts: 1 });
  const lanes = [0, 1, 2, 3, 4].map((slot) => ({ ...lane, slot }));
  tallies.add(lanes.map((own) => laneReceipt('a', { lane: own })));

  const first = tallies.takeDue(nowMs, 3);
  const rest = tallies.takeDue(nowMs, 3);

  expect([first.length, rest.length]).toEqual([3, 2]);
  expect([...first, ...rest]).toEqual(lanes);
});
