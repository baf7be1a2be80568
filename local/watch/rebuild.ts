// Bundles the functions again and gives those whose code has changed to the running twin. The bundler is the
// project's own, in a process of its own, so that what runs here is what would be deployed.

import { execFile } from 'node:child_process';
import { existsSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';

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
/** Environments that are just starting may still read from one of the last. */
const keptBuilds = 3;

export class Rebuild {
  private readonly project: string;
  private readonly folder: string;
  private builds = 0;

  /** `folder` is this process's alone, and inside the project: source maps name sources relatively. */
  constructor(project: string, folder: string) {
    this.project = project;
    this.folder = folder;
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

  private bundle(output: string): Promise<void> {
    const { project } = this;
    return new Promise((resolve, reject) => {
      execFile(process.execPath, ['bin/bundle.ts', output], { cwd: project }, (error, stdout, stderr) =>
        error === null
          ? resolve()
          : reject(new RebuildFailed(stderr.trim() || stdout.trim() || error.message)),
      );
    });
  }

  private forgetOldBuilds(used: readonly string[]): void {
    for (const name of readdirSync(this.folder)) {
      const build = join(this.folder, name);
      const isUsed = used.some((folder) => folder.startsWith(join(build, '/')));
      if (Number(name) <= this.builds - keptBuilds && !isUsed) rmSync(build, { recursive: true });
    }
  }
}

function isSame(path: string, other: string): boolean {
  return existsSync(path) && existsSync(other) && readFileSync(path).equals(readFileSync(other));
}
