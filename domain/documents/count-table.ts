// Counts by key, where keys are bytes. To merge a thousand documents, a map of strings takes several times the time: it
// makes a string of each key, hashes and keeps it, and the collector follows each of them.
//
// Open addressing with linear probing. Clients choose the keys, so the hash must not be one that they can foresee: it is a
// sum of products of the key's 16-bit words and secret factors (Dietzfelbinger 1996, "Universal hashing and k-wise
// independent random variables via integer arithmetic without primes"). Nothing but time depends on the factors.

import { randomFillSync } from 'node:crypto';

/** A factor for each two bytes of a key, and one for its length and kind. Longer keys use them again. */
const factors = randomFillSync(new Uint32Array(1024));

const leastRoom = 256;

export class CountTable {
  #size = 0;
  /** Keys, one after the other. That of `index` ends at `#ends[index]`. */
  #bytes = new Uint8Array(16 * leastRoom);
  #ends = new Uint32Array(leastRoom);
  #kinds = new Uint8Array(leastRoom);
  #hashes = new Uint32Array(leastRoom);
  #counts = new Float64Array(leastRoom);
  /** Each has a hash and an index + 1, side by side in the cache. 0 if it is free. At most half of them are taken. */
  #places = new Uint32Array(2 * 2 * leastRoom);

  get size(): number {
    return this.#size;
  }

  /** Of all keys together. */
  get keyBytes(): number {
    return this.#startOf(this.#size);
  }

