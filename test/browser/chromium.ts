// The browser of this machine: Debian's or Chrome, whichever there is. It is installed where this may be done.

import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';

const paths = ['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome'];

/** Undefined where there is none, and none can be installed. */
export function findChromium(): string | undefined {
  const found = process.env.WEIR_CHROMIUM ?? paths.find((path) => existsSync(path));
  if (found !== undefined) return found;
  if (process.getuid?.() !== 0) return undefined;
  console.error('Installing chromium by apt-get, once.');
  for (const args of [['update'], ['install', '-y', '--no-install-recommends', 'chromium']])
    spawnSync('/usr/bin/apt-get', args, { stdio: ['ignore', 'ignore', 'inherit'] });
  return paths.find((path) => existsSync(path));
}
