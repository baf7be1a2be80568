import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { TokenBucket } from '../../../src/services/api-gateway/limits/token-bucket.ts';

function ask(bucket: TokenBucket, nowMs: number): boolean {
  const admitted = bucket.hasToken(nowMs);
  if (admitted) bucket.take();
  return admitted;
}

const throttles = fc.record({
  rateLimitPerSecond: fc.integer({ min: 0, max: 2000 }),
  burstLimit: fc.integer({ min: 0, max: 20 }),
});
const waitsMs = fc.array(fc.integer({ min: 0, max: 3000 }), { maxLength: 60 });

describe('a token bucket', () => {
  it('admits at most burst + rate * t requests in any interval of t seconds while the clock stands or goes on, and refuses no other', () => {
    fc.assert(
      fc.property(throttles, waitsMs, (throttle, waits) => {
        const bucket = new TokenBucket(throttle, 0);
        const { rateLimitPerSecond, burstLimit } = throttle;
        // In thousandths, so that the test itself does not round.
        const isFull = (requests: number, overMs: number) =>
          requests * 1000 > burstLimit * 1000 + rateLimitPerSecond * overMs;
        const admittedAtMs: number[] = [];
        let nowMs = 0;
        for (const waitMs of waits) {
          nowMs += waitMs;
          // Of every interval that ends now, with this request.
          const wouldBeTooMuch =
            isFull(1, 0) ||
            admittedAtMs.some((fromMs, index) => isFull(admittedAtMs.length - index + 1, nowMs - fromMs));
          expect(ask(bucket, nowMs)).toBe(!wouldBeTooMuch);
          if (!wouldBeTooMuch) admittedAtMs.push(nowMs);
        }
      }),
    );
  });

  it('never refuses who keeps to the rate, whatever fraction it is', () => {
    fc.assert(
      fc.property(
        fc.double({ min: 0.01, max: 500, noNaN: true }),
        fc.integer({ min: 1, max: 5 }),
        fc.array(fc.integer({ min: 1, max: 1000 }), { maxLength: 100 }),
        (rateLimitPerSecond, burstLimit, extraWaitsMs) => {
          const bucket = new TokenBucket({ rateLimitPerSecond, burstLimit }, 0);
          let nowMs = 0;
          for (const extraWaitMs of extraWaitsMs) {
            nowMs += Math.ceil(1000 / rateLimitPerSecond) + extraWaitMs;
            expect(ask(bucket, nowMs)).toBe(true);
          }
        },
      ),
    );
  });

  it('is full, and no fuller, after the clock went back, and goes on from there', () => {
    fc.assert(
      fc.property(
        throttles,
        waitsMs,
        fc.integer({ min: 1, max: 86_400_000 }),
        waitsMs,
        (throttle, before, backMs, after) => {
          const bucket = new TokenBucket(throttle, 0);
          let nowMs = 0;
          for (const waitMs of before) {
            nowMs += waitMs;
            ask(bucket, nowMs);
          }
          bucket.hasToken(nowMs);
          nowMs -= backMs;
          const fresh = new TokenBucket(throttle, nowMs);
          for (const waitMs of [0, ...after]) {
            nowMs += waitMs;
            expect(ask(bucket, nowMs)).toBe(ask(fresh, nowMs));
          }
        },
      ),
    );
  });

  it('is full, and no fuller, after the clock leapt ahead', () => {
    const bucket = new TokenBucket({ rateLimitPerSecond: 1000, burstLimit: 2 }, 0);
    const yearMs = 365 * 86_400_000;

    expect([0, 0, 0, yearMs, yearMs, yearMs].map((nowMs) => ask(bucket, nowMs))).toEqual([
      true,
      true,
      false,
      true,
      true,
      false,
    ]);
  });
});
