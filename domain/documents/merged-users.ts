// Counts by user of many documents, added one after the other: counters of Misra and Gries, as in top-users.ts. Bounded: past
// twice the cap they are reduced, and the order of adding begins to matter.

import { CountTable } from './count-table.ts';
import type { Entries } from './entries.ts';
import type { TopUsers } from './top-users.ts';
import { isUuid, uuidsFromBytes, uuidsToBytes } from './users-wire.ts';

/** Twice as many are let in before they are reduced. */
export const mostMergedUsers = 16_384;

/** Of keys: a UUID is packed, and may be the bytes of another text. */
const [ofText, ofUuid] = [0, 1];

export class MergedUsers {
  readonly #table = new CountTable();
  readonly #most: number;
  #error = 0;

  constructor(most: number = mostMergedUsers) {
    this.#most = most;
  }

  get size(): number {
    return this.#table.size;
  }

  get idBytes(): number {
    return this.#table.keyBytes;
  }

  get error(): number {
    return this.#error;
  }

  add(uuids: Entries, others: Entries, error: number): void {
    this.#addEntries(uuids, ofUuid);
    this.#addEntries(others, ofText);
    this.#error += error;
    this.#bound();
  }

  #addEntries({ bytes, ends, counts }: Entries, kind: number): void {
    let from = 0;
    for (let place = 0; place < ends.length; place += 1) {
      const to = ends[place] ?? 0;
      this.#table.add(bytes, from, to, counts[place] ?? 0, kind);
      from = to;
    }
  }

  addCounts(users: ReadonlyMap<string, number>): void {
    for (const [userId, count] of users) {
      if (isUuid(userId)) {
        const bytes = uuidsToBytes([userId]);
        this.#table.add(bytes, 0, bytes.length, count, ofUuid);
      } else this.#table.addText(userId, count);
    }
    this.#bound();
  }

  #bound(): void {
    if (this.#table.size > 2 * this.#most) this.reduceTo(this.#most);
  }

  /** Subtracts the first count that does not fit from all of them. */
  reduceTo(users: number): void {
    const taken = this.#table.greatestCount(users + 1);
    if (taken === 0) return;
    this.#table.reduceBy(taken);
    this.#error += taken;
  }

  greatest(most: number): [userId: string, count: number][] {
    return this.#table.greatest(most, (index) => this.#userAt(index));
  }

  toTopUsers(): TopUsers {
    const counts = new Map<string, number>();
    for (let index = 0; index < this.#table.size; index += 1)
      counts.set(this.#userAt(index), this.#table.countAt(index));
    return { counts, error: this.#error };
  }

  #userAt(index: number): string {
    const key = this.#table.keyAt(index);
    if (this.#table.kindAt(index) === ofText) return key.toString();
    return uuidsFromBytes(key).next().value ?? '';
  }
}
