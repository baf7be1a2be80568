// The events that were rejected of a request, kept for a time if the account wants that: to be corrected and sent again.

import { mostRejectedDays } from '../accounts/retention.ts';
import { dayMs } from '../system/time.ts';

/** `field` is empty if the rejection is of no field. */
export type RejectionName = { readonly code: string; readonly field: string };

export type KeptEvent = RejectionName & {
  readonly message: string;
  /** As it was sent, without what the policy of the account forbids. */
  readonly event: unknown;
};

export type KeptEvents = {
  readonly days: number;
  readonly events: readonly KeptEvent[];
  /** How many were rejected beyond these. */
  readonly leftOut: number;
};

/** As JSON, of a request. An item of the table takes 400 KB. */
const mostBytes = 128 * 1024;

export const keptExpireAtMs = (receivedAtMs: number, { days }: Pick<KeptEvents, 'days'>): number =>
  receivedAtMs + days * dayMs;

/** More than an event can have. What recursion takes is bounded by it. */
const mostLevels = 32;

/**
 * The first of them that fit, in their order. `whole` makes what may be kept of an event. It is asked only for what fits as
 * it was sent, so that no request costs more than that.
 */
export function keepWithin(
  rejected: Iterable<KeptEvent>,
  whole: (event: unknown) => unknown,
  days: number,
): KeptEvents {
  const events: KeptEvent[] = [];
  let [left, leftOut] = [mostBytes, 0];
  for (const each of rejected) {
    const sentBytes = isWithin(each.event, mostLevels) ? bytesOf(each) : Number.POSITIVE_INFINITY;
    const kept = sentBytes <= left ? { ...each, event: whole(each.event) } : undefined;
    // Redacted, it can be longer.
    const bytes = kept ? Math.max(sentBytes, bytesOf(kept)) : sentBytes;
    if (kept && bytes <= left) {
      events.push(kept);
      left -= bytes;
    } else leftOut += 1;
  }
  return { days, events, leftOut };
}

const bytesOf = (event: KeptEvent): number => Buffer.byteLength(JSON.stringify(event));

function isWithin(value: unknown, levels: number): boolean {
  if (typeof value !== 'object' || value === null) return value !== undefined;
  return levels > 0 && Object.values(value).every((each) => isWithin(each, levels - 1));
}

/** How many they are follows from the bound of the body. */
export const isKept = (
  { days, events, leftOut }: Readonly<Record<string, unknown>>,
  isEvent: (value: unknown) => boolean,
): boolean =>
  isCount(days) &&
  days <= mostRejectedDays &&
  isCount(leftOut) &&
  Array.isArray(events) &&
  events.every(isEvent);

const isCount = (value: unknown): value is number => Number.isSafeInteger(value) && Number(value) >= 0;
