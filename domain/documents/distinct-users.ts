// Counts distinct users: HyperLogLog with 4096 registers. A sketch depends only on which users were added, so merging
// is exact in any order. Never change the hash or the number of registers: stored sketches could not be merged with
// new ones.

import { hash } from 'node:crypto';

/** The greatest rank seen, for each register. */
export type DistinctUsers = Uint8Array;

const indexBits = 12;
const registers = 2 ** indexBits;
/** The bits of the 64-bit hash that do not choose the register. A rank is at most `rankBits + 1`. */
const rankBits = 64 - indexBits;

/** One standard deviation of the estimate, as a share of it. */
export const relativeError = 1.04 / Math.sqrt(registers);

export const noUsers = (): DistinctUsers => new Uint8Array(registers);

export function addUser(users: DistinctUsers, userId: string): void {
  const digest = hash('sha256', userId, 'buffer');
  const high = digest.readUInt32BE(0);
  const index = high >>> (32 - indexBits);
  const highRest = (high << indexBits) >>> indexBits;
  const zeros =
    highRest === 0 ? 32 - indexBits + Math.clz32(digest.readUInt32BE(4)) : Math.clz32(highRest) - indexBits;
  users[index] = Math.max(users[index] ?? 0, zeros + 1);
}

export function addUsersOf(into: DistinctUsers, from: DistinctUsers): void {
  for (let index = 0; index < registers; index += 1) {
    const rank = from[index] ?? 0;
    if (rank > (into[index] ?? 0)) into[index] = rank;
  }
}

/**
 * Ertl 2017, "New cardinality estimation algorithms for HyperLogLog sketches", algorithm 6. It needs no bias tables.
 */
export function estimate(users: DistinctUsers): number {
  const registersByRank = new Float64Array(rankBits + 2);
  for (const rank of users) registersByRank[rank] = (registersByRank[rank] ?? 0) + 1;
  const share = (rank: number) => (registersByRank[rank] ?? 0) / registers;
  let sum = registers * tau(1 - share(rankBits + 1));
  for (let rank = rankBits; rank >= 1; rank -= 1) sum = 0.5 * (sum + (registersByRank[rank] ?? 0));
  sum += registers * sigma(share(0));
  return registers ** 2 / (2 * Math.LN2 * sum);
}

function sigma(share: number): number {
  if (share === 1) return Number.POSITIVE_INFINITY;
  let sum = share;
  for (let power = share, factor = 1, before = -1; sum !== before; factor *= 2) {
    power *= power;
    before = sum;
    sum += power * factor;
  }
  return sum;
}

function tau(share: number): number {
  if (share === 0 || share === 1) return 0;
  let sum = 1 - share;
  for (let root = share, factor = 1, before = -1; sum !== before; ) {
    root = Math.sqrt(root);
    before = sum;
    factor *= 0.5;
    sum -= (1 - root) ** 2 * factor;
  }
  return sum / 3;
}

const digits = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_';
const valueOfCode = new Uint8Array(128);
for (const [value, digit] of [...digits].entries()) valueOfCode[digit.charCodeAt(0)] = value;

/**
 * Two forms, and the shorter one is used. Sparse: three base64 digits for each register that is set, two for its index
 * and one for its rank. Dense: one digit for each register.
 */
export function usersToText(users: DistinctUsers): string {
  let sparse = '';
  let dense = '';
  for (let index = 0; index < registers; index += 1) {
    const rank = users[index] ?? 0;
    dense += digits[rank];
    if (rank > 0) sparse += `${digits[index >> 6]}${digits[index & 63]}${digits[rank]}`;
  }
  return sparse.length < dense.length ? sparse : dense;
}

export function usersFromText(text: string): DistinctUsers {
  const users = noUsers();
  addUsersOfText(users, text);
  return users;
}

export function addUsersOfText(into: DistinctUsers, text: string): void {
  const at = (place: number) => valueOfCode[text.charCodeAt(place)] ?? 0;
  const add = (index: number, rank: number) => {
    if (rank > (into[index] ?? 0)) into[index] = rank;
  };
  if (text.length === registers) for (let index = 0; index < registers; index += 1) add(index, at(index));
  else
    for (let place = 0; place < text.length; place += 3) add((at(place) << 6) | at(place + 1), at(place + 2));
}
