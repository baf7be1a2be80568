// Sees to it that npm's scripts run on Node 24, or says clearly what is missing before anything fails obscurely.
// Plain JavaScript: it has to run on any Node. npm puts `node_modules/.bin` first on the path of scripts, and npm 10
// does not link the `node` of an optional package there where a sibling for another processor was passed over: then
// the link is made here.

import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, rmSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';

const needed = 24;
const found = Number(process.versions.node.split('.')[0]);
const modules = join(import.meta.dirname ?? new URL('.', import.meta.url).pathname, '..', 'node_modules');
const brought = join(`node-${process.platform}-${process.arch}`, 'bin', 'node');
const link = join(modules, '.bin', 'node');

function linkBroughtNode() {
  if (!existsSync(join(modules, brought))) return false;
  mkdirSync(join(modules, '.bin'), { recursive: true });
  rmSync(link, { force: true });
  symlinkSync(join('..', brought), link);
  if (spawnSync(link, ['--version']).status === 0) return true;
  rmSync(link);
  return false;
}

if (found < needed && !linkBroughtNode()) {
  console.error(
    `Weir runs on Node ${needed} or newer; this is ${process.versions.node} (${process.platform}-${process.arch}).
On Linux (x64 or arm64, with glibc) "npm ci" brings Node ${needed} along for every npm script: run "npm ci" again,
without --omit=optional. On other systems install Node ${needed} and run the command again.`,
  );
  process.exit(1);
}
