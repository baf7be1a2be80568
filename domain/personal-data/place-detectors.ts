// The detectors for one place of an event, by action, and their application to a value there.

import { type Detector, findsAny, findsAnyInNumber } from './detectors.ts';
import { redacted, redactText } from './redaction.ts';

export type PlaceDetectors = {
  readonly refuse: readonly Detector[];
  readonly redact: readonly Detector[];
};

/** Stands for a value that must not be stored in any form. */
export const refused = Symbol('refused');

/** The same text if nothing was found. */
export function applyToText(text: string, { refuse, redact }: PlaceDetectors): string | typeof refused {
  if (findsAny(text, refuse)) return refused;
  // A redacted text may match a detector that refuses, though the original did not. Such matches are redacted too.
  return findsAny(text, redact) ? redactText(text, [...redact, ...refuse]) : text;
}

export function applyToNumber(
  value: number,
  { refuse, redact }: PlaceDetectors,
): number | string | typeof refused {
  if (findsAnyInNumber(value, refuse)) return refused;
  return findsAnyInNumber(value, redact) ? redacted : value;
}
