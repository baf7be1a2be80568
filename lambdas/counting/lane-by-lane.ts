// Work that is done for each lane by itself, so that a lane whose tables do not answer does not stop the others.

import { type Lane, laneKey } from '../../domain/keys.ts';
import { mapBounded } from '../../domain/system/bounded.ts';
import { Unavailable } from '../../domain/system/unavailable.ts';

const lanesAtOnce = 8;

/**
 * Returns the error of each lane that failed, or that there was no time for, by lane key. Any error but Unavailable is a
 * bug and is thrown.
 */
export async function laneByLane<T>(
  items: readonly T[],
  laneOf: (item: T) => Lane,
  work: (ofLane: readonly T[]) => Promise<void>,
  hasTime: () => boolean,
): Promise<ReadonlyMap<string, Unavailable>> {
  const failed = new Map<string, Unavailable>();
  const byLane = Map.groupBy(items, (item) => laneKey(laneOf(item)));
  await mapBounded([...byLane], lanesAtOnce, async ([lane, ofLane]) => {
    try {
      if (!hasTime()) throw new Unavailable('A lane was not begun.');
      await work(ofLane);
    } catch (error) {
      if (!(error instanceof Unavailable)) throw error;
      failed.set(lane, error);
    }
  });
  return failed;
}

/**
 * For a call that failed for all lanes together: a partition that throttles every try may be of one tenant. If the first
 * lanes all fail, too, it is an outage, and the others are not tried: an attempt must not take minutes, because alarms
 * count attempts.
 */
export function retryLaneByLane<T>(
  items: readonly T[],
  laneOf: (item: T) => Lane,
  work: (ofLane: readonly T[]) => Promise<void>,
  hasTime: () => boolean,
): Promise<ReadonlyMap<string, Unavailable>> {
  let [succeeded, failed] = [0, 0];
  const counted = async (ofLane: readonly T[]) => {
    try {
      await work(ofLane);
      succeeded += 1;
    } catch (error) {
      failed += 1;
      throw error;
    }
  };
  const isOutage = () => succeeded === 0 && failed >= lanesAtOnce;
  return laneByLane(items, laneOf, counted, () => hasTime() && !isOutage());
}
