// The CPU time of the threads of a process and its children. On Linux only.

import { existsSync, readdirSync, readFileSync } from 'node:fs';

const ticksPerSecond = 100;

/** Seconds by thread name, summed over threads of the same name. Empty on other systems. */
export function processorSeconds(pid: number): ReadonlyMap<string, number> {
  const seconds = new Map<string, number>();
  if (!existsSync(`/proc/${pid}/task`)) return seconds;
  for (const process of [pid, ...childrenOf(pid)])
    for (const task of readdirSync(`/proc/${process}/task`)) {
      const { name, ticks } = readStat(`/proc/${process}/task/${task}/stat`);
      seconds.set(name, (seconds.get(name) ?? 0) + ticks / ticksPerSecond);
    }
  return seconds;
}

export function childrenOf(pid: number): readonly number[] {
  return readdirSync(`/proc/${pid}/task`).flatMap((task) =>
    readFileSync(`/proc/${pid}/task/${task}/children`, 'utf8').split(' ').filter(Boolean).map(Number),
  );
}

/** User and system time are the 14th and 15th fields. The name, in brackets, may contain blanks. */
function readStat(file: string): { readonly name: string; readonly ticks: number } {
  const text = readFileSync(file, 'utf8');
  const end = text.lastIndexOf(')');
  const fields = text.slice(end + 2).split(' ');
  return { name: text.slice(text.indexOf('(') + 1, end), ticks: Number(fields[11]) + Number(fields[12]) };
}

/** What each thread used between the two, divided by `by`: by seconds, it is how many processors. */
export function renderUse(
  before: ReadonlyMap<string, number>,
  after: ReadonlyMap<string, number>,
  by: number,
): string {
  const used = [...after]
    .map(([name, total]) => ({ name, use: (total - (before.get(name) ?? 0)) / by }))
    .sort((one, other) => other.use - one.use);
  const all = used.reduce((sum, { use }) => sum + use, 0);
  const most = used.filter(({ use }) => use >= all / 50);
  if (most.length === 0) return 'not available on this system';
  return `${most.map(({ name, use }) => `${name} ${use.toFixed(2)}`).join(', ')}, all ${all.toFixed(2)}`;
}
