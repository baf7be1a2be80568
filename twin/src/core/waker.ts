// What event source mappings wait on: until something happened, or so much time has elapsed on the twin's clock. Who
// is woken looks again for itself whether it has something to do.

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

  /** Not at all once the signal was given. */
  wait(durationMs: number): Promise<void> {
    if (this.signal.aborted) return Promise.resolve();
    return new Promise((resolve) => {
      const wake = () => {
        callOff();
        this.sleepers.delete(wake);
        resolve();
      };
      const callOff = this.clock.after(durationMs, wake);
      this.sleepers.add(wake);
    });
  }
}
