// Counts by name, bounded in number and bytes. Past these caps, new names count under `(other)`.

import { entryBytes, listBytes, maxNamesBytes } from './size-limits.ts';

export const otherName = '(other)';
const maxNames = 256;
/** Leaves room for `(other)`. */
const maxBytes = maxNamesBytes - entryBytes(otherName);

/**
 * Caps apply on insertion only. Merging never drops a name, so its order does not matter. Insert many names at once:
 * the first new one among them makes it measure all names that are there.
 */
export function insertNames(counts: Map<string, number>, names: Iterable<string>): void {
  let bytes: number | undefined;
  for (const name of names) {
    const counted = counts.get(name);
    if (counted !== undefined) {
      counts.set(name, counted + 1);
      continue;
    }
    bytes ??= listBytes(counts.keys());
    const ownBytes = entryBytes(name);
    const fits = counts.size < maxNames && bytes + ownBytes <= maxBytes;
    if (fits) bytes += ownBytes;
    addCount(counts, fits ? name : otherName, 1);
  }
}

export function addNames(into: Map<string, number>, from: ReadonlyMap<string, number>): void {
  for (const [name, count] of from) addCount(into, name, count);
}

function addCount(counts: Map<string, number>, name: string, count: number): void {
  counts.set(name, (counts.get(name) ?? 0) + count);
}
