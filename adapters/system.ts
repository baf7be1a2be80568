// The real clock and the real source of chance.

import { randomBytes } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { type BackOff, createPause, type Pause } from '../domain/back-off.ts';
import type { Clock, Ids } from '../domain/ports.ts';

export const systemClock: Clock = {
  now: () => Date.now(),
  sleep: async (durationMs) => {
    await sleep(durationMs);
  },
};

export const systemIds: Ids = { random: (bytes) => randomBytes(bytes) };

export const systemPause = (backOff: BackOff): Pause => createPause(systemClock, Math.random, backOff);
