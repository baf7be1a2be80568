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

/** The first of them that fit. An `event` that is undefined cannot be kept. */
export function keepWithin(rejected: Iterable<KeptEvent>, days: number): KeptEvents {
  const events: KeptEvent[] = [];
  let [bytes, leftOut] = [0, 0];
  for (const each of rejected) {
    const ownBytes = each.event === undefined ? mostBytes : Buffer.byteLength(JSON.stringify(each));
    if (bytes + ownBytes > mostBytes) leftOut += 1;
    else {
      events.push(each);
      bytes += ownBytes;
    }
  }
  return { days, events, leftOut };
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
