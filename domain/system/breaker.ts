// A breaker towards a dependency that all callers share: while it takes nothing, they are refused at once rather
// than each waiting for it in vain. It judges calls, and is told what became of each that it let through.

import type { Clock } from './port.ts';

export type BreakerSettings = {
  /** It opens when so many calls in a row failed … */
  readonly failures: number;
  /** … and the first of them this long ago: what is shorter is ridden out by the tries of a request. */
  readonly failingMs: number;
  /** How long it stays open; each probe that fails doubles it. */
  readonly firstOpenMs: number;
  readonly mostOpenMs: number;
};

export const streamBreaker: BreakerSettings = {
  failures: 3,
  failingMs: 2000,
  firstOpenMs: 1000,
  mostOpenMs: 8000,
};

/** A call that was let through. Exactly one of the two has to be told, or a probe would be waited for for ever. */
export type AdmittedCall = { succeeded(): void; failed(): void };

export type BreakerDeps = {
  readonly clock: Clock;
  readonly settings: BreakerSettings;
  /** Each time it opens, after a failed probe too: so an outage that lasts goes on being told. */
  readonly onOpen?: () => void;
};

type State =
  | { readonly door: 'closed'; readonly failures: number; readonly firstFailureMs: number }
  | { readonly door: 'open'; readonly openMs: number; readonly untilMs: number }
  | { readonly door: 'probing'; readonly openMs: number; readonly probe: AdmittedCall };

const closed: State = { door: 'closed', failures: 0, firstFailureMs: 0 };

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

  /** Undefined where the call must not be made. */
  admit(): AdmittedCall | undefined {
    if (this.refusesForMs() > 0) return undefined;
    const call: AdmittedCall = {
      // Of whichever call, also of one let through before it opened: what took records is there.
      succeeded: () => {
        this.#state = closed;
      },
      failed: () => this.#failed(call),
    };
    if (this.#state.door === 'open') {
      this.#state = { door: 'probing', openMs: this.#state.openMs, probe: call };
    }
    return call;
  }

  /** Zero where a call would be let through. How long a probe under way will take is not known: a first opening. */
  refusesForMs(): number {
    const state = this.#state;
    if (state.door === 'closed') return 0;
    if (state.door === 'probing') return this.#settings.firstOpenMs;
    return Math.max(0, state.untilMs - this.#clock.now());
  }

  #failed(call: AdmittedCall): void {
    const { failures, failingMs, firstOpenMs, mostOpenMs } = this.#settings;
    const state = this.#state;
    if (state.door === 'closed') {
      const nowMs = this.#clock.now();
      const firstFailureMs = state.failures === 0 ? nowMs : state.firstFailureMs;
      this.#state = { door: 'closed', failures: state.failures + 1, firstFailureMs };
      if (state.failures + 1 >= failures && nowMs - firstFailureMs >= failingMs) this.#open(firstOpenMs);
    } else if (state.door === 'probing' && state.probe === call) {
      this.#open(Math.min(mostOpenMs, state.openMs * 2));
    }
    // Else it was let through before the door shut, and says nothing that is not known.
  }

  #open(openMs: number): void {
    this.#state = { door: 'open', openMs, untilMs: this.#clock.now() + openMs };
    this.#onOpen();
  }
}
