// Bundles the functions again and gives the changed ones to the running twin. It runs the project's own bundler in a
// separate process, so that what runs here is what would be deployed.

import { existsSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { isRunning } from '../../cli/running-twin.ts';
import { runProgram } from '../run-program.ts';

/** The part of the twin that takes new code. */
export type CodeHolder = {
  /** The folder that each function's code comes from, by verb. */
  codeFolders(): Readonly<Record<string, string>>;
  replaceCode(functionVerb: string, folder: string): void;
};

export class RebuildFailed extends Error {
  override readonly name = 'RebuildFailed';
}

const bundleFile = 'index.mjs';
/** Environments that are starting may still read from one of the last builds. */
const keptBuilds = 3;

export class Rebuild {
  private readonly project: string;
  private readonly folder: string;
  private readonly signal: AbortSignal;
  private builds = 0;

  /** `folder` is inside the project, because source maps name sources relatively; each process has its own in it. */
  constructor(project: string, folder: string, signal: AbortSignal) {
    this.project = project;
    this.folder = join(folder, String(process.pid));
    this.signal = signal;
    forgetOthers(folder);
  }

  /** Resolves to the functions that run other code now. Rejects with RebuildFailed; all code stays then. */
  async run(holder: CodeHolder): Promise<readonly string[]> {
    this.builds += 1;
    const build = join(this.folder, String(this.builds));
    await this.bundle(build);
    const folders = holder.codeFolders();
    const changed = Object.keys(folders).filter(
      (verb) => !isSame(join(build, verb, bundleFile), join(folders[verb] ?? '', bundleFile)),
    );
    for (const verb of changed) holder.replaceCode(verb, join(build, verb));
    this.forgetOldBuilds(Object.values(holder.codeFolders()));
    return changed;
  }

  end(): void {
    rmSync(this.folder, { recursive: true, force: true });
  }

  private async bundle(output: string): Promise<void> {
    const { project, signal } = this;
    const run = await runProgram(process.execPath, ['bin/bundle.ts', output], { folder: project, signal });
    if (!run.succeeded) throw new RebuildFailed(run.said);
  }

  private forgetOldBuilds(used: readonly string[]): void {
    for (const name of readdirSync(this.folder)) {
      const build = join(this.folder, name);
      const isUsed = used.some((folder) => folder.startsWith(join(build, '/')));
      if (Number(name) <= this.builds - keptBuilds && !isUsed) rmSync(build, { recursive: true });
    }
  }
}

/** Removes the builds of processes that were killed. */
function forgetOthers(folder: string): void {
  if (!existsSync(folder)) return;
  for (const pid of readdirSync(folder))
    if (!isRunning(Number(pid))) rmSync(join(folder, pid), { recursive: true, force: true });
}

function isSame(path: string, other: string): boolean {
  return existsSync(path) && existsSync(other) && readFileSync(path).equals(readFileSync(other));
}
