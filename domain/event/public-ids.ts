// Ids of events that came by a public key. Whoever reads the key in a page can choose any id: it is one among those of the key,
// so that no visitor takes an id from a server.

import { hash } from 'node:crypto';
import type { ValidatedBatch } from './batch.ts';

const longestId = 128;

export const ofPublicKey = (batch: ValidatedBatch, keyId: string): ValidatedBatch => ({
  ...batch,
  accepted: batch.accepted.map((event) =>
    event.made?.includes('event_id') ? event : { ...event, event_id: publicEventId(keyId, event.event_id) },
  ),
});

/** One too long with the key before it becomes its digest, which nothing else becomes: another character is between. */
export function publicEventId(keyId: string, eventId: string): string {
  const made = `${keyId}.${eventId}`;
  return made.length <= longestId ? made : `${keyId}~${hash('sha256', eventId, 'base64url')}`;
}
