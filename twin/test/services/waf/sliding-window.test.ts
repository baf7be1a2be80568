import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { SlidingWindow } from '../../../src/services/waf/sliding-window.ts';

const windowMs = 60_000;
const sliceMs = 1000;

const requests = fc.array(
  fc.record({ key: fc.constantFrom('a', 'b', 'c'), waitMs: fc.integer({ min: 0, max: 20_000 }) }),
  { maxLength: 200 },
);

describe('a sliding window', () => {
  it('counts all of a key in the window, and nothing older than a slice more', () => {
    fc.assert(
      fc.property(requests, (all) => {
        const window = new SlidingWindow(windowMs);
        const seen: { key: string; atMs: number }[] = [];
        let nowMs = 0;
        for (const { key, waitMs } of all) {
          nowMs += waitMs;
          seen.push({ key, atMs: nowMs });
          const within = (durationMs: number) =>
            seen.filter((one) => one.key === key && one.atMs > nowMs - durationMs).length;

          const count = window.count(key, nowMs);

          expect(count).toBeGreaterThanOrEqual(within(windowMs));
          expect(count).toBeLessThanOrEqual(within(windowMs + sliceMs));
        }
      }),
    );
  });

  it('forgets who was idle for a window', () => {
    const window = new SlidingWindow(windowMs);
    for (let address = 0; address < 1000; address += 1) window.count(`10.0.0.${address}`, address);

    window.count('192.0.2.1', windowMs + 2 * sliceMs);

    expect(window.keys).toEqual(['192.0.2.1']);
  });

  it('forgets what has not happened yet when the clock goes back', () => {
    const window = new SlidingWindow(windowMs);
    window.count('a', 10_000);
    window.count('a', 500_000);

    expect(window.count('a', 10_000)).toBe(1);
  });
});
