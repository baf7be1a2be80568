// Tools that are Python packages: installed once, each into a virtual environment of its own in `.weir`, and at the
// one release that is named where they are used.

import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';

/** What a script that needs such a tool ends with where it cannot be had. */
export const notInstallable = 3;

/** There is no Python, or no registry of its packages. Whatever else fails is a failure. */
export class NotInstalled extends Error {
  override readonly name = 'NotInstalled';
}

/** The program of the package that has its name. */
export function installTool(name: string, version: string): string {
  const folder = join(import.meta.dirname, '..', '..', '.weir', 'python', `${name}-${version}`);
  const program = join(folder, 'bin', name);
  if (existsSync(program)) return program;
  console.error(`Installing ${name} ${version} into .weir/python, once.`);
  const canMakeOne = 'import sys, venv, ensurepip; sys.exit(sys.version_info < (3, 10))';
  run('python3', ['-c', canMakeOne], () => true);
  run('python3', ['-m', 'venv', folder], () => false);
  run(
    join(folder, 'bin', 'pip'),
    ['install', '--quiet', '--disable-pip-version-check', `${name}==${version}`],
    // Of a release that is not there pip lists the others; without a registry it knows of none.
    (said) => said.includes('(from versions: none)'),
  );
  return program;
}

function run(command: string, args: readonly string[], cannotBeHad: (said: string) => boolean): void {
  const { status, error, stderr, stdout } = spawnSync(command, args, { encoding: 'utf8' });
  if (status === 0) return;
  const said = (error?.message ?? (stderr || stdout)).trim();
  const message = `${command} ${args.join(' ')} failed. It needs Python 3.10 or newer with venv, and PyPI.\n${said}`;
  throw cannotBeHad(said) ? new NotInstalled(message) : new Error(message);
}
