// Tools that are Python packages: installed once, each into a virtual environment of its own in `.weir`, and at the
// one release that is named where they are used.

import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';

/** What a script that needs such a tool ends with where it cannot be had. */
export const notInstallable = 3;

export class NotInstalled extends Error {
  override readonly name = 'NotInstalled';
}

/** The program of the package that has its name. */
export function installTool(name: string, version: string): string {
  const folder = join(import.meta.dirname, '..', '..', '.weir', 'python', `${name}-${version}`);
  const program = join(folder, 'bin', name);
  if (existsSync(program)) return program;
  run('python3', ['-m', 'venv', folder]);
  run(join(folder, 'bin', 'pip'), [
    'install',
    '--quiet',
    '--disable-pip-version-check',
    `${name}==${version}`,
  ]);
  return program;
}

function run(command: string, args: readonly string[]): void {
  const { status, error, stderr, stdout } = spawnSync(command, args, { encoding: 'utf8' });
  if (status === 0) return;
  const said = (error?.message ?? (stderr || stdout)).trim();
  throw new NotInstalled(
    `${command} ${args.join(' ')} failed. It needs Python 3.10 or newer with venv, and PyPI.\n${said}`,
  );
}
