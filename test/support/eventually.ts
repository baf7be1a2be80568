// Polls until a deadline. The error names the last value that was seen.

import { setTimeout as sleep } from 'node:timers/promises';

export async function eventually<T>(
  look: () => Promise<T>,
  enough: (seen: T) => boolean,
  withinMs = 20_000,
): Promise<T> {
  const deadlineMs = Date.now() + withinMs;
  for (;;) {
    const seen = await look();
    if (enough(seen)) return seen;
    if (Date.now() > deadlineMs) throw new Error(`Not in ${withinMs} ms; last seen: ${JSON.stringify(seen)}`);
    await sleep(100);
  }
}
