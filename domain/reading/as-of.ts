// Up to when a lane has counted all that was sent to it: every batch that was answered before that is decided. A lane keeps the
// order in which the stream has acknowledged its records, so that all before a decided one are decided, too.

import { idempotencyKeyLifeMs } from '../idempotency/idempotency.ts';
import { longestSendingMs, type Sent } from '../limits/sent.ts';
import { delivery } from '../record/delivery.ts';
import { hourMs } from '../system/time.ts';

/**
 * What was received longer ago is decided, or is on no stream: it was put within the life of its idempotency key, and left
 * the stream by its age at the latest, after its last attempt.
 */
export const longestOpenMs =
  idempotencyKeyLifeMs + (delivery.mostRecordAgeHours + delivery.outlastsHours) * hourMs;

/** Undefined if nothing was. */
export type SentToLane = Sent[string] | 'unknown' | undefined;

export type LaneSeen = {
  /** Read before its receipts. */
  readonly sent: SentToLane;
  /** When the newest record was received that has a receipt. Undefined if none has. */
  readonly decidedMs: number | undefined;
};

/** `nowMs`: before anything was read. */
export function completeUntilMs({ sent, decidedMs: receiptMs = 0 }: LaneSeen, nowMs: number): number {
  if (sent === undefined) return nowMs;
  const decidedMs = Math.max(nowMs - longestOpenMs, receiptMs);
  if (sent === 'unknown') return Math.min(nowMs, decidedMs);
  const { lastMs, beforeMs } = sent;
  if (decidedMs < beforeMs) return decidedMs;
  // What was received at about the same time may be on the stream later.
  const isSettled = decidedMs >= lastMs && nowMs > lastMs + longestSendingMs;
  return isSettled ? nowMs : Math.min(nowMs, Math.max(lastMs, decidedMs));
}
