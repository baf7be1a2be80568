// Within a lane, records are decided in the order of arrival: of two events with one id, the first one stays.

import { laneKey } from '../../domain/keys.ts';
import type { EnvelopeHeader } from '../../domain/record/envelope.ts';
import { laneOf } from '../../domain/record/record-id.ts';
import { Unavailable } from '../../domain/system/unavailable.ts';

type Open = { readonly outcome: 'open'; readonly error: Unavailable };

const isBehindOpen: Open = {
  outcome: 'open',
  error: new Unavailable('An earlier record of its lane is open: it may have the same ids.'),
};

/**
 * `work` gets the records that are left, and returns the results of at least the first of them. Once a record is open,
 * the later ones of its lane are open too. Other lanes do not wait for it.
 */
export async function inLaneOrder<
  Item extends { readonly header: EnvelopeHeader },
  Result extends { readonly outcome: string },
>(
  records: readonly Item[],
  work: (left: readonly Item[]) => Promise<readonly Result[]>,
): Promise<(Result | Open)[]> {
  const results = new Map<Item, Result>();
  const openLanes = new Set<string>();
  const nameOfLane = ({ header }: Item) => laneKey(laneOf(header));
  for (let left = records; left.length > 0; ) {
    const done = await work(left);
    for (const [index, result] of done.entries()) {
      const record = left[index] as Item;
      results.set(record, result);
      if (result.outcome === 'open') openLanes.add(nameOfLane(record));
    }
    left = left.slice(done.length).filter((record) => !openLanes.has(nameOfLane(record)));
  }
  return records.map((record) => results.get(record) ?? isBehindOpen);
}
