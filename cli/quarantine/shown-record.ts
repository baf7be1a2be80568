// One record as `weir quarantine show` prints it with --json: its receipt, its entry, and what of its payload can be read.

import type { ReceiptState } from '../../domain/counting/receipt.ts';
import type { AcceptedEvent } from '../../domain/event/event.ts';
import { decodeEnvelope, type EnvelopeHeader, UnreadableEnvelope } from '../../domain/record/envelope.ts';
import { iso } from '../../domain/system/time.ts';
import { type ListedEntry, toListed } from './entries.ts';
import type { FoundRecord } from './find.ts';

export type ShownRecord = {
  readonly account_id: string;
  readonly environment: string;
  readonly record: string;
  readonly receipt: {
    readonly state: ReceiptState;
    readonly accepted: number;
    readonly stored: number;
    readonly duplicates: number;
    readonly conflicts: number;
    readonly received_at: string;
    /** Absent of a discarded record, whose receipt knows only when it was quarantined, and of a void one. */
    readonly state_since?: string;
    readonly quarantined_at?: string;
    readonly expires_at: string;
  };
  /** Null if it is not in quarantine. */
  readonly entry: (ListedEntry & { readonly leased_until?: string }) | null;
  readonly payload: ShownPayload;
};

/** Of the record whose receipt is void. */
export const whatVoidMeans = 'has not come; an id that it would have made was given to another record';

export type ShownPayload = {
  readonly bucket: string;
  readonly key: string;
  /** Null if the bucket does not have it, or no longer. */
  readonly bytes: number | null;
  readonly header?: EnvelopeHeader;
  readonly decodes?: boolean;
  /** Why it does not decode. */
  readonly fault?: string;
  /** In their order; null for one that has none. */
  readonly event_ids?: readonly (string | null)[];
  readonly events?: readonly unknown[];
};

export function toShownReceipt({ receipt }: FoundRecord): ShownRecord['receipt'] {
  const { state, accepted, stored, duplicates, conflicts } = receipt;
  return {
    state,
    accepted,
    stored,
    duplicates,
    conflicts,
    received_at: iso(receipt.receivedAtMs),
    ...(state !== 'void' && {
      [state === 'discarded' ? 'quarantined_at' : 'state_since']: iso(receipt.storedAtMs),
    }),
    expires_at: iso(receipt.expiresAtMs),
  };
}

export function toShownEntry({ entry }: FoundRecord, nowMs: number): ShownRecord['entry'] {
  if (!entry) return null;
  const isLeased = entry.leaseUntilMs > nowMs;
  return { ...toListed(entry), ...(isLeased && { leased_until: iso(entry.leaseUntilMs) }) };
}

export function toShownContent(data: Uint8Array, withEvents: boolean): Partial<ShownPayload> {
  try {
    const { header, events } = decodeEnvelope(data);
    return {
      header,
      decodes: true,
      event_ids: events.map(idOf),
      ...(withEvents && { events }),
    };
  } catch (error) {
    if (!(error instanceof UnreadableEnvelope)) throw error;
    return { ...(error.header && { header: error.header }), decodes: false, fault: error.message };
  }
}

/** A record that makes our code fail may hold things that are no events. */
const idOf = (event: AcceptedEvent | null): string | null =>
  typeof event?.event_id === 'string' ? event.event_id : null;
