// What became of each event of a record, in two bits an event, as receipts keep it.

import type { Classification } from './identity.ts';

const codes: readonly Classification[] = ['mine', 'duplicate', 'conflict'];
const perByte = 4;

export function verdictsToBytes(verdicts: readonly Classification[]): Uint8Array {
  const bytes = new Uint8Array(Math.ceil(verdicts.length / perByte));
  verdicts.forEach((verdict, index) => {
    const at = Math.floor(index / perByte);
    bytes[at] = (bytes[at] ?? 0) | (codes.indexOf(verdict) << (2 * (index % perByte)));
  });
  return bytes;
}

/** Of the first `count` events. */
export const verdictsFromBytes = (bytes: Uint8Array, count: number): Classification[] =>
  Array.from({ length: count }, (_, index) => {
    const code = ((bytes[Math.floor(index / perByte)] ?? 0) >> (2 * (index % perByte))) & 3;
    return codes[code] ?? 'mine';
  });
