// A token bucket of which any amount is taken at once: it starts with a second's worth, and gains as much a second.
// While the clock stands or goes on, it lets through at most the rate * (1 + t) in any interval of t seconds.

export class RateBucket {
  private readonly perSecond: number;
  /** In thousandths the rate a second is what one millisecond adds, so that whole rates are counted exactly. */
  private thousandths: number;
  private filledAtMs = Number.NEGATIVE_INFINITY;

  constructor(perSecond: number) {
    this.perSecond = perSecond;
    this.thousandths = perSecond * 1000;
  }

  holds(amount: number, nowMs: number): boolean {
    const elapsedMs = nowMs - this.filledAtMs;
    const full = this.perSecond * 1000;
    // After a clock was moved back the elapsed time is not known, and no caller has to wait for it: the bucket is full.
    this.thousandths = elapsedMs < 0 ? full : Math.min(full, this.thousandths + elapsedMs * this.perSecond);
    this.filledAtMs = nowMs;
    return this.thousandths >= amount * 1000;
  }

  /** For who has just seen that it holds as much. */
  take(amount: number): void {
    this.thousandths -= amount * 1000;
  }

  giveBack(amount: number): void {
    this.thousandths = Math.min(this.perSecond * 1000, this.thousandths + amount * 1000);
  }
}
