// Up to when a lane has counted all that was sent to it: every batch that was answered before that is decided. A lane keeps the
// order in which the stream has acknowledged its records, so that all before a decided one are decided, too.

import { longestSendingMs, type Sent } from '../limits/sent.ts';
import { longestStreamMs } from '../storing/origin.ts';

/** Undefined if nothing was. */
export type SentToLane = Sent[string] | 'unknown' | undefined;

export type LaneSeen = {
  /** Read before its receipts. */
  readonly sent: SentToLane;
  /** When the newest record was received that has a receipt. Undefined if none has. */
  readonly decidedMs: number | undefined;
};

/** `nowMs`: before anything was read. */
export function completeUntilMs({ sent, decidedMs = 0 }: LaneSeen, nowMs: number): number {
  // Nothing is on a stream for longer.
  const leastMs = nowMs - longestStreamMs;
  if (sent === undefined) return nowMs;
  if (sent === 'unknown') return Math.min(nowMs, Math.max(leastMs, decidedMs));
  const { lastMs, beforeMs } = sent;
  if (lastMs < leastMs) return nowMs;
  if (decidedMs < beforeMs) return Math.max(leastMs, decidedMs);
  // What was received at about the same time may be on the stream later.
  const isSettled = decidedMs >= lastMs && nowMs > lastMs + longestSendingMs;
  return isSettled ? nowMs : Math.min(nowMs, Math.max(lastMs, decidedMs));
}
