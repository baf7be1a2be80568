// What became of each event of a record. A receipt keeps it by index, in two bits an event, unless it is the same for all.

import type { Receipt } from '../counting/receipt.ts';
import type { Classification } from './identity.ts';

const codes: readonly Classification[] = ['mine', 'duplicate', 'conflict'];
const perByte = 4;

/** Undefined if all are the same: then the counts of the receipt say it. */
export function verdictsToBytes(verdicts: readonly Classification[]): Uint8Array | undefined {
  if (new Set(verdicts).size <= 1) return undefined;
  const bytes = new Uint8Array(Math.ceil(verdicts.length / perByte));
  verdicts.forEach((verdict, index) => {
    const at = Math.floor(index / perByte);
    bytes[at] = (bytes[at] ?? 0) | (codes.indexOf(verdict) << (2 * (index % perByte)));
  });
  return bytes;
}

/** Of a counted record, in the order of its events. */
export function verdictsOf({ accepted, stored, duplicates, verdicts }: Receipt): Classification[] {
  const same = stored > 0 ? 'mine' : duplicates > 0 ? 'duplicate' : 'conflict';
  return Array.from({ length: accepted }, (_, index) => {
    if (!verdicts) return same;
    const code = ((verdicts[Math.floor(index / perByte)] ?? 0) >> (2 * (index % perByte))) & 3;
    return codes[code] ?? 'mine';
  });
}
