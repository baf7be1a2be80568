// When the next run of a lane is due, and where it ends.

import { type Lane, type Position, positionAfter, positionBefore, receivedAtOfPosition } from '../keys.ts';
import { floorTo, hourMs, minuteMs, secondMs } from '../system/time.ts';
import { placeOf, type Receipt } from './receipt.ts';

export type RunLimits = { readonly receipts: number; readonly deltaBytes: number };

/** A run is due with so many receipts, or so much of deltas. */
export const runLimits: RunLimits = { receipts: 256, deltaBytes: 64 * 1024 };
/**
 * In a lane of late events so many times that: a backfill touches nearly every hour of a month, and a run puts each document
 * that it touches.
 */
const timesIfLate = 8;
/**
 * A run takes up to so many times the deltas that make it due. An invocation folds one run of a lane, and may put more than
 * that: else the lane would fall behind for ever.
 */
const mostOfDeltas = 16;

/** A run ends this long before the newest receipt, so that most records that lag are put before it is announced. */
const lagMs = 15 * secondMs;
/** By its put. A lane that has had no receipt for so long has no record that lags. */
const isOldAfterMs = 10 * minuteMs;
/** Late enough that most records of an hour have their receipts. */
const hourOverMs = 5 * minuteMs;

/** What is waiting to be folded in a lane, as far as a function knows. */
export type Tally = RunLimits & { readonly oldestMs: number };

export const noTally: Tally = { receipts: 0, deltaBytes: 0, oldestMs: Number.POSITIVE_INFINITY };

export const addToTally = (tally: Tally, { delta, receivedAtMs }: Receipt): Tally => ({
  receipts: tally.receipts + 1,
  deltaBytes: tally.deltaBytes + (delta?.length ?? 0),
  oldestMs: Math.min(tally.oldestMs, receivedAtMs),
});

type OfLane = Pick<Lane, 'late'>;
const timesOf = ({ late }: OfLane): number => (late ? timesIfLate : 1);

/** A run takes no more. */
export const isFull = ({ receipts, deltaBytes }: Tally, limits: RunLimits, lane: OfLane): boolean =>
  receipts >= timesOf(lane) * limits.receipts || deltaBytes >= mostOfDeltas * limits.deltaBytes;

/** A run has enough, or the hour in which its oldest record was received is over. */
export const isDue = (tally: Tally, limits: RunLimits, lane: OfLane, nowMs: number): boolean =>
  tally.receipts >= timesOf(lane) * limits.receipts ||
  tally.deltaBytes >= timesOf(lane) * limits.deltaBytes ||
  nowMs >= floorTo(tally.oldestMs, hourMs) + hourMs + hourOverMs;

export type NextRunSource = {
  /** The receipts past the last run, of any state and mode, in order: all, or enough that they fill a run. */
  readonly receipts: readonly Receipt[];
  /** The newest receipt of the lane. */
  readonly newest: Receipt;
  /** The position of the oldest record that the caller is working on: the run must end before it. */
  readonly low?: Position;
};

export type NextRunEnd = { readonly to: Position; readonly isFull: boolean };

/**
 * Undefined if no run is due. The limit comes from receipts, never from the clock: by the clock, a backlog of hours would
 * be sealed ahead of each of its records, and all would have to be counted directly. Receipts that are not plain count
 * too, so that a tail of them does not grow for ever.
 */
export function chooseTo(
  { receipts, newest, low }: NextRunSource,
  limits: RunLimits,
  nowMs: number,
): NextRunEnd | undefined {
  const isOld = newest.storedAtMs <= nowMs - isOldAfterMs;
  const lagging = isOld ? placeOf(newest) : positionAfter(newest.receivedAtMs - lagMs);
  const limit = low !== undefined && lagging >= low ? positionBefore(receivedAtOfPosition(low)) : lagging;
  let tally = noTally;
  let last: Position | undefined;
  for (const receipt of receipts) {
    if (placeOf(receipt) > limit) break;
    last = placeOf(receipt);
    tally = addToTally(tally, receipt);
    if (isFull(tally, limits, newest.lane)) return { to: last, isFull: true };
  }
  // Not up to the limit: what lags behind it may still be put.
  return last !== undefined && isDue(tally, limits, newest.lane, nowMs)
    ? { to: last, isFull: false }
    : undefined;
}
