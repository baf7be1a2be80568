// A clock that tests move; sleeping moves it too, so that nothing waits.

import type { Clock, Ids } from '../../domain/ports.ts';

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
export function seededIds(seed = 1): Ids {
  let state = seed >>> 0;
  return {
    random: (bytes) =>
      Uint8Array.from({ length: bytes }, () => {
        state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
        return state >>> 24;
      }),
  };
}
