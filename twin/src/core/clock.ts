// The one clock of everything that runs here: the machine's, plus the moves that a test or a person asked for. It is in
// shared memory, so that every function sees a move at once, even during an invocation. A move ahead is time that
// passes: what waits by this clock is woken by it.

import { machinePassed } from './moved-date.ts';

export type Clock = {
  now(): number;
  /** How far it is ahead of the machine's. */
  readonly aheadMs: number;
  /** For worker threads: two 64-bit numbers, `aheadMs` and how much of `elapsed` were moves. */
  readonly shared: SharedArrayBuffer;
  /** Milliseconds since some moment, moves ahead among them; a move back takes nothing off. For time-outs and pauses. */
  elapsed(): number;
  /** Calls once, when so many milliseconds have elapsed; what is returned prevents it. */
  after(durationMs: number, listener: () => void): () => void;
  /** Negative goes back. As `moveTo`, throws ClockOutOfRange before 1970 and from 2400 on. */
  moveBy(durationMs: number): void;
  moveTo(epochMs: number): void;
  /** Back to the machine's time. */
  reset(): void;
  /** Called after each move; what is returned stops that. */
  onMove(listener: () => void): () => void;
};

export class ClockOutOfRange extends Error {
  override readonly name = 'ClockOutOfRange';
  constructor() {
    super('The clock goes from 1970 to 2399.');
  }
}

/** Longer waits are done in pieces: timers hold 31 bits of milliseconds. */
const longestWaitMs = 3_600_000;

/** Sequence numbers of streams have no room for the seconds of much later times. */
const endMs = Date.UTC(2400, 0, 1);

export function createClock(
  machineNow: () => number = Date.now,
  passed: () => number = machinePassed,
): Clock {
  const shared = new SharedArrayBuffer(2 * BigInt64Array.BYTES_PER_ELEMENT);
  const state = new BigInt64Array(shared);
  const listeners = new Set<() => void>();
  const aheadMs = () => Number(Atomics.load(state, 0));
  const elapsed = () => passed() + Number(Atomics.load(state, 1));
  const onMove = (listener: () => void) => {
    listeners.add(listener);
    return () => listeners.delete(listener);
  };
  const set = (durationMs: number) => {
    const targetMs = machineNow() + durationMs;
    if (!(targetMs >= 0 && targetMs < endMs)) throw new ClockOutOfRange();
    const movedMs =
      BigInt(Math.round(durationMs)) - Atomics.exchange(state, 0, BigInt(Math.round(durationMs)));
    if (movedMs > 0n) Atomics.add(state, 1, movedMs);
    for (const listener of [...listeners]) listener();
  };
  return {
    now: () => machineNow() + aheadMs(),
    get aheadMs() {
      return aheadMs();
    },
    shared,
    elapsed,
    after: (durationMs, listener) => {
      const dueMs = elapsed() + durationMs;
      let timer: NodeJS.Timeout | undefined;
      const wait = () => {
        clearTimeout(timer);
        const leftMs = Math.max(0, dueMs - elapsed());
        timer = setTimeout(look, Math.min(leftMs, longestWaitMs));
      };
      const look = () => {
        if (elapsed() < dueMs) return wait();
        stop();
        listener();
      };
      const stopListening = onMove(wait);
      const stop = () => {
        stopListening();
        clearTimeout(timer);
      };
      wait();
      return stop;
    },
    moveBy: (durationMs) => set(aheadMs() + durationMs),
    moveTo: (epochMs) => set(epochMs - machineNow()),
    reset: () => set(0),
    onMove,
  };
}
