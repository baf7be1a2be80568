// A token bucket: starts full, holds `burstLimit` tokens, gains `rateLimitPerSecond` of them a second, and a request
// takes one. In any interval of t seconds it admits at most burst + rate * t requests, and refuses no other.
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
    // A clock that went back brings nothing and takes nothing; filling goes on from there.
    const elapsedMs = Math.max(0, nowMs - this.filledAtMs);
    this.thousandths = Math.min(burstLimit * 1000, this.thousandths + elapsedMs * rateLimitPerSecond);
    this.filledAtMs = nowMs;
    return this.thousandths >= 1000;
  }

  /** For who has just seen that there is one. */
  take(): void {
    this.thousandths -= 1000;
  }
}
