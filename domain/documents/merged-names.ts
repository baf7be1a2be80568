// Counts by name of many documents, added one after the other. Bounded: past twice the cap the most frequent names stay, and
// the others are added to `(other)`, so that sums stay as they are. Past the bound, the order of adding begins to matter.

import { CountTable } from './count-table.ts';
import type { Entries } from './entries.ts';
import { otherName } from './names.ts';
import { addStats, addValues, noStats, type Stats, statsOfValues, type ValueStats } from './stats.ts';

/** No month of documents of usual accounts has so many names. Twice as many are let in before they are reduced. */
export const mostMergedNames = 8192;

const other = Buffer.from(otherName);

export class MergedNames {
  readonly #table = new CountTable();
  /** By index. Empty if values are left out. */
  #values: (ValueStats | undefined)[] = [];
  readonly #most: number;

  constructor(most: number = mostMergedNames) {
    this.#most = most;
  }

  get size(): number {
    return this.#table.size;
  }

  get nameBytes(): number {
    return this.#table.keyBytes;
  }

  get total(): number {
    let total = 0;
    for (let index = 0; index < this.#table.size; index += 1) total += this.#table.countAt(index);
    return total;
  }

  /** `values`: in the order of the names. */
  add({ bytes, ends, counts }: Entries, values?: readonly (ValueStats | undefined)[]): void {
    let from = 0;
    for (let place = 0; place < ends.length; place += 1) {
      const to = ends[place] ?? 0;
      const index = this.#table.add(bytes, from, to, counts[place] ?? 0);
      if (values) this.#values[index] = addValues(this.#values[index], values[place]);
      from = to;
    }
    this.#bound();
  }

  addStats(names: ReadonlyMap<string, Stats>): void {
    for (const [name, { count, values }] of names) {
      const index = this.#table.addText(name, count);
      if (values) this.#values[index] = addValues(this.#values[index], values);
    }
    this.#bound();
  }

  #bound(): void {
    if (this.#table.size > 2 * this.#most) this.keepGreatest(this.#most);
  }

  /** The `most` greatest stay, and of those as frequent as the last of them the first ones. */
  keepGreatest(most: number): void {
    const table = this.#table;
    if (table.size <= most) return;
    const least = table.greatestCount(most);
    const otherAt = table.add(other, 0, other.length, 0);
    let above = 0;
    for (let index = 0; index < table.size; index += 1) if (table.countAt(index) > least) above += 1;
    let roomForLeast = most - above;
    let othersCount = 0;
    let othersValues: ValueStats | undefined;
    const values: (ValueStats | undefined)[] = [];
    table.keep((index) => {
      const count = table.countAt(index);
      const own = this.#values[index];
      if (index === otherAt || count > least || (count === least && roomForLeast-- > 0)) {
        values.push(own);
        return true;
      }
      othersCount += count;
      othersValues = addValues(othersValues, own);
      return false;
    });
    const index = table.add(other, 0, other.length, othersCount);
    if (this.#values.length > 0) {
      values[index] = addValues(values[index], othersValues);
      this.#values = values;
    }
  }

  /** The most frequent, greatest first. All others count in `(other)`, so that the sums stay the same. */
  listed(most: number): [name: string, stats: Stats][] {
    const names = this.#table
      .greatest(most + 1, (index) => this.#nameAt(index))
      .map(([name]) => name)
      .filter((name) => name !== otherName)
      .slice(0, most);
    // To add nothing to a name finds it.
    const indices = names.map((name) => this.#table.addText(name, 0));
    const own = new Set(indices);
    let others = noStats;
    for (let index = 0; index < this.#table.size; index += 1)
      if (!own.has(index)) others = addStats(others, this.#statsAt(index));
    const first = names.map((name, place): [string, Stats] => [name, this.#statsAt(indices[place] ?? 0)]);
    return others.count === 0 ? first : [...first, [otherName, others] as [string, Stats]].sort(inOrder);
  }

  toMap(): Map<string, Stats> {
    const names = new Map<string, Stats>();
    for (let index = 0; index < this.#table.size; index += 1)
      names.set(this.#nameAt(index), this.#statsAt(index));
    return names;
  }

  #statsAt(index: number): Stats {
    return statsOfValues(this.#table.countAt(index), this.#values[index]);
  }

  #nameAt(index: number): string {
    return this.#table.keyAt(index).toString();
  }
}

const inOrder = ([a, m]: [string, Stats], [b, n]: [string, Stats]): number =>
  n.count - m.count || (a < b ? -1 : 1);
