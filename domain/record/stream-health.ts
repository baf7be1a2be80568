// What a function instance knows of the stream, so that one request learns from the failures of another: which partition
// keys have more records than their shard takes, and a breaker for the stream and for each key that fails. So the trouble
// of one key refuses requests with that key, and no others.

import { BoundedMap } from '../system/bounded-map.ts';
import { type AdmittedCall, Breaker, type BreakerDeps } from '../system/breaker.ts';

export type PutRefusal = { readonly reason: 'hot' | 'broken'; readonly forMs: number };

/** The caller must call exactly one of the two, as for a breaker. */
export type AdmittedPut = {
  /** The keys of which no record was taken, for another reason than too many. */
  answered(failedKeys: ReadonlySet<string>): void;
  /** The call itself failed: no answer, or an error of the service. */
  failed(): void;
};

/** A shard takes a second's worth at once: after a second a request meets a shard that has room again. */
export const hotForMs = 1000;
/** Failures that lie further apart belong to different troubles. Longer than a breaker is open. */
const forgottenAfterMs = 10_000;
/** Of each kind. Only keys in trouble are remembered. */
const maxKeys = 1000;

type FailingKey = { readonly breaker: Breaker; readonly failedAtMs: number };

export class StreamHealth {
  readonly #deps: BreakerDeps;
  readonly #stream: Breaker;
  readonly #failing = new BoundedMap<FailingKey>(maxKeys);
  /** Until when each key is hot. */
  readonly #hot = new BoundedMap<number>(maxKeys);

  /** The settings are those of each breaker. `onOpen` is called for each. */
  constructor(deps: BreakerDeps) {
    this.#deps = deps;
    this.#stream = new Breaker(deps);
  }

  /** Whether records with these keys would be refused without a call, and for how long. */
  refuses(keys: readonly string[]): PutRefusal | undefined {
    const brokenForMs = Math.max(
      this.#stream.refusesForMs(),
      ...keys.map((key) => this.#breakerOf(key)?.refusesForMs() ?? 0),
    );
    if (brokenForMs > 0) return { reason: 'broken', forMs: brokenForMs };
    const hotUntilMs = Math.max(...keys.map((key) => this.#hot.get(key) ?? 0));
    const forMs = hotUntilMs - this.#deps.clock.now();
    return forMs > 0 ? { reason: 'hot', forMs } : undefined;
  }

  /** Undefined if the call is refused. */
  admit(keys: readonly string[]): AdmittedPut | undefined {
    if (this.refuses(keys)) return undefined;
    const ofStream = this.#stream.admit();
    if (!ofStream) return undefined;
    const ofKeys = new Map(keys.map((key) => [key, this.#breakerOf(key)?.admit()]));
    return {
      answered: (failedKeys) => {
        for (const [key, ofKey] of ofKeys)
          if (failedKeys.has(key)) this.#failed(key, ofKey);
          else this.#failing.delete(key);
        // If nothing was taken, and more than one key fails, the trouble is the stream's.
        if (failedKeys.size === ofKeys.size && this.#countFailing() > 1) ofStream.failed();
        else ofStream.succeeded();
      },
      failed: () => {
        for (const call of ofKeys.values()) call?.failed();
        ofStream.failed();
      },
    };
  }

  /** For keys that were throttled until their request gave up. */
  rememberHot(keys: Iterable<string>): void {
    const untilMs = this.#deps.clock.now() + hotForMs;
    for (const key of keys) this.#hot.keep(key, untilMs);
  }

  #breakerOf(key: string): Breaker | undefined {
    const found = this.#failing.get(key);
    return found && this.#deps.clock.now() - found.failedAtMs < forgottenAfterMs ? found.breaker : undefined;
  }

  #failed(key: string, admitted: AdmittedCall | undefined): void {
    const breaker = this.#breakerOf(key) ?? new Breaker(this.#deps);
    (admitted ?? breaker.admit())?.failed();
    this.#failing.keep(key, { breaker, failedAtMs: this.#deps.clock.now() });
  }

  #countFailing(): number {
    return [...this.#failing.names()].filter((key) => this.#breakerOf(key)).length;
  }
}
