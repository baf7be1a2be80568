// The bundles as CDK assets. Separate from bundle.ts, so that bundling does not load the CDK, which takes longer.

import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { Code } from 'aws-cdk-lib/aws-lambda';
import { type BundleFolders, bundleFunctions } from './bundle.ts';
import type { FunctionCode } from './weir-function.ts';

/** One for each process, because two may synthesize at once. In the project, because source maps use relative paths. */
const folderOfThisProcess = join(import.meta.dirname, '..', '..', '.weir', 'bundles', String(process.pid));

/** Bundles all functions when the first is asked for. */
export function bundledCode(folders: BundleFolders = { output: folderOfThisProcess }): FunctionCode {
  let bundled = false;
  process.once('exit', () => rmSync(folders.output, { recursive: true, force: true }));
  return (verb) => {
    if (!bundled) bundleFunctions(folders);
    bundled = true;
    // Copies the asset now: the folder is not needed afterwards.
    return Code.fromAsset(join(folders.output, verb));
  };
}
