// What became of tallied records, by their receipts.

import type { Lanes } from '../counting/port.ts';
import type { Receipt } from '../counting/receipt.ts';
import { laneKey, type Position, positionAfter, positionBefore } from '../keys.ts';
import { nameOfPlace, type RecordName } from '../record/record-id.ts';
import { inChunks, mapBounded } from '../system/bounded.ts';
import { minuteMs } from '../system/time.ts';
import type { TalliedRecord } from './sheet.ts';

/** Of a receipt, what the ledger needs. Many are held at once. */
export type Outcome = Pick<Receipt, 'state' | 'reason' | 'accepted' | 'stored' | 'duplicates' | 'conflicts'>;

/** With fewer records of a lane, receipts by key cost less than a range of them. */
const leastForRange = 50;
/** A batch that is sent again with its idempotency key was received up to a day before. Its receipt is read by key. */
const rangeMs = 30 * minuteMs;
const lanesAtOnce = 8;
/** A receipt holds up to 32 KB of a delta. */
const receiptsAtOnce = 1000;

/** Consistent. A record without a receipt is not in the answer. */
export async function readOutcomes(
  lanes: Pick<Lanes, 'receipts' | 'tail'>,
  records: Iterable<TalliedRecord>,
): Promise<ReadonlyMap<RecordName, Outcome>> {
  const wanted = new Map([...records].map((record) => [nameOfPlace(record), record]));
  const outcomes = new Map<RecordName, Outcome>();
  const keep = (receipts: readonly Receipt[]) => {
    for (const receipt of receipts) {
      const name = nameOfPlace(receipt);
      if (wanted.has(name)) outcomes.set(name, outcomeOf(receipt));
    }
  };
  const byKey: TalliedRecord[] = [];
  const ranges: TalliedRecord[][] = [];
  for (const ofLane of Map.groupBy(wanted.values(), ({ lane }) => laneKey(lane)).values()) {
    const newestMs = greatest(ofLane);
    const near = ofLane.filter(({ receivedAtMs }) => receivedAtMs > newestMs - rangeMs);
    const isRange = near.length >= leastForRange;
    if (isRange) ranges.push(near);
    byKey.push(
      ...(isRange ? ofLane.filter(({ receivedAtMs }) => receivedAtMs <= newestMs - rangeMs) : ofLane),
    );
  }
  await mapBounded(ranges, lanesAtOnce, (near) => readRange(lanes, near, keep));
  for (const some of inChunks(byKey, receiptsAtOnce)) keep(await lanes.receipts(some));
  return outcomes;
}

async function readRange(
  lanes: Pick<Lanes, 'tail'>,
  near: readonly TalliedRecord[],
  keep: (receipts: readonly Receipt[]) => void,
): Promise<void> {
  const [first] = near;
  if (!first) return;
  const oldestMs = near.reduce(
    (least, { receivedAtMs }) => Math.min(least, receivedAtMs),
    first.receivedAtMs,
  );
  const to = positionAfter(greatest(near));
  let after: Position | undefined = positionBefore(oldestMs);
  while (after !== undefined) {
    const page = await lanes.tail(first.lane, { after, to });
    keep(page.receipts);
    after = page.next;
  }
}

const greatest = (records: readonly TalliedRecord[]): number =>
  records.reduce((most, { receivedAtMs }) => Math.max(most, receivedAtMs), 0);

export const outcomeOf = ({ state, reason, accepted, stored, duplicates, conflicts }: Receipt): Outcome => ({
  state,
  ...(reason && { reason }),
  accepted,
  stored,
  duplicates,
  conflicts,
});

/** A void receipt is of a record that has not come: it is no outcome. */
export const isDecided = (outcome: Outcome | undefined): outcome is Outcome =>
  outcome !== undefined && outcome.state !== 'void';

/** Below 0 if the receipt has more events than were acknowledged. */
export function eventsWithoutOutcome({ events }: Pick<TalliedRecord, 'events'>, outcome?: Outcome): number {
  if (!isDecided(outcome)) return events;
  const { state, accepted, stored, duplicates, conflicts } = outcome;
  return events - (state === 'counted' ? stored + duplicates + conflicts : accepted);
}
