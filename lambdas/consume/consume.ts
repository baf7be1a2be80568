// The consumer: skip what is counted, store, count, and set aside what cannot be. What is around may fail at any call;
// then the consumer holds on to the records and tries again until its time is nearly up, and only then reports the first
// it did not finish. So an outage of the tables uses up few attempts, and a record that crashes the function many.

import type { KinesisStreamBatchResponse, KinesisStreamEvent } from 'aws-lambda';
import { delivery } from '../../domain/record/delivery.ts';
import { metricNames } from '../../domain/service-levels/metrics.ts';
import type { Pause } from '../../domain/system/back-off.ts';
import { type TryDeps, tryRecords } from './try-records.ts';
import { openRecords } from './wire.ts';

export type ConsumeDeps = TryDeps & {
  /** Between tries of a dependency that is away, and of documents that others write at once. */
  readonly pauses: { readonly unavailable: Pause; readonly contested: Pause };
};

const reserveMs = delivery.holdReserveSeconds * 1000;

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
        hold(deps, left().length);
        await deps.pauses.unavailable(attempt - 1);
      }
      open = await tryRecords(deps, open, { takenMs, hasTime });
    }
    return { batchItemFailures: left().map(({ sequenceNumber }) => ({ itemIdentifier: sequenceNumber })) };
  };

/** Told while it lasts: the metrics of this invocation would come a quarter of an hour late. */
function hold({ meter }: ConsumeDeps, records: number): void {
  meter.count(metricNames.heldRecords, records);
  meter.publish();
}
