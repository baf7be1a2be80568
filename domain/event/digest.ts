// The digest of an event: tells whether two events with one id are the same event.

import { hash } from 'node:crypto';
import type { AcceptedEvent } from './event.ts';

/** Two given events share it by chance once in 2^64: each claim keeps it. */
const digestBytes = 8;

/** Covers the fields that the client sent, in canonical form, so that a resend is a duplicate. */
export function digestOf(event: AcceptedEvent): Uint8Array {
  const given = [
    event.type,
    event.user_id ?? null,
    event.service ?? null,
    event.made?.includes('timestamp') ? null : event.timestamp,
    event.value ?? null,
    canonical(event.metadata ?? null),
  ];
  return hash('sha256', JSON.stringify(given), 'buffer').subarray(0, digestBytes);
}

/** With sorted keys, so that the order in which a client writes them does not matter. It is copied only if they are not. */
function canonical(value: unknown): unknown {
  if (typeof value !== 'object' || value === null) return value;
  if (Array.isArray(value)) return value.map(canonical);
  const entries = Object.entries(value);
  const isCanonical = entries.every(
    ([key, inner], index) => key > (entries[index - 1]?.[0] ?? '') && typeof inner !== 'object',
  );
  if (isCanonical) return value;
  // Not by assignment, which would take the key `__proto__` for something else.
  return Object.fromEntries(
    entries
      .toSorted(([one], [other]) => (one < other ? -1 : 1))
      .map(([key, inner]) => [key, canonical(inner)]),
  );
}
