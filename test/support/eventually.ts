// Polls until a deadline. The error names the last value that was seen.

import { setTimeout as sleep } from 'node:timers/promises';

/** A look may cost a request. What takes long is looked at less often. */
const longestPauseMs = 400;

export async function eventually<T>(
  look: () => Promise<T>,
  enough: (seen: T) => boolean,
  withinMs = 20_000,
): Promise<T> {
  const deadlineMs = Date.now() + withinMs;
  let pauseMs = 100;
  for (;;) {
    const seen = await look();
    if (enough(seen)) return seen;
    if (Date.now() > deadlineMs) throw new Error(`Not in ${withinMs} ms; last seen: ${JSON.stringify(seen)}`);
    await sleep(pauseMs);
    pauseMs = Math.min(pauseMs * 1.5, longestPauseMs);
  }
}
