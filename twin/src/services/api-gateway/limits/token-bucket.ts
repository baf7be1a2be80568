// A token bucket: starts full, holds `burstLimit` tokens, gains `rateLimitPerSecond` of them a second, and a request
// takes one. While the clock stands or goes on, it admits at most burst + rate * t requests in any interval of t
// seconds, and refuses no other.
// https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-request-throttling.html

import type { Throttle } from './throttle.ts';

export class TokenBucket {
  private readonly throttle: Throttle;
  /** In thousandths a rate a second is what one millisecond adds, so that whole rates are counted exactly. */
  private thousandths: number;
  private filledAtMs: number;

  constructor(throttle: Throttle, nowMs: number) {
    this.throttle = throttle;
    this.thousandths = throttle.burstLimit * 1000;
    this.filledAtMs = nowMs;
  }

  hasToken(nowMs: number): boolean {
    const { rateLimitPerSecond, burstLimit } = this.throttle;
    const elapsedMs = nowMs - this.filledAtMs;
    const filled = this.thousandths + elapsedMs * rateLimitPerSecond;
    // After a clock was moved back the elapsed time is not known, and no caller has to wait for it: the bucket is full.
    this.thousandths = elapsedMs < 0 ? burstLimit * 1000 : Math.min(burstLimit * 1000, filled);
    this.filledAtMs = nowMs;
    return this.thousandths >= 1000;
  }

  /** Call only after `hasToken` has returned true. */
  take(): void {
    this.thousandths -= 1000;
  }
}
