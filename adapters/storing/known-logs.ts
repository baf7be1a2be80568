// The claim logs that this instance knows. Most records of an account follow each other in a few logs, which it then need
// not read again.

import type { LogName } from '../../domain/storing/claim-log.ts';
import { KnownLog } from '../../domain/storing/known-log.ts';

/** Some 95 MB: the ids of a minute of the most that a shard takes. */
const mostIdsKnown = 1_000_000;
/** A log itself takes as much memory as so many ids: ids of old events can have a log each. */
const idsOfEmptyLog = 16;
type Kept = Map<LogName, { readonly known: KnownLog; readonly ids: number }>;

export class KnownLogs {
  readonly #mostIds: number;
  /**
   * Once these have half of the ids, those that were not kept again meanwhile are dropped. To look for the oldest log at
   * each call would take longer the more are known.
   */
  #latest: Kept = new Map();
  #latestIds = 0;
  #earlier: Kept = new Map();

  constructor(mostIds = mostIdsKnown) {
    this.#mostIds = mostIds;
  }

  /** Empty if it is not known. */
  of(log: LogName): KnownLog {
    return (this.#latest.get(log) ?? this.#earlier.get(log))?.known ?? new KnownLog();
  }

  /** To be called again when it has grown. */
  keep(log: LogName, known: KnownLog): void {
    const ids = known.ids + idsOfEmptyLog;
    this.#latestIds += ids - (this.#latest.get(log)?.ids ?? 0);
    this.#latest.set(log, { known, ids });
    this.#earlier.delete(log);
    if (this.#latestIds <= this.#mostIds / 2) return;
    this.#earlier = this.#latest;
    this.#latest = new Map();
    this.#latestIds = 0;
  }

  forget(log: LogName): void {
    this.#latestIds -= this.#latest.get(log)?.ids ?? 0;
    this.#latest.delete(log);
    this.#earlier.delete(log);
  }
}
