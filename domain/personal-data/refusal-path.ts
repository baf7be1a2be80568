// Where in an event something is that must not be there, told without telling any of it.

import { everyDetector, findsAny } from './detectors.ts';
import { hidePersonalData } from './redaction.ts';

export type Path = readonly (string | number)[];

const maxLength = 128;
const root = 'metadata.';
const hidden = '*';

/** Of what is in the metadata. */
export function formatPath(path: Path): string {
  const shown = path.map((segment) => (holdsPersonalData(String(segment)) ? hidden : segment));
  // Neighbours may together read as what neither is alone, and so may the beginning of a long name.
  return root + hidePersonalData(shorten(hidePersonalData(shown.join('.'))));
}

/** Also what the policy does not ask for: an account that forbids passwords wants no address in an answer either. */
const holdsPersonalData = (segment: string): boolean => findsAny(segment, everyDetector);

const shorten = (text: string): string =>
  root.length + text.length <= maxLength
    ? text
    : `${text.slice(0, maxLength - root.length - 1).toWellFormed()}…`;
