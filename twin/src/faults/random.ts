// Pseudo-random numbers from a seed, the same in every run: they choose what fails, and tests make inputs of them.

/** From 0 up to, but not including, 1: mulberry32, which is quick and good enough for choices. */
export function seededRandom(seed: number): () => number {
  let state = seed | 0;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** A seed of its own for each place, such as for every rule of a plan. */
export function seedAt(seed: number, place: number): number {
  return Math.floor(seededRandom(seed ^ Math.imul(place, 0x9e3779b1))() * 2 ** 32);
}
