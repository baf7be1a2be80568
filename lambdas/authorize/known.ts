// What an instance knows by name, until a time. Of more names than it may hold, the one that was kept longest ago goes.

export class Known<T> {
  readonly #most: number;
  readonly #entries = new Map<string, { readonly value: T; readonly untilMs: number }>();

  constructor(most: number) {
    this.#most = most;
  }

  find(name: string, nowMs: number): T | undefined {
    const entry = this.#entries.get(name);
    return entry && nowMs < entry.untilMs ? entry.value : undefined;
  }

  keep(name: string, value: T, untilMs: number): void {
    // Again at the end of the order.
    this.#entries.delete(name);
    this.#entries.set(name, { value, untilMs });
    const [oldest] = this.#entries.keys();
    if (this.#entries.size > this.#most && oldest !== undefined) this.#entries.delete(oldest);
  }

  forget(name: string): void {
    this.#entries.delete(name);
  }
}
