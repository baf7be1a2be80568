// Runs one of the project's programs to its end. It has its own process group, so that a Ctrl-C in the terminal reaches
// only the twin, which waits for the program or ends it.

import { spawn } from 'node:child_process';

export type ProgramRun = { readonly succeeded: boolean; readonly said: string };

export type ProgramOptions = {
  readonly folder: string;
  readonly environment?: Readonly<Record<string, string | undefined>>;
  /** Ends the program. */
  readonly signal?: AbortSignal;
};

/** `said` is what it wrote to stderr, or else to stdout. */
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
