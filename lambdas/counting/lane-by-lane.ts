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
      if (!hasTime()) throw new Unavailable('There is no time left for a lane.');
      await work(ofLane);
    } catch (error) {
      if (!(error instanceof Unavailable)) throw error;
      failed.set(lane, error);
    }
  });
  return failed;
}
