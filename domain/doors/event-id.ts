// Event ids of what other clients call an id: any text.

import { hash } from 'node:crypto';
import { eventIdPattern } from '../event/event-id.ts';

const longestEventId = 128;

/**
 * The text itself, if it can be one, else a digest of it: always the same one, so that a resend is a duplicate. `room`: so
 * many characters are to follow.
 */
export const toEventId = (text: string, room = 0): string =>
  text.length + room <= longestEventId && eventIdPattern.test(text) ? text : digestOfText(text);

export const digestOfText = (text: string): string => hash('sha256', text, 'base64url');
