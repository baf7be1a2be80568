// Where the time of a processor goes, in microseconds an event. Everything is measured in turns, so that what slows
// the machine for a moment slows all of it, and the median of the turns is told.

const turns = 15;
/** The first ones are for the compiler. */
const warmTurns = 2;
/** How often `runsPerTurn` runs are made of each work. */
export const allTurns = warmTurns + turns;

export type Work = { readonly name: string; readonly run: () => unknown };

/** Microseconds a run, by name. */
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
