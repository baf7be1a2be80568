// Renders the path of a refused field for the answer, without any personal data in it.

import { everyDetector, findsAny } from './detectors.ts';
import { hidePersonalData } from './redaction.ts';

export type Path = readonly (string | number)[];

const maxLength = 128;
const root = 'metadata.';
const hidden = '*';

/** `path` begins within the metadata. */
export function formatPath(path: Path): string {
  const shown = path.map((segment) => (holdsPersonalData(String(segment)) ? hidden : segment));
  // Searched again after joining and after shortening: segments may match only together, or once a long name is cut.
  return root + hidePersonalData(shorten(hidePersonalData(shown.join('.'))));
}

/** Uses every detector, also those that the policy does not name: an answer shows no personal data of any kind. */
const holdsPersonalData = (segment: string): boolean => findsAny(segment, everyDetector);

const shorten = (text: string): string =>
  root.length + text.length <= maxLength
    ? text
    : `${text.slice(0, maxLength - root.length - 1).toWellFormed()}…`;
