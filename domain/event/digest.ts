// The digest of an event: tells whether two events with one id are the same event.

import { createHash } from 'node:crypto';
import type { AcceptedEvent } from './event.ts';

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
