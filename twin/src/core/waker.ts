// What event source mappings wait with: until they are woken, or until time has elapsed on the twin's clock. Who is woken
// looks for work again.

import type { Clock } from './clock.ts';

export class Waker {
  private readonly clock: Pick<Clock, 'after'>;
  private readonly signal: AbortSignal;
  private readonly sleepers = new Set<() => void>();

  constructor(clock: Pick<Clock, 'after'>, signal: AbortSignal) {
    this.clock = clock;
    this.signal = signal;
    signal.addEventListener('abort', () => this.wakeAll(), { once: true });
  }

  wakeAll(): void {
    for (const wake of [...this.sleepers]) wake();
  }

  /** Returns at once when the signal was given. */
  wait(durationMs: number): Promise<void> {
    if (this.signal.aborted) return Promise.resolve();
    return new Promise((resolve) => {
      const wake = () => {
        cancel();
        this.sleepers.delete(wake);
        resolve();
      };
      const cancel = this.clock.after(durationMs, wake);
      this.sleepers.add(wake);
    });
  }
}
