// What arrives of an account, and what that costs.

import type { Intake } from '../documents/intake.ts';
import { unitsOfIntake } from '../limits/batch-weight.ts';
import { hourMs, secondMs } from '../system/time.ts';

/** Each a second. */
export type Load = { readonly events: number; readonly records: number; readonly bytes: number };

export const noLoad: Load = { events: 0, records: 0, bytes: 0 };

export const addLoad = (a: Load, b: Load): Load => ({
  events: a.events + b.events,
  records: a.records + b.records,
  bytes: a.bytes + b.bytes,
});

export const loadOf = ({ received, records, bytes }: Intake, forMs: number): Load => {
  const seconds = forMs / secondMs;
  return { events: received / seconds, records: records / seconds, bytes: bytes / seconds };
};

/**
 * List prices on demand in us-east-1, November 2026, in dollars: a request of a REST API, a gigabyte into and out of a
 * stream, and a write unit of DynamoDB.
 */
const prices = { request: 3.5e-6, streamGigabyte: 0.08 + 0.04, writeUnit: 0.625e-6 } as const;
/** A stream on demand bills each record rounded up. */
const leastBilledBytes = 1024;

/**
 * An estimate of what grows with the events: requests, stream and writes, without functions, storage and reads. A record
 * counts as a request, because most batches are one record. Writes are those of events with random ids, the dearest.
 */
export function dollarsPerHour({ events, records, bytes }: Load): number {
  const billedBytes = Math.max(bytes, records * leastBilledBytes);
  const eachSecond =
    records * prices.request +
    (billedBytes / 1e9) * prices.streamGigabyte +
    unitsOfIntake({ received: events, records, bytes }) * prices.writeUnit;
  return eachSecond * (hourMs / secondMs);
}
