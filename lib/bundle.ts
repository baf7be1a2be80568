// Bundles every function in one call of esbuild, once a process, however many stages are synthesized. A construct
// that bundles by itself (NodejsFunction) starts a bundler for each function.
// The bundle is what runs: the SDK is inside, so that a function does not change when its runtime does.

import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { Code } from 'aws-cdk-lib/aws-lambda';
import { buildSync } from 'esbuild';
import { type FunctionCode, functionVerbs } from './function-code.ts';

const projectDirectory = join(import.meta.dirname, '..');

export type BundleFolders = {
  /** Holds `<verb>/handler.ts`. */
  readonly sources: string;
  /** Receives `<verb>/index.mjs` and its source map. */
  readonly output: string;
};

/** Of this process, because two may synthesize at once; inside the project, because maps name sources relatively. */
const defaultFolders: BundleFolders = {
  sources: join(projectDirectory, 'lambdas'),
  output: join(projectDirectory, '.weir', 'bundles', String(process.pid)),
};

/** Throws what esbuild says where a handler is missing or does not compile. */
export function bundleFunctions(folders: BundleFolders = defaultFolders): void {
  buildSync({
    absWorkingDir: projectDirectory,
    entryPoints: functionVerbs.map((verb) => ({
      in: join(folders.sources, verb, 'handler.ts'),
      out: join(verb, 'index'),
    })),
    outdir: folders.output,
    outExtension: { '.js': '.mjs' },
    bundle: true,
    platform: 'node',
    target: 'node24',
    format: 'esm',
    mainFields: ['module', 'main'],
    minify: true,
    // The map lies beside the code for readable stack traces; it names the sources and does not hold them.
    sourcemap: 'linked',
    sourcesContent: false,
    // What esbuild has to say is in the error that it throws.
    logLevel: 'silent',
  });
}

/** Bundles at the first function that is asked for, and never again. */
export function bundledCode(folders: BundleFolders = defaultFolders): FunctionCode {
  let bundled = false;
  process.once('exit', () => rmSync(folders.output, { recursive: true, force: true }));
  return (verb) => {
    if (!bundled) bundleFunctions(folders);
    bundled = true;
    // The asset is copied right here; nothing refers to the folder afterwards.
    return Code.fromAsset(join(folders.output, verb));
  };
}
