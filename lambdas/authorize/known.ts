// What an instance knows by name, until a time.

import { BoundedMap } from '../../domain/system/bounded-map.ts';

export class Known<T> {
  readonly #entries: BoundedMap<{ readonly value: T; readonly untilMs: number }>;

  constructor(most: number) {
    this.#entries = new BoundedMap(most);
  }

  find(name: string, nowMs: number): T | undefined {
    const entry = this.#entries.get(name);
    return entry && nowMs < entry.untilMs ? entry.value : undefined;
  }

  keep(name: string, value: T, untilMs: number): void {
    this.#entries.keep(name, { value, untilMs });
  }

  forget(name: string): void {
    this.#entries.delete(name);
  }
}
