// Stats by name, bounded in bytes. Past the cap, new names count under `(other)`.

import { listBytes, maxNamesBytes, nameEntryBytes } from './size-limits.ts';
import { addStats, noStats, type Stats, type StatsWire, statsFromWire, statsToWire } from './stats.ts';

export const otherName = '(other)';
/** Of events that have none. */
export const noName = '(none)';
/** Leaves room for `(other)`. */
const maxBytes = maxNamesBytes - nameEntryBytes(otherName);

/**
 * The cap of bytes applies on insertion only, because the order of merging must not matter. Insert many names at once: the
 * first new one among them makes it measure all names that are there.
 */
export function insertNames(
  names: Map<string, Stats>,
  inserted: Iterable<readonly [name: string, stats: Stats]>,
): void {
  let bytes: number | undefined;
  for (const [name, stats] of inserted) {
    const known = names.get(name);
    if (known !== undefined) {
      names.set(name, addStats(known, stats));
      continue;
    }
    bytes ??= listBytes(names.keys(), nameEntryBytes);
    const ownBytes = nameEntryBytes(name);
    const fits = bytes + ownBytes <= maxBytes;
    if (fits) bytes += ownBytes;
    addName(names, fits ? name : otherName, stats);
  }
}

export function addName(names: Map<string, Stats>, name: string, stats: Stats): void {
  names.set(name, addStats(names.get(name) ?? noStats, stats));
}

/** The greatest names that fit, and `(other)`, in the order in which they are kept. */
export function namesWithin(mostBytes: number, names: ReadonlyMap<string, Stats>): Map<string, Stats> {
  const kept = new Map<string, Stats>();
  let bytes = nameEntryBytes(otherName);
  const greatestFirst = [...names].sort(([a, m], [b, n]) => n.count - m.count || (a < b ? -1 : 1));
  for (const [name, stats] of greatestFirst) {
    const ownBytes = nameEntryBytes(name);
    const fits = name !== otherName && bytes + ownBytes <= mostBytes;
    if (fits) bytes += ownBytes;
    addName(kept, fits ? name : otherName, stats);
  }
  return kept;
}

/** Without their values. */
export const countsOf = (names: ReadonlyMap<string, Stats>): Map<string, number> =>
  new Map([...names].map(([name, { count }]) => [name, count]));

/** A list of names, each followed by its stats. Names are never properties: `__proto__` is a valid event type. */
export type NamesWire = readonly StatsWire[];

export const namesToWire = (names: ReadonlyMap<string, Stats>): NamesWire =>
  [...names].flatMap(([name, stats]) => [name, statsToWire(stats)]);

export function namesFromWire(wire: NamesWire): Map<string, Stats> {
  const names = new Map<string, Stats>();
  for (let place = 0; place < wire.length; place += 2) {
    names.set(String(wire[place]), statsFromWire(wire[place + 1] ?? 0));
  }
  return names;
}
