// The real clock and the real source of chance.

import { randomBytes } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { type BackOff, type BoundedPause, createPause, type Pause } from '../../domain/system/back-off.ts';
import type { Clock, Random } from '../../domain/system/port.ts';

export const systemClock: Clock = {
  now: () => Date.now(),
  sleep: async (durationMs) => {
    await sleep(durationMs);
  },
};

export const systemRandom: Random = { bytes: (count) => randomBytes(count) };

export const systemPause = (backOff: BackOff): Pause & BoundedPause =>
  createPause(systemClock, Math.random, backOff);

/** Between tries of one call, for a caller who waits for the answer. */
export const betweenRequestTries = systemPause({ firstMs: 20, mostMs: 500 });
/** The same, for work behind the stream. */
export const betweenWorkTries = systemPause({ firstMs: 50, mostMs: 1000 });
