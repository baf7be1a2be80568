// What an answer of the server means for a batch.

import type { AcceptedBatch, Problem, RejectedEvent } from './wire.ts';

/** Of answers that the gateway or a proxy gave, most members may be missing. */
export type Refusal = Partial<Problem> & { readonly status: number };

export type Outcome =
  | { readonly kind: 'accepted'; readonly answer: AcceptedBatch }
  /** No event of it was valid: nothing is stored. */
  | { readonly kind: 'rejected'; readonly rejected: readonly RejectedEvent[] }
  /** Too large: nothing is stored. */
  | { readonly kind: 'split'; readonly refusal: Refusal }
  /** The same bytes may do better later. */
  | { readonly kind: 'retry'; readonly afterMs: number }
  /** The same bytes would be refused again. */
  | { readonly kind: 'refused'; readonly refusal: Refusal };

export type Answer = { readonly status: number; readonly afterMs: number; readonly body: unknown };

/** A timer cannot wait for longer than 24.8 days. Nothing asks for more than a day. */
const longestWaitMs = 86_400_000;

/** `Retry-After` in seconds or as a date. */
export function retryAfterMs(header: string | null, nowMs: number): number {
  const seconds = Number(header);
  const ms = Number.isFinite(seconds) ? seconds * 1000 : Date.parse(header ?? '') - nowMs;
  return ms > 0 ? Math.min(ms, longestWaitMs) : 0;
}

export const isTransient = (status: number, code?: unknown) =>
  status >= 500 || [408, 425, 429].includes(status) || code === 'idempotency_in_flight';

/** A batch that is in flight in another request (409) can be stored by that one, and so can one that failed (5xx). */
export const isNotStored = (status: number) => status >= 400 && status < 500 && ![408, 409].includes(status);

export function outcomeOf({ status, afterMs, body }: Answer): Outcome {
  const members = (typeof body === 'object' && body !== null ? body : {}) as Record<string, unknown>;
  if (status === 202 && typeof members.batch_id === 'string' && Array.isArray(members.rejected))
    return { kind: 'accepted', answer: members as AcceptedBatch };
  // An answer that is cut off comes again.
  if (status === 202 || isTransient(status, members.code)) return { kind: 'retry', afterMs };
  const refusal: Refusal = { ...members, status };
  if (status === 413) return { kind: 'split', refusal };
  if (members.code === 'no_valid_event' && Array.isArray(members.rejected))
    return { kind: 'rejected', rejected: members.rejected };
  return { kind: 'refused', refusal };
}
