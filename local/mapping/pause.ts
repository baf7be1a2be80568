// A wait that a shutdown cuts short.

import { setTimeout as sleep } from 'node:timers/promises';

export async function pause(durationMs: number, signal: AbortSignal): Promise<void> {
  try {
    await sleep(Math.max(0, durationMs), undefined, { signal });
  } catch (error) {
    if (!signal.aborted) throw error;
  }
}
