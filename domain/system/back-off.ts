// Pauses between tries: doubling, capped, with jitter so that many callers do not come back together.

import type { Clock } from './port.ts';

export type Pause = (attempt: number) => Promise<unknown>;

/** Does not begin, and answers false, where it would end after `untilMs`. */
export type BoundedPause = (attempt: number, untilMs: number) => Promise<boolean>;

export type BackOff = { readonly firstMs: number; readonly mostMs: number };

/** `attempt` counts from 0; `random` gives a number in [0, 1). */
export function backOffMs({ firstMs, mostMs }: BackOff, attempt: number, random: () => number): number {
  const ceiling = Math.min(mostMs, firstMs * 2 ** attempt);
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