  /** The index of the key. Indices are in the order of first adding. Keys of another kind are other keys. */
  add(bytes: Uint8Array, from: number, to: number, count: number, kind = 0): number {
    const hash = hashOf(bytes, from, to, kind);
    const places = this.#places;
    let place = firstPlace(hash, places);
    for (let found = places[place + 1] ?? 0; found !== 0; found = places[place + 1] ?? 0) {
      const index = found - 1;
      if (places[place] === hash && this.#kinds[index] === kind && this.#has(index, bytes, from, to)) {
        this.#counts[index] = (this.#counts[index] ?? 0) + count;
        return index;
      }
      place = nextPlace(place, places);
    }
    const index = this.#append(bytes, from, to, kind, hash);
    this.#counts[index] = count;
    places[place] = hash;
    places[place + 1] = index + 1;
    if (4 * this.#size > places.length) this.#index(2 * places.length);
    return index;
  }

  addText(text: string, count: number): number {
    const bytes = Buffer.from(text);
    return this.add(bytes, 0, bytes.length, count);
  }

  countAt(index: number): number {
    return this.#counts[index] ?? 0;
  }

  kindAt(index: number): number {
    return this.#kinds[index] ?? 0;
  }

  /** Valid until the next change. */
  keyAt(index: number): Buffer {
    const from = this.#startOf(index);
    return Buffer.from(this.#bytes.buffer, from, (this.#ends[index] ?? 0) - from);
  }

  /** 0 if there are fewer. */
  greatestCount(rank: number): number {
    return greatestOf(this.#counts.subarray(0, this.#size), rank);
  }

  /** The greatest first, and by text where counts are the same. */
  greatest(most: number, textOf: (index: number) => string): [text: string, count: number][] {
    const least = this.greatestCount(Math.min(most, this.#size));
    const above: [string, number][] = [];
    const ties: number[] = [];
    for (let index = 0; index < this.#size; index += 1) {
      const count = this.countAt(index);
      if (count > least) above.push([textOf(index), count]);
      else if (count === least) ties.push(index);
    }
    above.sort(([a, m], [b, n]) => n - m || (a < b ? -1 : 1));
    const last = firstOf(ties.values().map(textOf), most - above.length);
    return [...above, ...last.map((text): [string, number] => [text, least])];
  }

  /** Takes so much from each count, and leaves out those of which nothing is left. */
  reduceBy(taken: number): void {
    for (let index = 0; index < this.#size; index += 1) this.#counts[index] = this.countAt(index) - taken;
    this.keep((index) => this.countAt(index) > 0);
  }

  /** The others are left out. Those that are kept have smaller indices then, in the same order. */
  keep(isKept: (index: number) => boolean): void {
    let size = 0;
    let bytes = 0;
    for (let index = 0; index < this.#size; index += 1) {
      if (!isKept(index)) continue;
      const [from, to] = [this.#startOf(index), this.#ends[index] ?? 0];
      this.#bytes.copyWithin(bytes, from, to);
      bytes += to - from;
      this.#kinds[size] = this.kindAt(index);
      this.#hashes[size] = this.#hashes[index] ?? 0;
      this.#counts[size] = this.countAt(index);
      this.#ends[size] = bytes;
      size += 1;
    }
    this.#size = size;
    this.#index(this.#places.length);
  }

  #startOf(index: number): number {
    return index === 0 ? 0 : (this.#ends[index - 1] ?? 0);
  }

  #has(index: number, bytes: Uint8Array, from: number, to: number): boolean {
    const start = this.#startOf(index);
    if ((this.#ends[index] ?? 0) - start !== to - from) return false;
    for (let at = from, own = start; at < to; at += 1, own += 1)
      if (bytes[at] !== this.#bytes[own]) return false;
    return true;
  }

  #append(bytes: Uint8Array, from: number, to: number, kind: number, hash: number): number {
    const index = this.#size;
    const start = this.#startOf(index);
    const end = start + to - from;
    if (end > this.#bytes.length) this.#bytes = widened(this.#bytes, new Uint8Array(2 * end));
    if (index === this.#ends.length) {
      const room = 2 * index;
      this.#ends = widened(this.#ends, new Uint32Array(room));
      this.#kinds = widened(this.#kinds, new Uint8Array(room));
      this.#hashes = widened(this.#hashes, new Uint32Array(room));
      this.#counts = widened(this.#counts, new Float64Array(room));
    }
    for (let at = from, own = start; at < to; at += 1, own += 1) this.#bytes[own] = bytes[at] ?? 0;
    this.#ends[index] = end;
    this.#kinds[index] = kind;
    this.#hashes[index] = hash;
    this.#size += 1;
    return index;
  }

  #index(room: number): void {
    const places = room === this.#places.length ? this.#places.fill(0) : new Uint32Array(room);
    this.#places = places;
    for (let index = 0; index < this.#size; index += 1) {
      const hash = this.#hashes[index] ?? 0;
      let place = firstPlace(hash, places);
      while (places[place + 1] !== 0) place = nextPlace(place, places);
      places[place] = hash;
      places[place + 1] = index + 1;
    }
  }
}

/** By the highest bits, which are the most random ones. */
const firstPlace = (hash: number, places: Uint32Array): number =>
  2 * (hash >>> (1 + Math.clz32(places.length - 1)));
const nextPlace = (place: number, places: Uint32Array): number => (place + 2) & (places.length - 1);

function hashOf(bytes: Uint8Array, from: number, to: number, kind: number): number {
  let hash = Math.imul(factors[0] ?? 0, 2 * (to - from) + kind);
  let factor = 1;
  let at = from;
  for (; at + 1 < to; at += 2) {
    const word = (bytes[at] ?? 0) | ((bytes[at + 1] ?? 0) << 8);
    hash = (hash + Math.imul(factors[factor & 1023] ?? 0, word)) | 0;
    factor += 1;
  }
  if (at < to) hash = (hash + Math.imul(factors[factor & 1023] ?? 0, bytes[at] ?? 0)) | 0;
  return hash >>> 0;
}

function widened<Of extends Uint8Array | Uint32Array | Float64Array>(from: Of, into: Of): Of {
  into.set(from);
  return into;
}

/** In order. There may be some ten thousands, of which only these are sorted. */
function firstOf(texts: Iterable<string>, most: number): string[] {
  let first: string[] = [];
  let last: string | undefined;
  const cut = () => {
    first = first.sort().slice(0, most);
    if (first.length === most) last = first.at(-1);
  };
  for (const text of texts) {
    if (last !== undefined && text >= last) continue;
    first.push(text);
    if (first.length >= 2 * most + 100) cut();
  }
  cut();
  return first;
}

/** Most counts are small: they are tallied, and only the others sorted. */
const tallied = 1024;

function greatestOf(counts: Float64Array, rank: number): number {
  if (rank < 1 || rank > counts.length) return 0;
  const tally = new Uint32Array(tallied);
  for (const count of counts) if (count < tallied) tally[count] = (tally[count] ?? 0) + 1;
  const large = counts.filter((count) => count >= tallied);
  if (large.length >= rank) return large.sort().at(-rank) ?? 0;
  let above = large.length;
  for (let count = tallied - 1; count > 0; count -= 1) {
    above += tally[count] ?? 0;
    if (above >= rank) return count;
  }
  return 0;
}
