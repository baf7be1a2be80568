// What an account has last sent to each of its lanes. Ingest notes it with what it charges, before the batch is on the stream,
// so that a reader knows whether a lane has counted all that was sent to it: see domain/reading/as-of.ts.

import { type Lane, laneOfStreamKey } from '../keys.ts';
import { secondMs } from '../system/time.ts';

/** When the last batch was received, and the one before it: 0 if there was none. By the name of the lane. */
export type Sent = Readonly<Record<string, { readonly lastMs: number; readonly beforeMs: number }>>;

/** What is noted. `beforeMs` is absent where it is what the table has. */
export type Sending = Readonly<Record<string, { readonly lastMs: number; readonly beforeMs?: number }>>;

/** A request has 10 seconds, and a lease admits for one. After it, the batch is on the stream, or was not accepted. */
export const longestSendingMs = 15 * secondMs;

/** As the items of the ledger name it: it is part of names of attributes. */
export const nameOfLane = ({ slot, late }: Pick<Lane, 'slot' | 'late'>): string =>
  late ? `${slot}_late` : String(slot);

/** Nothing of a batch that is sent again with its idempotency key: its first attempt was noted. */
export function sendingOf(
  records: readonly { readonly partitionKey: string }[],
  receivedAtMs: number,
  nowMs: number,
): Sending {
  if (nowMs > receivedAtMs + longestSendingMs) return {};
  const lanes = records.flatMap(({ partitionKey }) => laneOfStreamKey(partitionKey) ?? []);
  return Object.fromEntries(lanes.map((lane) => [nameOfLane(lane), { lastMs: receivedAtMs }]));
}

/**
 * `left`: what is noted without what was never sent. `written`: what of that is not noted here, but in the table. What was
 * sent before the batch before is not known, so that one stands for both.
 */
export function sendingWithout(noted: Sending, never: Sending): { left: Sending; written: Sending } {
  const left = { ...noted };
  const written: Record<string, { readonly lastMs: number }> = {};
  for (const [lane, { lastMs }] of Object.entries(never)) {
    const last = noted[lane];
    if (last?.lastMs !== lastMs) {
      if (last?.beforeMs !== lastMs) written[lane] = { lastMs };
    } else if (last.beforeMs === undefined) delete left[lane];
    else left[lane] = { lastMs: last.beforeMs, beforeMs: last.beforeMs };
  }
  return { left, written };
}

export const sendingThen = (first: Sending, next: Sending): Sending => ({
  ...first,
  ...Object.fromEntries(
    Object.entries(next).map(([lane, { lastMs }]) => {
      const before = first[lane];
      return [lane, { lastMs, ...(before && { beforeMs: before.lastMs }) }];
    }),
  ),
});
