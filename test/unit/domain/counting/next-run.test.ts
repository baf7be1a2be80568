import { describe, expect, it } from 'vitest';
import {
  addToTally,
  chooseTo,
  isDue,
  isFull,
  noTally,
  runLimits,
} from '../../../../domain/counting/next-run.ts';
import { placeOf, type Receipt } from '../../../../domain/counting/receipt.ts';
import { floorTo, hourMs, minuteMs, secondMs } from '../../../../domain/system/time.ts';
import { nowMs } from '../../../support/events.ts';
import { lane, laneReceipt, lateLane } from '../../../support/lanes.ts';

const limits = { receipts: 3, deltaBytes: 1000 };
const hour = floorTo(nowMs, hourMs);
/** Long after the hour. */
const later = hour + 2 * hourMs;
const at = (seconds: number, overrides: Partial<Receipt> = {}): Receipt =>
  laneReceipt(`r${seconds}`, {
    receivedAtMs: hour + seconds * secondMs,
    delta: new Uint8Array(10),
    storedAtMs: later,
    ...overrides,
  });
const choose = (receipts: readonly Receipt[], now = later, low?: string) => {
  const newest = receipts.at(-1);
  return newest && chooseTo({ receipts, newest, ...(low !== undefined && { low }) }, limits, now);
};

describe('a run ends', () => {
  it('with the receipt that fills it', () => {
    const receipts = [1, 2, 3, 4, 30].map((seconds) => at(seconds));

    expect(choose(receipts)).toEqual({ to: placeOf(at(3)), isFull: true });
  });

  it('past the receipt whose delta makes it due: else a lane of large deltas would fall behind', () => {
    const receipts = [at(1, { delta: new Uint8Array(1000) }), at(2), at(30, { storedAtMs: hour })];

    expect(choose(receipts, hour + minuteMs)).toEqual({ to: placeOf(at(2)), isFull: false });
  });

  it('with the receipt whose delta makes it 16 times as large as it must be', () => {
    const receipts = [at(1), at(2, { delta: new Uint8Array(15_990) }), at(3), at(30)];

    expect(choose(receipts)).toEqual({ to: placeOf(at(2)), isFull: true });
  });

  it('at a whole position, if the receipts of one instant fill it', () => {
    const tied = ['a', 'b', 'c', 'd'].map((record) => laneReceipt(record, { receivedAtMs: hour }));

    expect(choose([...tied, at(30)])?.to).toBe(placeOf(laneReceipt('c', { receivedAtMs: hour })));
  });

  it('with the last receipt 15 seconds before the newest, by the time of receipts and not of the clock', () => {
    const receipts = [at(1), at(20)];

    expect(choose(receipts)).toEqual({ to: placeOf(at(1)), isFull: false });
    expect(choose(receipts, later + hourMs / 12)).toEqual(choose(receipts));
  });

  it('with the newest receipt once its put is 10 minutes old', () => {
    const receipts = [at(1), at(20)];

    expect(choose(receipts, later + 10 * minuteMs - 1)?.to).toBe(placeOf(at(1)));
    expect(choose(receipts, later + 10 * minuteMs)?.to).toBe(placeOf(at(20)));
  });

  it('before the oldest record that the caller is working on', () => {
    const receipts = [at(1), at(2), at(30)];

    expect(choose(receipts, later, placeOf(at(2)))?.to).toBe(placeOf(at(1)));
    expect(choose(receipts, later, placeOf(at(1)))).toBeUndefined();
    expect(choose(receipts, later, placeOf(at(29)))?.to).toBe(placeOf(at(2)));
  });

  it('nowhere while all receipts are within 15 seconds', () => {
    expect(choose([at(1), at(2), at(3), at(4), at(15)])).toBeUndefined();
  });

  it('nowhere while it is not full and its hour is not over for 5 minutes', () => {
    const receipts = [at(1), at(20, { storedAtMs: hour })];

    expect(choose(receipts, hour + hourMs + 5 * minuteMs - 1)).toBeUndefined();
    expect(choose(receipts, hour + hourMs + 5 * minuteMs)?.to).toBe(placeOf(at(20)));
  });

  it('also where its receipts are not plain', () => {
    const receipts = [1, 2, 3, 30].map((seconds) => at(seconds, { mode: 'direct' }));

    expect(choose(receipts)?.isFull).toBe(true);
  });
});

describe('a run is due', () => {
  const tally = (count: number, deltaBytes: number) =>
    Array.from({ length: count }, () => at(0, { delta: new Uint8Array(deltaBytes) })).reduce(
      addToTally,
      noTally,
    );

  it.each([
    [0, 0, false],
    [255, 1, false],
    [256, 1, true],
    [2, 32 * 1024 - 1, false],
    [2, 32 * 1024, true],
  ])('with %i receipts of %i bytes: %s', (count, bytes, due) => {
    expect(isDue(tally(count, bytes), runLimits, lane, hour)).toBe(due);
  });

  it.each([
    [2047, 1, false],
    [2048, 1, true],
    [16, 32 * 1024 - 1, false],
    [16, 32 * 1024, true],
  ])('of late events, which touch many documents, with %i receipts of %i bytes: %s', (count, bytes, due) => {
    expect(isDue(tally(count, bytes), runLimits, lateLane, hour)).toBe(due);
  });

  it('takes no more of late events than of others, if their deltas are large', () => {
    const large = tally(32, 32 * 1024);

    expect([lane, lateLane].map((each) => isFull(large, runLimits, each))).toEqual([true, true]);
    expect([lane, lateLane].map((each) => isFull(tally(256, 1), runLimits, each))).toEqual([true, false]);
  });

  it('once the hour of its oldest receipt is over for 5 minutes', () => {
    expect(isDue(tally(1, 1), runLimits, lane, hour + hourMs + 5 * minuteMs)).toBe(true);
    expect(isDue(noTally, runLimits, lane, hour + 9 * hourMs)).toBe(false);
  });
});
