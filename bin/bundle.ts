// Bundles the functions into a folder: `node bin/bundle.ts FOLDER`. Exit codes: 0 done, 1 a source does not compile,
// 2 no folder given.

import { resolve } from 'node:path';
import { bundleFunctions } from '../lib/function/bundle.ts';

const [folder] = process.argv.slice(2);
if (folder === undefined) {
  console.error('Usage: node bin/bundle.ts FOLDER');
  process.exit(2);
}
try {
  bundleFunctions({ output: resolve(folder) });
} catch (error) {
  console.error((error as Error).message);
  process.exitCode = 1;
}
