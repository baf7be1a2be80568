#!/usr/bin/env node
// The program of the package. Plain JavaScript, because it must run on any Node: on one that is too old it runs the Node
// that npm installs beside the package.

import { spawn } from 'node:child_process';
import { createRequire } from 'node:module';
import { fileURLToPath } from 'node:url';

const needed = 24;

// The bundle lies beside this file in the package.
const program = new URL('./main.mjs', import.meta.url);

if (Number(process.versions.node.split('.')[0]) >= needed) await import(program.href);
else {
  const name = `node-${process.platform}-${process.arch}`;
  let node;
  try {
    node = createRequire(import.meta.url).resolve(`${name}/bin/node`);
  } catch {
    console.error(
      `weir-twin runs on Node ${needed} or newer; this is ${process.versions.node}, and ${name} is not installed.
On Linux (x64 or arm64, with glibc) npm installs it with weir-twin, unless --omit=optional is given. On other systems
install Node ${needed} and run the command again.`,
    );
    process.exit(1);
  }
  const child = spawn(node, [fileURLToPath(program), ...process.argv.slice(2)], { stdio: 'inherit' });
  // The terminal sends Ctrl-C to both; the twin ends, and this process with it.
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, () => child.kill(signal));
  child.once('exit', (code, signal) => process.exit(code ?? (signal ? 1 : 0)));
}
