// Counts by name, bounded: past the caps, which apply on insertion only, what is new counts under `(other)`.

/** Past the caps, names count under this one. */
export const otherName = '(other)';
const maxNames = 256;
const maxNameBytes = 24 * 1024;

/** Caps apply on insertion only: merging never loses a name, so that its order cannot matter. */
export function insertName(counts: Map<string, number>, name: string): void {
  const counted = counts.get(name);
  if (counted !== undefined) {
    counts.set(name, counted + 1);
  } else if (hasRoomFor(counts, name)) {
    counts.set(name, 1);
  } else {
    counts.set(otherName, (counts.get(otherName) ?? 0) + 1);
  }
}

function hasRoomFor(counts: ReadonlyMap<string, number>, name: string): boolean {
  if (counts.size >= maxNames) return false;
  let bytes = Buffer.byteLength(name);
  for (const known of counts.keys()) bytes += Buffer.byteLength(known);
  return bytes <= maxNameBytes;
}

export function addNames(into: Map<string, number>, from: ReadonlyMap<string, number>): void {
  for (const [name, count] of from) into.set(name, (into.get(name) ?? 0) + count);
}
