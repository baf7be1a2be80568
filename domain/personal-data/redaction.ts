// Replaces personal data in a text by `[redacted]`, and keeps redacted field names distinct.

import { type Detector, everyDetector, findsAny } from './detectors.ts';
import type { TextSpan } from './text-span.ts';

export const redacted = '[redacted]';

/** More than any text needs that was not made to defeat it. After this many, the whole text is replaced. */
const maxPasses = 8;

/**
 * The text without anything that the detectors find. What remains can match again: a long run of digits that was cut
 * may be a card number. So it is searched until nothing is found.
 */
export function redactText(text: string, sought: readonly Detector[], replacement = redacted): string {
  let left = text;
  for (let pass = 0; pass < maxPasses; pass += 1) {
    const spans = sought.flatMap(({ find }) => find(left));
    if (spans.length === 0) return left;
    left = replaceSpans(left, spans, replacement);
  }
  return replacement;
}

/** For answers to clients: shows `*` for what any detector finds, even one that the policy does not use. */
export const hidePersonalData = (text: string): string => redactText(text, everyDetector, '*');

function replaceSpans(text: string, spans: readonly TextSpan[], replacement: string): string {
  let kept = '';
  let from = 0;
  for (const { start, end } of spans.toSorted((one, other) => one.start - other.start)) {
    if (start >= from) kept += text.slice(from, start) + replacement;
    from = Math.max(from, end);
  }
  return kept + text.slice(from);
}

/** New names for the fields of one object whose names contained personal data. Equal names are numbered. */
export class FreeNames {
  readonly #taken: Set<string>;
  readonly #sought: readonly Detector[];
  readonly #nextNumbers = new Map<string, number>();

  constructor(names: readonly string[], sought: readonly Detector[]) {
    this.#taken = new Set(names);
    this.#sought = sought;
  }

  take(name: string): string {
    let free = name;
    let number = this.#nextNumbers.get(name) ?? 2;
    // The number itself may complete a card number. The next number does not.
    while (this.#taken.has(free) || findsAny(free, this.#sought)) {
      free = `${name} ${number}`;
      number += 1;
    }
    this.#nextNumbers.set(name, number);
    this.#taken.add(free);
    return free;
  }
}
