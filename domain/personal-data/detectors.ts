// The detectors of personal data. To add one is to add an entry here: policies and their schema are derived from this
// list.

import { findCardNumbers } from './card-numbers.ts';
import { findEmails } from './emails.ts';
import type { TextSpan } from './text-span.ts';

export type Detector = {
  /** Spans may overlap. The time must grow linearly with the length of the text. */
  readonly find: (text: string) => readonly TextSpan[];
  /**
   * A JSON number is searched, as text, if it is an integer of at least this size. Absent: numbers are not searched.
   */
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

/** Searches the decimal digits of integers. From 1e21 on, JavaScript writes an exponent instead. */
export function findsAnyInNumber(value: number, sought: readonly Detector[]): boolean {
  if (!Number.isInteger(value)) return false;
  const size = Math.abs(value);
  for (const { find, smallestInteger = Number.POSITIVE_INFINITY } of sought) {
    if (size >= smallestInteger && find(String(size)).length > 0) return true;
  }
  return false;
}
