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

/** Objects of many names are dear to make. */
const mostNamesCopied = 64;

/**
 * With sorted names, so that the order in which a client writes them does not matter. An object of many names becomes two
 * lists, and so does one that looks like them: no two values have one form. It is copied only if it has to be.
 */
function canonical(value: unknown): unknown {
  if (typeof value !== 'object' || value === null) return value;
  if (Array.isArray(value)) return value.map(canonical);
  const object = value as Readonly<Record<string, unknown>>;
  const names = Object.keys(object);
  if (names.length > mostNamesCopied || looksLikeLists(names)) {
    names.sort();
    return { names, values: names.map((name) => canonical(object[name])) };
  }
  const isCanonical = names.every(
    (name, index) => name > (names[index - 1] ?? '') && typeof object[name] !== 'object',
  );
  if (isCanonical) return value;
  // Not by assignment, which would take the key `__proto__` for something else.
  return Object.fromEntries(names.toSorted().map((name) => [name, canonical(object[name])]));
}

const looksLikeLists = (names: readonly string[]): boolean =>
  names.length === 2 && names.includes('names') && names.includes('values');
