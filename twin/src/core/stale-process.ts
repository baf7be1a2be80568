// A child process that outlives a killed twin holds its files. Its pid is written beside the data, and the next start
// ends it, but only if that pid is still the same program: pids are used again.

import { execFileSync } from 'node:child_process';
import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';

export class StaleProcessStays extends Error {
  override readonly name = 'StaleProcessStays';
}

export function rememberPid(pidFile: string, pid: number): void {
  writeFileSync(pidFile, `${pid}\n`);
}

export function forgetPid(pidFile: string): void {
  rmSync(pidFile, { force: true });
}

export async function endStaleProcess(pidFile: string, program: string, patienceMs = 3000): Promise<void> {
  const pid = rememberedPid(pidFile);
  if (pid === undefined || !commandOf(pid).includes(program)) return forgetPid(pidFile);
  process.kill(pid, 'SIGKILL');
  for (let waitedMs = 0; commandOf(pid).includes(program); waitedMs += 20) {
    if (waitedMs > patienceMs)
      throw new StaleProcessStays(
        `Process ${pid} (${program}) of an earlier run does not end. Stop it by hand.`,
      );
    await sleep(20);
  }
  forgetPid(pidFile);
}

/** The pid in the file, if a process with it runs and its command holds `program`. */
export function runningPid(pidFile: string, program: string): number | undefined {
  const pid = rememberedPid(pidFile);
  return pid !== undefined && commandOf(pid).includes(program) ? pid : undefined;
}

function rememberedPid(pidFile: string): number | undefined {
  try {
    const pid = Number(readFileSync(pidFile, 'utf8'));
    return Number.isInteger(pid) && pid > 1 ? pid : undefined;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
}

/** Empty where there is no such process. */
function commandOf(pid: number): string {
  try {
    if (process.platform === 'linux')
      return readFileSync(`/proc/${pid}/cmdline`, 'utf8').replaceAll('\0', ' ');
    return execFileSync('ps', ['-p', String(pid), '-o', 'command='], { encoding: 'utf8' });
  } catch {
    return '';
  }
}
