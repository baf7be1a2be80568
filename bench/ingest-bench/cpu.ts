// CPU time of several works, in microseconds. They are measured in turns, so that a slow moment of the machine slows all
// of them. The result is the median of the turns.

const turns = 15;
/** Not measured: an instance of a function handles requests for hours, and the compiler optimizes in the first seconds. */
const warmTurns = 20;
/** Each work runs `runsPerTurn` times in so many turns. */
export const allTurns = warmTurns + turns;

export type Work = { readonly name: string; readonly run: () => unknown };

/** Returns microseconds per run, by name. */
export async function cpuMicros(works: readonly Work[], runsPerTurn: number): Promise<Map<string, number>> {
  const samples = new Map<string, number[]>(works.map(({ name }) => [name, []]));
  for (let turn = -warmTurns; turn < turns; turn += 1) {
    for (const { name, run } of works) {
      const before = process.cpuUsage();
      for (let done = 0; done < runsPerTurn; done += 1) await run();
      const { user, system } = process.cpuUsage(before);
      if (turn >= 0) samples.get(name)?.push((user + system) / runsPerTurn);
    }
  }
  return new Map([...samples].map(([name, values]) => [name, median(values)]));
}

export function median(values: readonly number[]): number {
  const sorted = values.toSorted((left, right) => left - right);
  return sorted[Math.floor(sorted.length / 2)] ?? 0;
}
