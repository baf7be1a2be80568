// Many items in calls of bounded size, so many at once. Each call begins in a turn of its own: it is under way while the
// items of the next one are made, which costs as much CPU as the call takes.

import { setImmediate as nextTurn } from 'node:timers/promises';
import { inChunks, mapBounded } from '../../domain/system/bounded.ts';

export type CallBounds = { readonly items: number; readonly atOnce: number };

/** Results are in the order of the items. */
export async function inCalls<T, R>(
  items: readonly T[],
  bounds: CallBounds,
  call: (some: readonly T[]) => Promise<readonly R[]>,
): Promise<R[]> {
  let begun = 0;
  const results = await mapBounded([...inChunks(items, bounds.items)], bounds.atOnce, async (some) => {
    begun += 1;
    if (begun > 1) await nextTurn();
    return call(some);
  });
  return results.flat();
}
