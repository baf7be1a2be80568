// What could not be stored is set aside whole: the payload in the bucket, a receipt that says so, and an entry in
// the list of its account. From there it is replayed, by itself or by an operator, or discarded.

import type { Tenant } from '../keys.ts';
import type { RecordId } from '../record/record-id.ts';
import { minuteMs, secondMs } from '../system/time.ts';

/**
 * undecodable: its header can be read and its events cannot. failed: our code threw at it. crashed: it ended the function
 * each time. outage: what is around was away for longer than the consumer may hold on.
 */
export const quarantineReasons = ['undecodable', 'failed', 'crashed', 'outage'] as const;
export type QuarantineReason = (typeof quarantineReasons)[number];

/** One record in the list of its account. Its payload lies in the bucket under `payloadName`. */
export type QuarantineEntry = {
  readonly tenant: Tenant;
  readonly record: RecordId;
  readonly reason: QuarantineReason;
  /** The name of the error, where one was thrown: its message may hold what a client sent. */
  readonly cause?: string;
  readonly requestId: string;
  readonly events: number;
  readonly receivedAtMs: number;
  readonly quarantinedAtMs: number;
  readonly expiresAtMs: number;
  /** How often it was replayed, with or without success, and until when somebody is at it. */
  readonly attempts: number;
  readonly leaseUntilMs: number;
};

/** Something that has to be done later, by whoever looks after the list next; done twice it does no harm. */
export type Job = {
  readonly kind: 'replay' | 'discard';
  readonly dueAtMs: number;
  readonly tenant: Tenant;
  readonly record: RecordId;
  readonly receivedAtMs: number;
};

/** The longest invocation of ours, and some: whoever began before a receipt was turned is done by then. */
export const longestInvocationMs = 16 * minuteMs;

/** The function that settles: how long it may take, and how often it looks for what nobody has told it of. */
export const settling = { timeoutSeconds: 300, sweepEveryMinutes: 5 } as const;

/** After whoever began before the receipt was turned; turning it may itself take as long as an invocation that settles. */
export const finishDiscardAfterMs = longestInvocationMs + settling.timeoutSeconds * secondMs;

/** What could not be finished makes way for what waits behind it. */
export const jobRetryAfterMs = 15 * minuteMs;

/** What a discarded record had claimed is free after this. */
export const claimsLinger = minuteMs;

/** What an outage parked is tried again after 5 min, 15, 45, 2 h and 7 h, and then waits for an operator. */
const firstReplayAfterMs = 5 * minuteMs;
const maxReplaysByItself = 5;

/** Undefined where it was tried often enough. */
export function nextReplayAfterMs(attempts: number): number | undefined {
  return attempts < maxReplaysByItself ? firstReplayAfterMs * 3 ** attempts : undefined;
}

/** Several times what a replay takes; whoever died with it is followed by another one. */
export const replayLeaseMs = longestInvocationMs + 30 * secondMs;

/** What an operator, or a job, asks of the function that settles: about one record. */
export type SettleRequest = {
  readonly action: 'replay' | 'discard';
  readonly tenant: Tenant;
  readonly record: RecordId;
  readonly receivedAtMs: number;
};

/**
 * stored: counted, and out of quarantine. discarded: the receipt says so, and what the record left is taken away later.
 * not_in_quarantine: counted or discarded meanwhile, or never there. busy: somebody else is at it. payload_gone: the
 * bucket has it no longer. unavailable: what is around is away, so nothing is known of the record. undecodable, failed: as before, so it stays.
 */
export type SettleAnswer =
  | {
      readonly outcome: 'stored';
      readonly stored: number;
      readonly duplicates: number;
      readonly conflicts: number;
    }
  | { readonly outcome: 'discarded' | 'not_in_quarantine' | 'busy' | 'payload_gone' | 'unavailable' }
  | { readonly outcome: 'undecodable' | 'failed'; readonly cause: string };
