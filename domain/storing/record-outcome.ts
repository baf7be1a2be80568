// What became of one stream record: stored, with its new events and how many of the others were seen before, or set
// aside. From it come its receipt and, in counting.ts, what changes in the documents.

import type { AcceptedEvent } from '../event/event.ts';
import type { Tenant } from '../keys.ts';
import type { ReceiptChange } from '../ports.ts';
import { nextReplayAfterMs, type QuarantineEntry, type QuarantineReason } from '../quarantine/quarantine.ts';
import type { EnvelopeHeader } from '../record/envelope.ts';
import { dayMs } from '../system/time.ts';
import { type Receipt, type RecordId, recordId } from './receipt.ts';

export type RecordFate = {
  readonly header: EnvelopeHeader;
  /** The events that this record brought first, as far as they are counted: many records wait for that at once. */
  readonly fresh: readonly CountedEvent[];
  readonly duplicates: number;
  readonly conflicts: number;
  /** Of the record on the stream. */
  readonly bytes: number;
  /** Its receipt where it was in quarantine until now. */
  readonly found?: Receipt;
  /** Why it goes into quarantine, whole, instead of being stored. */
  readonly setAside?: SetAside;
};

export type CountedEvent = Pick<AcceptedEvent, 'timestamp' | 'type' | 'service' | 'user_id'>;

export type SetAside = { readonly reason: QuarantineReason; readonly cause?: string };

/** Receipts and identities outlive events, so that the late end of one cannot be counted again. */
export const guardMs = 7 * dayMs;

export const recordIdOf = ({ batchId, part }: EnvelopeHeader): RecordId => recordId(batchId, part);
/** Tells records of all accounts apart. */
export type RecordName = `${string}#${string}#${RecordId}`;
export const recordName = ({ account, environment }: Tenant, record: RecordId): RecordName =>
  `${account}#${environment}#${record}`;
export const recordNameOf = (header: EnvelopeHeader): RecordName =>
  recordName(header.tenant, recordIdOf(header));
export const eventsExpireAtMs = (header: EnvelopeHeader): number =>
  header.receivedAtMs + header.retentionDays * dayMs;
export const guardsExpireAtMs = (header: EnvelopeHeader): number => eventsExpireAtMs(header) + guardMs;

export function receiptOf(
  { header, fresh, duplicates, conflicts, setAside }: RecordFate,
  nowMs: number,
): Receipt {
  return {
    tenant: header.tenant,
    record: recordIdOf(header),
    state: setAside ? 'quarantined' : 'counted',
    ...(setAside && { reason: setAside.reason }),
    accepted: header.events,
    stored: fresh.length,
    duplicates,
    conflicts,
    receivedAtMs: header.receivedAtMs,
    storedAtMs: nowMs,
    expiresAtMs: guardsExpireAtMs(header),
  };
}

/** The receipt on condition that it is as it was read, and what follows where the record is set aside. */
export function changeOf(fate: RecordFate, nowMs: number): ReceiptChange {
  const { header, found, setAside } = fate;
  const to = receiptOf(fate, nowMs);
  return { ...(found && { from: found }), to, ...(setAside && setAsideWith(header, setAside, nowMs)) };
}

function setAsideWith(
  header: EnvelopeHeader,
  setAside: SetAside,
  nowMs: number,
): Pick<ReceiptChange, 'entry' | 'chore'> {
  const { tenant, receivedAtMs, requestId, events } = header;
  const whose = { tenant, record: recordIdOf(header), receivedAtMs };
  const entry: QuarantineEntry = {
    ...whose,
    ...setAside,
    requestId,
    events,
    setAsideAtMs: nowMs,
    expiresAtMs: guardsExpireAtMs(header),
    attempts: 0,
    leaseUntilMs: 0,
  };
  const waitMs = setAside.reason === 'outage' ? nextReplayAfterMs(0) : undefined;
  return {
    entry,
    ...(waitMs !== undefined && { chore: { kind: 'replay', dueAtMs: nowMs + waitMs, ...whose } }),
  };
}
