// The consumer: skip what is counted, store, count, and quarantine what cannot be stored. Any dependency may fail. The
// consumer keeps its records and retries until shortly before its timeout, and only then reports those it did not finish.
// So an outage of the tables uses few retries of the mapping, and a record that crashes the function uses many. What only
// one lane is refused leaves the stream for the bucket, so that its shard goes on. Meanwhile the consumer folds runs that
// were due before. That never fails the invocation: what they fold is counted already.

import type { KinesisStreamBatchResponse, KinesisStreamEvent } from 'aws-lambda';
import { placeOf } from '../../domain/counting/receipt.ts';
import { laneKey, type Position } from '../../domain/keys.ts';
import { delivery } from '../../domain/record/delivery.ts';
import { laneOf, placeOfRecord } from '../../domain/record/record-id.ts';
import { metricNames } from '../../domain/service-levels/metrics.ts';
import type { Pause } from '../../domain/system/back-off.ts';
import { mapBounded } from '../../domain/system/bounded.ts';
import { type FoldDeps, foldRuns } from '../counting/fold-run.ts';
import type { Tallies } from '../counting/tallies.ts';
import { type DropDeps, withoutDeleted } from '../storing/deleted-accounts.ts';
import { deadLetterLane } from './dead-letter-lane.ts';
import type { PublishLag } from './publish-lag.ts';
import type { RefusedLanes } from './refused-lanes.ts';
import { type OpenRecords, type TryDeps, tryRecords } from './try-records.ts';
import { type OwnedRecord, openRecords, workLaneOf } from './wire.ts';

export type ConsumeDeps = TryDeps &
  DropDeps &
  FoldDeps & {
    readonly tallies: Tallies;
    readonly refusedLanes: RefusedLanes;
    readonly publishLag: PublishLag;
    /** Back-off while a dependency is unavailable, and while others write the same documents. */
    readonly pauses: { readonly unavailable: Pause; readonly contested: Pause };
  };

/** In one invocation, which waits for them. When an hour is over, a run is due in each lane at once. */
const mostFolds = 4;
const lettersAtOnce = 8;

const reserveMs = delivery.retryReserveSeconds * 1000;

export const createConsume =
  (deps: ConsumeDeps) =>
  async (event: KinesisStreamEvent, remainingMs: () => number): Promise<KinesisStreamBatchResponse> => {
    const takenMs = deps.clock.now();
    const hasTime = () => remainingMs() >= reserveMs;
    const opened = openRecords(event);
    let open = { ...opened, owned: await withoutDeleted(deps, opened.owned) };
    const { owned } = open;
    const left = () => [...open.unreadable, ...open.owned];
    const folding = foldDue(deps, owned);
    const publishing = deps.publishLag(opened.owned);
    try {
      for (let attempt = 0; ; attempt += 1) {
        open = { ...open, owned: await leaveOut(deps, open.owned) };
        if (left().length === 0) break;
        if (attempt > 0) {
          if (!hasTime()) break;
          measureHeld(deps, left().length);
          await deps.publishLag(open.owned);
          await pauseBefore(deps, attempt - 1, open);
        }
        const beganMs = deps.clock.now();
        const tried = await tryRecords(deps, open, { takenMs, hasTime });
        open = tried.open;
        // Without time, lanes have records left that nothing has refused.
        if (hasTime()) deps.refusedLanes.note(tried.lanes, beganMs, deps.clock.now());
      }
    } finally {
      await Promise.all([folding, publishing]);
    }
    return { batchItemFailures: left().map(({ sequenceNumber }) => ({ itemIdentifier: sequenceNumber })) };
  };

/** The records of lanes that are out leave the stream. Returns all others, and those that the bucket did not take. */
async function leaveOut(deps: ConsumeDeps, owned: readonly OwnedRecord[]): Promise<readonly OwnedRecord[]> {
  const nowMs = deps.clock.now();
  const out = owned.filter((record) => deps.refusedLanes.isOut(workLaneOf(record), nowMs));
  const gone = new Set<OwnedRecord>();
  await mapBounded([...Map.groupBy(out, workLaneOf).values()], lettersAtOnce, async (ofLane) => {
    if (await deadLetterLane(deps, ofLane)) for (const record of ofLane) gone.add(record);
  });
  return owned.filter((record) => !gone.has(record));
}

/** Shortly if only lanes are refused that will soon be left out: others wait for them. */
async function pauseBefore(deps: ConsumeDeps, attempt: number, { owned, unreadable }: OpenRecords) {
  const isShort =
    unreadable.length === 0 && owned.every((record) => deps.refusedLanes.isWaitedFor(workLaneOf(record)));
  await deps.pauses.unavailable(isShort ? 0 : attempt);
}

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
