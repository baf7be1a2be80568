// npm does not forward every signal, and none when it is killed: ending `npm start` by its process id would leave the
// platform running. So a platform that npm started ends when npm has ended, also where npm's shell is between them: that
// shell waits for us, and does not notice.

import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { basename } from 'node:path';

const lookEveryMs = 500;

/** `script` is the file that npm runs: its shell has it in its command. */
export function onceNpmIsGone(script: string, then: () => void): void {
  if (process.env.npm_lifecycle_event === undefined) return;
  const shell = commandOf(process.ppid).includes(basename(script)) ? process.ppid : undefined;
  // It may have ended before we looked: loading us takes a second or more.
  if (isAdopted(shell === undefined ? process.ppid : parentOf(shell))) {
    then();
    return;
  }
  const parents = () => [process.ppid, ...(shell === undefined ? [] : [parentOf(shell)])].join();
  const before = parents();
  const timer = setInterval(() => {
    if (parents() === before) return;
    clearInterval(timer);
    then();
  }, lookEveryMs);
  timer.unref();
}

/** By process 1, or by what a session has for it. In a container npm may be process 1 itself. */
function isAdopted(parent: number | undefined): boolean {
  if (parent === undefined) return true;
  const command = commandOf(parent);
  const adopts = parent === 1 || /^(\S*\/)?(systemd|init|launchd)\b/.test(command);
  return adopts && !command.includes(process.env.npm_config_user_agent?.split('/')[0] ?? 'npm');
}

/** Undefined where there is no such process. Of one that has ended, the parent is another at once, npm's zombie or not. */
function parentOf(pid: number): number | undefined {
  // The command stands in brackets before it, and may hold anything.
  const stat = () => readFileSync(`/proc/${pid}/stat`, 'utf8').replace(/^.*\)/s, '');
  return attempt(() => Number(process.platform === 'linux' ? stat().split(' ')[2] : ps(pid, 'ppid=')));
}

function commandOf(pid: number): string {
  const command = () => readFileSync(`/proc/${pid}/cmdline`, 'utf8').replaceAll('\0', ' ');
  return attempt(() => (process.platform === 'linux' ? command() : ps(pid, 'command='))) ?? '';
}

const ps = (pid: number, column: string) =>
  execFileSync('ps', ['-p', String(pid), '-o', column], { encoding: 'utf8' });

function attempt<T>(look: () => T): T | undefined {
  try {
    return look();
  } catch {
    return undefined;
  }
}
