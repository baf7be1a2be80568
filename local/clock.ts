// The one clock of everything that runs here: the machine's, moved by as much as a test or a person asks. It is held
// in shared memory, so that every function sees a move at once, in the middle of an invocation too.

export type Clock = {
  now(): number;
  /** How far it is ahead of the machine's. */
  readonly aheadMs: number;
  /** For worker threads: one 64-bit number, `aheadMs`. */
  readonly shared: SharedArrayBuffer;
  /** Negative goes back. As `moveTo`, throws ClockOutOfRange before 1970 and after 9999. */
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
    super('The clock goes from 1970 to 9999.');
  }
}

/** What every text form of a date can hold with four digits of a year. */
const endMs = Date.UTC(10_000, 0, 1);

export function createClock(machineNow: () => number = Date.now): Clock {
  const shared = new SharedArrayBuffer(BigInt64Array.BYTES_PER_ELEMENT);
  const ahead = new BigInt64Array(shared);
  const listeners = new Set<() => void>();
  const aheadMs = () => Number(Atomics.load(ahead, 0));
  const set = (durationMs: number) => {
    const targetMs = machineNow() + durationMs;
    if (!(targetMs >= 0 && targetMs < endMs)) throw new ClockOutOfRange();
    Atomics.store(ahead, 0, BigInt(Math.round(durationMs)));
    for (const listener of listeners) listener();
  };
  return {
    now: () => machineNow() + aheadMs(),
    get aheadMs() {
      return aheadMs();
    },
    shared,
    moveBy: (durationMs) => set(aheadMs() + durationMs),
    moveTo: (epochMs) => set(epochMs - machineNow()),
    reset: () => set(0),
    onMove: (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
  };
}
