// A map by name that holds so many entries at most: the one that was kept longest ago makes room.

export class BoundedMap<T> {
  readonly #most: number;
  readonly #entries = new Map<string, T>();

  constructor(most: number) {
    this.#most = most;
  }

  get(name: string): T | undefined {
    return this.#entries.get(name);
  }

  keep(name: string, value: T): void {
    // Again at the end of the order.
    this.#entries.delete(name);
    this.#entries.set(name, value);
    const [oldest] = this.#entries.keys();
    if (this.#entries.size > this.#most && oldest !== undefined) this.#entries.delete(oldest);
  }

  delete(name: string): void {
    this.#entries.delete(name);
  }

  names(): Iterable<string> {
    return this.#entries.keys();
  }
}
