// AWS limits the items of a call: cuts a list into chunks, and works through it with bounded concurrency.

export function* inChunks<T>(items: readonly T[], size: number): Generator<T[]> {
  for (let first = 0; first < items.length; first += size) yield items.slice(first, first + size);
}

/**
 * Results are in the order of the items. After a failure no call begins, and it rejects once the calls in flight have
 * ended.
 */
export async function mapBounded<T, R>(
  items: readonly T[],
  atOnce: number,
  work: (item: T) => Promise<R>,
): Promise<R[]> {
  const results = new Array<R>(items.length);
  const queue = items.entries();
  let isOver = false;
  const run = async () => {
    for (const [index, item] of queue) {
      if (isOver) return;
      try {
        results[index] = await work(item);
      } catch (error) {
        isOver = true;
        throw error;
      }
    }
  };
  const runs = await Promise.allSettled(Array.from({ length: Math.min(atOnce, items.length) }, run));
  const failed = runs.find((run) => run.status === 'rejected');
  if (failed) throw failed.reason;
  return results;
}
