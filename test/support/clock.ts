// A clock that tests move. Sleeping moves it too, so that no test waits.

import type { Clock, Random } from '../../domain/system/port.ts';

export class TestClock implements Clock {
  nowMs: number;
  readonly slept: number[] = [];

  constructor(nowMs = Date.parse('2026-11-21T10:25:00.000Z')) {
    this.nowMs = nowMs;
  }

  now(): number {
    return this.nowMs;
  }

  async sleep(durationMs: number): Promise<void> {
    this.slept.push(durationMs);
    this.nowMs += durationMs;
  }
}

/** Bytes that look random and are the same in every run. */
export function seededRandom(seed = 1): Random {
  let state = seed >>> 0;
  return {
    bytes: (count) =>
      Uint8Array.from({ length: count }, () => {
        state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
        return state >>> 24;
      }),
  };
}
