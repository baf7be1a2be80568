// How far consume is behind, in memory.

import type { Lags } from '../../domain/limits/port.ts';
import type { Lag } from '../../domain/limits/shedding.ts';

export class MemoryLags implements Lags {
  readonly #lags = new Map<string, Lag>();

  async all(): Promise<readonly Lag[]> {
    return [...this.#lags.values()];
  }

  async put(lag: Lag): Promise<void> {
    this.#lags.set(lag.shard, lag);
  }
}
