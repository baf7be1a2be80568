// The consumer: skip what is counted, store, count, and quarantine what cannot be stored. Any dependency may fail. The
// consumer keeps its records and retries until shortly before its timeout, and only then reports those it did not finish.
// So an outage of the tables uses few retries of the mapping, and a record that crashes the function uses many. Meanwhile it
// folds runs that were due before. That never fails the invocation: what they fold is counted already.

import type { KinesisStreamBatchResponse, KinesisStreamEvent } from 'aws-lambda';
import { placeOf } from '../../domain/counting/receipt.ts';
import { laneKey, type Position } from '../../domain/keys.ts';
import { delivery } from '../../domain/record/delivery.ts';
import { laneOf, placeOfRecord } from '../../domain/record/record-id.ts';
import { metricNames } from '../../domain/service-levels/metrics.ts';
import type { Pause } from '../../domain/system/back-off.ts';
import { type FoldDeps, foldRuns } from '../counting/fold-run.ts';
import type { Tallies } from '../counting/tallies.ts';
import { type TryDeps, tryRecords } from './try-records.ts';
import { type OwnedRecord, openRecords } from './wire.ts';

export type ConsumeDeps = TryDeps &
  FoldDeps & {
    readonly tallies: Tallies;
    /** Back-off while a dependency is unavailable, and while others write the same documents. */
    readonly pauses: { readonly unavailable: Pause; readonly contested: Pause };
  };

/** In one invocation, which waits for them. When an hour is over, a run is due in each lane at once. */
const mostFolds = 4;

const reserveMs = delivery.retryReserveSeconds * 1000;

export const createConsume =
  (deps: ConsumeDeps) =>
  async (event: KinesisStreamEvent, remainingMs: () => number): Promise<KinesisStreamBatchResponse> => {
    const takenMs = deps.clock.now();
    const hasTime = () => remainingMs() >= reserveMs;
    let open = openRecords(event);
    const { owned } = open;
    const left = () => [...open.unreadable, ...open.owned];
    const folding = foldDue(deps, owned);
    try {
      for (let attempt = 0; left().length > 0; attempt += 1) {
        if (attempt > 0) {
          if (!hasTime()) break;
          measureHeld(deps, left().length);
          await deps.pauses.unavailable(attempt - 1);
        }
        open = await tryRecords(deps, open, { takenMs, hasTime });
      }
    } finally {
      await folding;
    }
    return { batchItemFailures: left().map(({ sequenceNumber }) => ({ itemIdentifier: sequenceNumber })) };
  };

/** Published now: the invocation may go on for a quarter of an hour before its metrics are published. */
function measureHeld({ meter }: ConsumeDeps, records: number): void {
  meter.count(metricNames.heldRecords, records);
  meter.publish();
}

/** A run ends before the oldest record of its lane in this invocation, which may not have its receipt yet. */
async function foldDue(deps: ConsumeDeps, owned: readonly OwnedRecord[]): Promise<void> {
  const due = deps.tallies.takeDue(deps.clock.now(), mostFolds);
  if (due.length === 0) return;
  const low = new Map<string, Position>();
  for (const { header } of owned) {
    const name = laneKey(laneOf(header));
    const position = placeOf(placeOfRecord(header));
    const lowest = low.get(name);
    if (lowest === undefined || position < lowest) low.set(name, position);
  }
  const toFold = due.map((lane) => {
    const lowest = low.get(laneKey(lane));
    return { lane, ...(lowest !== undefined && { low: lowest }) };
  });
  for (const lane of await foldRuns(deps, toFold)) deps.tallies.lookAgain(lane);
}
