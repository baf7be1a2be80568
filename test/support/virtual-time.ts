// A clock for many actors at once: time moves on to the next one that wakes up, once all others wait.

import type { Clock } from '../../domain/system/port.ts';

type Sleeper = { readonly atMs: number; readonly wake: () => void };

export class VirtualTime implements Clock {
  #nowMs: number;
  readonly #sleepers: Sleeper[] = [];

  constructor(nowMs = Date.parse('2026-11-21T10:25:00.000Z')) {
    this.#nowMs = nowMs;
  }

  now(): number {
    return this.#nowMs;
  }

  sleep(durationMs: number): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>();
    const atMs = this.#nowMs + Math.max(0, durationMs);
    const after = this.#sleepers.findIndex((other) => other.atMs > atMs);
    this.#sleepers.splice(after === -1 ? this.#sleepers.length : after, 0, { atMs, wake: resolve });
    return promise;
  }

  /** Until the work is done. */
  async run<T>(work: Promise<T>): Promise<T> {
    let isDone = false;
    const end = () => {
      isDone = true;
    };
    work.then(end, end);
    for (;;) {
      await new Promise(setImmediate);
      if (isDone) return work;
      const next = this.#sleepers.shift();
      if (!next) throw new Error('All wait, and nobody for a time.');
      this.#nowMs = next.atMs;
      next.wake();
    }
  }
}
