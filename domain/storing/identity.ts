// An identity says which record owns an event id, until the event expires (R4).

import { createHash } from 'node:crypto';
import type { AcceptedEvent } from '../event/event.ts';
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

const digestBytes = 16;

/** Covers the fields that the client sent, in canonical form, so that a resend is a duplicate. */
export function digestOf(event: AcceptedEvent): Uint8Array {
  const given = [
    event.type,
    event.user_id ?? null,
    event.service ?? null,
    event.made?.includes('timestamp') ? null : event.timestamp,
    event.value ?? null,
    event.metadata ?? null,
  ];
  return createHash('sha256').update(canonical(given)).digest().subarray(0, digestBytes);
}

/** JSON with sorted keys, so that the order in which a client writes them does not matter. */
function canonical(value: unknown): string {
  if (typeof value !== 'object' || value === null) return JSON.stringify(value);
  if (Array.isArray(value)) return `[${value.map(canonical).join(',')}]`;
  const entries = Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1));
  return `{${entries.map(([key, inner]) => `${JSON.stringify(key)}:${canonical(inner)}`).join(',')}}`;
}
