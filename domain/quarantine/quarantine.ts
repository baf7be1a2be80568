// A record that cannot be stored is quarantined whole: its payload goes to the failed-records bucket, its receipt
// says `quarantined`, and its tenant's list gets an entry. From there a job or an operator replays it, or an operator
// discards it.

import type { RecordPlace } from '../record/record-id.ts';
import { hourMs, minuteMs, secondMs } from '../system/time.ts';

/**
 * undecodable: the header can be read, the events cannot. newer_version: a later release wrote it. failed: our code
 * threw an error. crashed: the record ended the function at each attempt. outage: a dependency was unavailable for
 * longer than the consumer retries, or the tables refused the lane of the record alone.
 */
export const quarantineReasons = ['undecodable', 'newer_version', 'failed', 'crashed', 'outage'] as const;
export type QuarantineReason = (typeof quarantineReasons)[number];
/** Why storing fails if the record, or our own code, is at fault. */
export type StoringFailure = Exclude<QuarantineReason, 'crashed' | 'outage'>;
/** What mends itself: these are replayed automatically. */
export const passesByItself = (reason: QuarantineReason): boolean =>
  reason === 'outage' || reason === 'newer_version';

/** A quarantined record in the list of its tenant. Its payload is in the failed-records bucket under `payloadName`. */
export type QuarantineEntry = RecordPlace & {
  readonly batchId: string;
  readonly reason: QuarantineReason;
  /** The name of the error, if one was thrown. Never its message, which may contain what a client sent. */
  readonly cause?: string;
  readonly requestId: string;
  readonly events: number;
  readonly quarantinedAtMs: number;
  readonly expiresAtMs: number;
  /** How many replays began, by jobs or operators, successful or not. */
  readonly attempts: number;
  /** Until then another invocation may be working on the record. 0: none is. */
  readonly leaseUntilMs: number;
};

/**
 * Work that is due at a later time. The next sweep does it. To do it twice is harmless. expire: the payload is removed once
 * the events of its record would have expired, whatever has become of the record.
 */
export type Job = RecordPlace & {
  readonly kind: 'replay' | 'discard' | 'expire';
  readonly dueAtMs: number;
  /** How often it has begun, without the replays that an outage stopped. An operator's replays are not among them. */
  readonly tries: number;
  /** It has begun and not ended: it may have ended the function. */
  readonly isUnfinished: boolean;
};

/** A job that has not begun yet. */
export const newJob = (kind: Job['kind'], place: RecordPlace, dueAtMs: number): Job => ({
  kind,
  dueAtMs,
  lane: place.lane,
  record: place.record,
  receivedAtMs: place.receivedAtMs,
  tries: 0,
  isUnfinished: false,
});

/** Longer than any invocation: one that began before a receipt changed has ended after this time. */
export const longestInvocationMs = 16 * minuteMs;

/** The timeout of the function settle, and how often it sweeps. */
export const settling = { timeoutSeconds: 300, sweepEveryMinutes: 5 } as const;

/** Counted from the start of the discard, which may take the whole timeout of settle until it changes the receipt. */
export const finishDiscardAfterMs = longestInvocationMs + settling.timeoutSeconds * secondMs;

/** After this time, the event ids that a discarded record had claimed are free. */
export const claimGraceMs = minuteMs;

/**
 * Records quarantined after an outage are replayed after 5, 15, 45, 135 and 405 minutes, each counted from the try
 * before. Then they wait for an operator. A try that finds a dependency unavailable does not count.
 */
const firstReplayAfterMs = 5 * minuteMs;
const maxAutomaticReplays = 5;

/** Undefined once the automatic replays are used up. */
export function nextReplayAfterMs(tries: number): number | undefined {
  return tries < maxAutomaticReplays ? firstReplayAfterMs * 3 ** tries : undefined;
}
export const unavailableRetryAfterMs = 15 * minuteMs;

/**
 * Longer than any invocation. If an invocation dies with the lease, another one can take it after this time. A job is moved
 * by as much before it begins.
 */
export const replayLeaseMs = longestInvocationMs + 30 * secondMs;

/** A discard that begins just before the events expire still finds the payload, and so the pages that it deletes. */
export const payloadGraceMs = hourMs;

/** What an operator or a job asks settle to do with one record. */
export type SettleRequest = RecordPlace & { readonly action: 'replay' | 'discard' };

/**
 * stored: counted, and no longer in quarantine. discarded: the receipt says so; a job removes pages, claims and
 * payload. not_in_quarantine: counted or discarded meanwhile, or never quarantined. busy: another invocation holds
 * the lease. payload_gone: the payload is no longer in the bucket. unavailable: a dependency is unavailable, so
 * nothing is known of the record. undecodable, newer_version, failed: the replay ended as storing did, so the record
 * stays quarantined.
 */
export type SettleAnswer =
  | {
      readonly outcome: 'stored';
      readonly stored: number;
      readonly duplicates: number;
      readonly conflicts: number;
    }
  | { readonly outcome: 'discarded' | 'not_in_quarantine' | 'busy' | 'payload_gone' | 'unavailable' }
  | { readonly outcome: StoringFailure; readonly cause: string };
