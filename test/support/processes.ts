// The processes of this machine, from `ps`, for tests that expect processes to end.

import { execFileSync } from 'node:child_process';

export type RunningProcess = { readonly pid: number; readonly parent: number; readonly command: string };

function runningProcesses(): readonly RunningProcess[] {
  return execFileSync('ps', ['-A', '-o', 'pid=,ppid=,stat=,command='], { encoding: 'utf8' })
    .split('\n')
    .flatMap((line) => {
      const [, pid, parent, state, command] = /^\s*(\d+)\s+(\d+)\s+(\S+)\s+(.*)$/.exec(line) ?? [];
      // A zombie has ended; only its parent has not noticed yet.
      if (command === undefined || state?.startsWith('Z')) return [];
      return [{ pid: Number(pid), parent: Number(parent), command }];
    });
}

/** The children of a process, their children, and so on. */
export function descendantsOf(pid: number): readonly RunningProcess[] {
  const all = runningProcesses();
  const below = (parent: number): readonly RunningProcess[] =>
    all.filter((each) => each.parent === parent).flatMap((each) => [each, ...below(each.pid)]);
  return below(pid);
}

export function stillRunning(pids: readonly number[]): readonly RunningProcess[] {
  return runningProcesses().filter(({ pid }) => pids.includes(pid));
}
