// A circuit breaker that all callers of a dependency share: while the dependency fails, it refuses their calls at
// once, so that they need not wait for a timeout each. Callers report the outcome of each call that it admits.

import type { Clock } from './port.ts';

export type BreakerSettings = {
  /** It opens after this many failures in a row … */
  readonly failures: number;
  /** … if the first of them is at least this long ago. The retries of a request outlast anything shorter. */
  readonly failingMs: number;
  /** How long it stays open at first. Each failed probe doubles the time. */
  readonly firstOpenMs: number;
  readonly maxOpenMs: number;
};

export const streamBreaker: BreakerSettings = {
  failures: 3,
  failingMs: 2000,
  firstOpenMs: 1000,
  maxOpenMs: 8000,
};

/** An admitted call. The caller must call exactly one of the two, or the breaker waits for a probe for ever. */
export type AdmittedCall = { succeeded(): void; failed(): void };

export type BreakerDeps = {
  readonly clock: Clock;
  readonly settings: BreakerSettings;
  /** Called each time it opens, after a failed probe too, so that a long outage is reported again and again. */
  readonly onOpen?: () => void;
};

type State =
  | { readonly phase: 'closed'; readonly failures: number; readonly firstFailureMs: number }
  | { readonly phase: 'open'; readonly openMs: number; readonly untilMs: number }
  | { readonly phase: 'probing'; readonly openMs: number; readonly probe: AdmittedCall };

const closed: State = { phase: 'closed', failures: 0, firstFailureMs: 0 };

export class Breaker {
  readonly #clock: Clock;
  readonly #settings: BreakerSettings;
  readonly #onOpen: () => void;
  #state: State = closed;

  constructor({ clock, settings, onOpen = () => {} }: BreakerDeps) {
    this.#clock = clock;
    this.#settings = settings;
    this.#onOpen = onOpen;
  }

  /** Undefined if the call is refused. */
  admit(): AdmittedCall | undefined {
    if (this.refusesForMs() > 0) return undefined;
    const call: AdmittedCall = {
      // Any success closes it, even of a call that was admitted before it opened: the dependency works.
      succeeded: () => {
        this.#state = closed;
      },
      failed: () => this.#failed(call),
    };
    if (this.#state.phase === 'open') {
      this.#state = { phase: 'probing', openMs: this.#state.openMs, probe: call };
    }
    return call;
  }

  /** 0 if a call would be admitted. While a probe is in flight its end is not known, so this returns `firstOpenMs`. */
  refusesForMs(): number {
    const state = this.#state;
    if (state.phase === 'closed') return 0;
    if (state.phase === 'probing') return this.#settings.firstOpenMs;
    return Math.max(0, state.untilMs - this.#clock.now());
  }

  #failed(call: AdmittedCall): void {
    const { failures, failingMs, firstOpenMs, maxOpenMs } = this.#settings;
    const state = this.#state;
    if (state.phase === 'closed') {
      const nowMs = this.#clock.now();
      const firstFailureMs = state.failures === 0 ? nowMs : state.firstFailureMs;
      this.#state = { phase: 'closed', failures: state.failures + 1, firstFailureMs };
      if (state.failures + 1 >= failures && nowMs - firstFailureMs >= failingMs) this.#open(firstOpenMs);
    } else if (state.phase === 'probing' && state.probe === call) {
      this.#open(Math.min(maxOpenMs, state.openMs * 2));
    }
    // Otherwise the call was admitted before the breaker opened, and its failure is no news.
  }

  #open(openMs: number): void {
    this.#state = { phase: 'open', openMs, untilMs: this.#clock.now() + openMs };
    this.#onOpen();
  }
}
