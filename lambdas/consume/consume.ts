// The consumer: skip what is counted, store, count, and quarantine what cannot be stored. Any dependency may fail. The
// consumer keeps its records and retries until shortly before its timeout, and only then reports those it did not finish.
// So an outage of the tables uses few retries of the mapping, and a record that crashes the function uses many.

import type { KinesisStreamBatchResponse, KinesisStreamEvent } from 'aws-lambda';
import { delivery } from '../../domain/record/delivery.ts';
import { metricNames } from '../../domain/service-levels/metrics.ts';
import type { Pause } from '../../domain/system/back-off.ts';
import { type TryDeps, tryRecords } from './try-records.ts';
import { openRecords } from './wire.ts';

export type ConsumeDeps = TryDeps & {
  /** Back-off while a dependency is unavailable, and while others write the same documents. */
  readonly pauses: { readonly unavailable: Pause; readonly contested: Pause };
};

const reserveMs = delivery.retryReserveSeconds * 1000;

export const createConsume =
  (deps: ConsumeDeps) =>
  async (event: KinesisStreamEvent, remainingMs: () => number): Promise<KinesisStreamBatchResponse> => {
    const takenMs = deps.clock.now();
    const hasTime = () => remainingMs() >= reserveMs;
    let open = openRecords(event);
    const left = () => [...open.unreadable, ...open.owned];
    for (let attempt = 0; left().length > 0; attempt += 1) {
      if (attempt > 0) {
        if (!hasTime()) break;
        measureHeld(deps, left().length);
        await deps.pauses.unavailable(attempt - 1);
      }
      open = await tryRecords(deps, open, { takenMs, hasTime });
    }
    return { batchItemFailures: left().map(({ sequenceNumber }) => ({ itemIdentifier: sequenceNumber })) };
  };

/** Published now: the invocation may go on for a quarter of an hour before its metrics are published. */
function measureHeld({ meter }: ConsumeDeps, records: number): void {
  meter.count(metricNames.heldRecords, records);
  meter.publish();
}
