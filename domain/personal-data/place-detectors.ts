// What is sought in one place of an event, by what is done about it, and what becomes of a value there.

import { type Detector, findsAny, findsAnyInNumber } from './detectors.ts';
import { redacted, redactText } from './redaction.ts';

export type PlaceDetectors = {
  readonly refuse: readonly Detector[];
  readonly redact: readonly Detector[];
};

/** Stands for a value that must not be stored in any form. */
export const refused = Symbol('refused');

/** The text itself, where nothing was found in it. */
export function applyToText(text: string, { refuse, redact }: PlaceDetectors): string | typeof refused {
  if (findsAny(text, refuse)) return refused;
  // What is left of a text may read as what is to be refused, though the text did not: that goes too.
  return findsAny(text, redact) ? redactText(text, [...redact, ...refuse]) : text;
}

export function applyToNumber(
  value: number,
  { refuse, redact }: PlaceDetectors,
): number | string | typeof refused {
  if (findsAnyInNumber(value, refuse)) return refused;
  return findsAnyInNumber(value, redact) ? redacted : value;
}
