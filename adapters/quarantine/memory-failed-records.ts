// The bucket of failed records in memory.

import type { FailedRecords } from '../../domain/quarantine/port.ts';
import type { Clock } from '../../domain/system/port.ts';

type Kept = { readonly data: Uint8Array; readonly storedAtMs: number };

export class MemoryFailedRecords implements FailedRecords {
  readonly #clock: Pick<Clock, 'now'>;
  readonly #kept = new Map<string, Kept>();

  /** Without a clock everything was stored at the beginning of time. */
  constructor(clock: Pick<Clock, 'now'> = { now: () => 0 }) {
    this.#clock = clock;
  }

  async put(name: string, data: Uint8Array): Promise<void> {
    this.#kept.set(name, { data: Uint8Array.from(data), storedAtMs: this.#clock.now() });
  }

  async get(name: string): Promise<Uint8Array | undefined> {
    const kept = this.#kept.get(name);
    return kept && Uint8Array.from(kept.data);
  }

  async remove(name: string): Promise<void> {
    this.#kept.delete(name);
  }

  async *list(prefix: string): AsyncGenerator<{ name: string; bytes: number; storedAtMs: number }> {
    const names = [...this.#kept.keys()].filter((name) => name.startsWith(prefix)).toSorted();
    for (const name of names) {
      const kept = this.#kept.get(name);
      if (kept) yield { name, bytes: kept.data.length, storedAtMs: kept.storedAtMs };
    }
  }
}
