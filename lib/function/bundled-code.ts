// The bundles as the CDK wants them: assets. Apart from the bundling itself, because loading the CDK takes longer.

import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { Code } from 'aws-cdk-lib/aws-lambda';
import { type BundleFolders, bundleFunctions } from './bundle.ts';
import type { FunctionCode } from './weir-function.ts';

/** Two may synthesize at once; inside the project, because source maps name sources relatively. */
const folderOfThisProcess = join(import.meta.dirname, '..', '..', '.weir', 'bundles', String(process.pid));

/** Bundles at the first function that is asked for, and never again. */
export function bundledCode(folders: BundleFolders = { output: folderOfThisProcess }): FunctionCode {
  let bundled = false;
  process.once('exit', () => rmSync(folders.output, { recursive: true, force: true }));
  return (verb) => {
    if (!bundled) bundleFunctions(folders);
    bundled = true;
    // The asset is copied right here; nothing refers to the folder afterwards.
    return Code.fromAsset(join(folders.output, verb));
  };
}
