// What personal data looks like. A detector is one entry here: the policies, their schema and what the operator reads
// about them follow.

import { findCardNumbers } from './card-numbers.ts';
import { findEmails } from './emails.ts';
import type { TextSpan } from './text-span.ts';

export type Detector = {
  /** What was found may overlap. The time it takes has to grow with the length of the text and no faster. */
  readonly find: (text: string) => readonly TextSpan[];
  /** The smallest integer that may be one, where a number stands in place of a text; absent: none is. */
  readonly smallestInteger?: number;
};

export const detectors = {
  email: { find: findEmails },
  card_number: { find: findCardNumbers, smallestInteger: 1e12 },
} as const satisfies Readonly<Record<string, Detector>>;

export type DetectorName = keyof typeof detectors;
export const everyDetector: readonly Detector[] = Object.values(detectors);

export function findsAny(text: string, sought: readonly Detector[]): boolean {
  for (const { find } of sought) if (find(text).length > 0) return true;
  return false;
}

/** As it would be written: integers up to 1e21 are, digit by digit. */
export function findsAnyInNumber(value: number, sought: readonly Detector[]): boolean {
  if (!Number.isInteger(value)) return false;
  const size = Math.abs(value);
  for (const { find, smallestInteger = Number.POSITIVE_INFINITY } of sought) {
    if (size >= smallestInteger && find(String(size)).length > 0) return true;
  }
  return false;
}
