// Puts `[redacted]` where personal data was found in a text, and keeps apart the names of fields that this changed.

import { type Detector, everyDetector, findsAny } from './detectors.ts';
import type { TextSpan } from './text-span.ts';

export const redacted = '[redacted]';

/** Far more than texts need that nobody made for it. */
const maxPasses = 8;

/**
 * The text without anything that the detectors find. What is left can read as something anew (a long run of digits
 * that was cut may be a card number), so it is looked through until nothing is found, or replaced as a whole.
 */
export function redactText(text: string, sought: readonly Detector[], mark = redacted): string {
  let left = text;
  for (let pass = 0; pass < maxPasses; pass += 1) {
    const spans = sought.flatMap(({ find }) => find(left));
    if (spans.length === 0) return left;
    left = replaceSpans(left, spans, mark);
  }
  return mark;
}

/** For answers: what was found by any detector, asked for or not, is shown as `*`. */
export const hidePersonalData = (text: string): string => redactText(text, everyDetector, '*');

function replaceSpans(text: string, spans: readonly TextSpan[], mark: string): string {
  let kept = '';
  let from = 0;
  for (const { start, end } of spans.toSorted((one, other) => one.start - other.start)) {
    if (start >= from) kept += text.slice(from, start) + mark;
    from = Math.max(from, end);
  }
  return kept + text.slice(from);
}

/** Names for the fields of one object whose own names held personal data: what would be called the same is numbered. */
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
    // The number may complete what a detector looks for; the next one does not.
    while (this.#taken.has(free) || findsAny(free, this.#sought)) {
      free = `${name} ${number}`;
      number += 1;
    }
    this.#nextNumbers.set(name, number);
    this.#taken.add(free);
    return free;
  }
}
