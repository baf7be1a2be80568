// The system's clock and randomness, and pauses between retries that use both.

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

/** Between retries of calls that a client waits for. */
export const requestPause = systemPause({ firstMs: 20, maxMs: 500 });
/** Before records that a shard refused are put again: it gains some 60 KB meanwhile, more than most batches have. */
export const overloadPause = systemPause({ firstMs: 80, maxMs: 80 });
/** Between retries of calls that no client waits for. */
export const workPause = systemPause({ firstMs: 50, maxMs: 1000 });
