// Tools that are Python packages. Each is installed once, at a pinned release, into a virtual environment of its own in
// `.weir`.

import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';

/** The exit code of a script whose tool cannot be installed. */
export const notInstallable = 3;

/** There is no Python, or PyPI is not reachable. Any other error is a failure. */
export class NotInstalled extends Error {
  override readonly name = 'NotInstalled';
}

/** Returns the path of the package's program, which has the name of the package. */
export function installTool(name: string, version: string): string {
  const folder = join(import.meta.dirname, '..', '..', '.weir', 'python', `${name}-${version}`);
  const program = join(folder, 'bin', name);
  if (existsSync(program)) return program;
  console.error(`Installing ${name} ${version} into .weir/python, once.`);
  const hasVenv = 'import sys, venv, ensurepip; sys.exit(sys.version_info < (3, 10))';
  run('python3', ['-c', hasVenv], () => true);
  run('python3', ['-m', 'venv', folder], () => false);
  run(
    join(folder, 'bin', 'pip'),
    ['install', '--quiet', '--disable-pip-version-check', `${name}==${version}`],
    // For an unknown release pip lists the known ones. Without PyPI it lists none.
    (output) => output.includes('(from versions: none)'),
  );
  return program;
}

function run(command: string, args: readonly string[], isNotInstallable: (output: string) => boolean): void {
  const { status, error, stderr, stdout } = spawnSync(command, args, { encoding: 'utf8' });
  if (status === 0) return;
  const output = (error?.message ?? (stderr || stdout)).trim();
  const message = `${command} ${args.join(' ')} failed. It needs Python 3.10 or newer with venv, and PyPI.\n${output}`;
  throw isNotInstallable(output) ? new NotInstalled(message) : new Error(message);
}
