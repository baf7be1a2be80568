// AWS takes many items a call, but not any number: cut a list to size and work through it a few calls at a time.

export function* inChunks<T>(items: readonly T[], size: number): Generator<T[]> {
  for (let first = 0; first < items.length; first += size) yield items.slice(first, first + size);
}

/** Keeps the order of the answers; the first failure rejects once the calls under way have ended. */
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
