// An identity says which record owns an event id, until the event expires (R4).

import type { RecordId } from '../record/record-id.ts';

export type Identity = {
  readonly record: RecordId;
  /** Slot and sort key of the page that holds the event. */
  readonly page: string;
  readonly digest: Uint8Array;
  readonly untilMs: number;
};

export type IdentityClaim = Identity & {
  readonly key: string;
  readonly receivedAtMs: number;
  /** When DynamoDB may delete it. Later than `untilMs`, because guards outlive events. */
  readonly expiresAtMs: number;
};

export type Classification = 'mine' | 'duplicate' | 'conflict';

/** Compares a claim with the holder of the id: an earlier try of this record, the same event, or another event. */
export function classify(claim: IdentityClaim, holder: Identity): Classification {
  if (holder.record === claim.record) return 'mine';
  return Buffer.compare(holder.digest, claim.digest) === 0 ? 'duplicate' : 'conflict';
}
