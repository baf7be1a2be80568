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

/** Six bits for a rank, which is at most 53. */
const denseBytes = (registers * 6) / 8;
const sparseBytes = 3;

/**
 * Two forms, and the shorter one is used. Sparse: three bytes for each register that is set, with its index and its rank.
 * Dense: six bits for each register, four of them in three bytes.
 */
export function usersToBytes(users: DistinctUsers): Uint8Array {
  let set = 0;
  for (const rank of users) if (rank > 0) set += 1;
  return sparseBytes * set < denseBytes ? toSparse(users, set) : toDense(users);
}

function toSparse(users: DistinctUsers, set: number): Uint8Array {
  const bytes = Buffer.allocUnsafe(sparseBytes * set);
  let at = 0;
  for (let index = 0; index < registers; index += 1) {
    const rank = users[index] ?? 0;
    if (rank > 0) at = bytes.writeUIntBE((index << 6) | rank, at, 3);
  }
  return bytes;
}

function toDense(users: DistinctUsers): Uint8Array {
  const bytes = new Uint8Array(denseBytes);
  for (let index = 0, at = 0; index < registers; index += 4, at += 3) {
    const [a = 0, b = 0, c = 0, d = 0] = [users[index], users[index + 1], users[index + 2], users[index + 3]];
    bytes[at] = (a << 2) | (b >> 4);
    bytes[at + 1] = (b << 4) | (c >> 2);
    bytes[at + 2] = (c << 6) | d;
  }
  return bytes;
}

export function usersFromBytes(bytes: Uint8Array): DistinctUsers {
  const users = noUsers();
  addUsersOfBytes(users, bytes);
  return users;
}

export function addUsersOfBytes(into: DistinctUsers, bytes: Uint8Array): void {
  const add = (index: number, rank: number) => {
    if (rank > (into[index] ?? 0)) into[index] = rank;
  };
  const isDense = bytes.length === denseBytes;
  for (let at = 0, index = 0; at < bytes.length; at += 3, index += 4) {
    const bits = ((bytes[at] ?? 0) << 16) | ((bytes[at + 1] ?? 0) << 8) | (bytes[at + 2] ?? 0);
    if (isDense) {
      add(index, bits >> 18);
      add(index + 1, (bits >> 12) & 63);
      add(index + 2, (bits >> 6) & 63);
      add(index + 3, bits & 63);
    } else add(bits >> 6, bits & 63);
  }
}
