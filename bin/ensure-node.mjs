// Makes npm scripts run on Node 24, or says what is missing before anything fails obscurely. Plain JavaScript, because it
// must run on any Node. npm puts `node_modules/.bin` first on the PATH of scripts. npm 10 does not link the `node` of an
// optional package there if it skipped the package for another processor: then this script makes the link.

import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, rmSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';

const needed = 24;
const found = Number(process.versions.node.split('.')[0]);
const modules = join(import.meta.dirname ?? new URL('.', import.meta.url).pathname, '..', 'node_modules');
const packagedNode = join(`node-${process.platform}-${process.arch}`, 'bin', 'node');
const link = join(modules, '.bin', 'node');

function linkPackagedNode() {
  if (!existsSync(join(modules, packagedNode))) return false;
  mkdirSync(join(modules, '.bin'), { recursive: true });
  rmSync(link, { force: true });
  symlinkSync(join('..', packagedNode), link);
  if (spawnSync(link, ['--version']).status === 0) return true;
  rmSync(link);
  return false;
}

if (found < needed && !linkPackagedNode()) {
  console.error(
    `Weir runs on Node ${needed} or newer; this is ${process.versions.node} (${process.platform}-${process.arch}).
On Linux (x64 or arm64, with glibc) "npm ci" installs Node ${needed} for the npm scripts: run "npm ci" again, without
--omit=optional. On other systems install Node ${needed} and run the command again.`,
  );
  process.exit(1);
}
