// The processes of this machine, as `ps` lists them: what a test has to find gone.

import { execFileSync } from 'node:child_process';

export type RunningProcess = { readonly pid: number; readonly parent: number; readonly command: string };

function runningProcesses(): readonly RunningProcess[] {
  return execFileSync('ps', ['-A', '-o', 'pid=,ppid=,stat=,command='], { encoding: 'utf8' })
    .split('\n')
    .flatMap((line) => {
      const [, pid, parent, state, command] = /^\s*(\d+)\s+(\d+)\s+(\S+)\s+(.*)$/.exec(line) ?? [];
      // One that has ended and was not yet fetched by its parent is gone for our purpose.
      if (command === undefined || state?.startsWith('Z')) return [];
      return [{ pid: Number(pid), parent: Number(parent), command }];
    });
}

/** Everything that this process started, and what that started in turn. */
export function descendantsOf(pid: number): readonly RunningProcess[] {
  const all = runningProcesses();
  const below = (parent: number): readonly RunningProcess[] =>
    all.filter((each) => each.parent === parent).flatMap((each) => [each, ...below(each.pid)]);
  return below(pid);
}
