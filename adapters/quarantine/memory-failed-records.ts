// The failed-records bucket in memory.

import type { FailedRecords } from '../../domain/quarantine/port.ts';
import type { Clock } from '../../domain/system/port.ts';

type StoredObject = { readonly data: Uint8Array; readonly storedAtMs: number };

export class MemoryFailedRecords implements FailedRecords {
  readonly #clock: Pick<Clock, 'now'>;
  readonly #objects = new Map<string, StoredObject>();

  /** Without a clock, `storedAtMs` is 0. */
  constructor(clock: Pick<Clock, 'now'> = { now: () => 0 }) {
    this.#clock = clock;
  }

  async put(name: string, data: Uint8Array): Promise<void> {
    this.#objects.set(name, { data: Uint8Array.from(data), storedAtMs: this.#clock.now() });
  }

  async get(name: string): Promise<Uint8Array | undefined> {
    const object = this.#objects.get(name);
    return object && Uint8Array.from(object.data);
  }

  async remove(name: string): Promise<void> {
    this.#objects.delete(name);
  }

  async *list(prefix: string): AsyncGenerator<{ name: string; bytes: number; storedAtMs: number }> {
    const names = [...this.#objects.keys()].filter((name) => name.startsWith(prefix)).toSorted();
    for (const name of names) {
      const object = this.#objects.get(name);
      if (object) yield { name, bytes: object.data.length, storedAtMs: object.storedAtMs };
    }
  }
}
