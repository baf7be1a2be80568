// Pauses between retries: exponential, capped, and with jitter, so that many callers do not retry at the same time.

import type { Clock } from './port.ts';

export type Pause = (attempt: number) => Promise<unknown>;

/** Returns false at once, without a pause, if the pause would end after `untilMs`. */
export type BoundedPause = (attempt: number, untilMs: number) => Promise<boolean>;

export type BackOff = { readonly firstMs: number; readonly maxMs: number };

/** `attempt` counts from 0. `random` returns a number in [0, 1). */
export function backOffMs({ firstMs, maxMs }: BackOff, attempt: number, random: () => number): number {
  const ceiling = Math.min(maxMs, firstMs * 2 ** attempt);
  return Math.ceil(ceiling * (0.5 + random() / 2));
}

export const createPause =
  (clock: Clock, random: () => number, backOff: BackOff): Pause & BoundedPause =>
  async (attempt: number, untilMs: number = Number.POSITIVE_INFINITY) => {
    const pauseMs = backOffMs(backOff, attempt, random);
    if (clock.now() + pauseMs > untilMs) return false;
    await clock.sleep(pauseMs);
    return true;
  };
