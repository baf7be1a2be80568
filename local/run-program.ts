// Runs one of the project's own programs to its end. It is in a group of its own: a Ctrl-C in the terminal is for the
// twin, which waits for it or ends it.

import { spawn } from 'node:child_process';

export type ProgramRun = { readonly succeeded: boolean; readonly said: string };

export type ProgramOptions = {
  readonly folder: string;
  readonly environment?: Readonly<Record<string, string | undefined>>;
  /** Ends it. */
  readonly signal?: AbortSignal;
};

/** `said` is what it complained of, or else what it printed. */
export function runProgram(
  program: string,
  args: readonly string[],
  { folder, environment = process.env, signal }: ProgramOptions,
): Promise<ProgramRun> {
  return new Promise((resolve) => {
    const child = spawn(program, args, {
      cwd: folder,
      env: environment,
      detached: true,
      stdio: ['ignore', 'pipe', 'pipe'],
      ...(signal && { signal }),
    });
    let printed = '';
    let complaint = '';
    child.stdout.setEncoding('utf8').on('data', (text: string) => {
      printed += text;
    });
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      complaint += text;
    });
    child.once('error', (error) => resolve({ succeeded: false, said: error.message }));
    child.once('close', (code) =>
      resolve({ succeeded: code === 0, said: complaint.trim() || printed.trim() }),
    );
  });
}

/** Whether a process with this id runs, whoever's it is. */
export function isRunning(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}
